// A process that sends to many clients in one of three ways, and knows what that cost it.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Server } from 'socket.io';
import * as ws from 'ws';
import { runServer } from '../support/run-server.ts';
import { serve } from './workers.ts';

// Not in the published types, nor is a client's own sender: what sending to one client does, without making the frame anew.
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } };

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** Taskfeed as it is; a packet per event to all; WebSockets without anything, with one frame for all. */
export type Way = 'taskfeed' | 'emit' | 'ws';

interface Sending {
  url: string;
  /** Sends what a drain of these events would; Taskfeed does so by itself. */
  send(events: object[]): void;
  stop(): Promise<unknown>;
}

async function listen(http: HttpServer): Promise<number> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', 4_096, resolve));
  return (http.address() as AddressInfo).port;
}

const starts: Record<Way, (appUrl: string) => Promise<Sending>> = {
  taskfeed: async (appUrl) => {
    const running = await runServer({ name: 'bench', url: appUrl, appUrl, drop: async () => undefined });
    const url = `${running.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    return { url, send: () => undefined, stop: running.stop };
  },
  emit: async () => {
    const http = createServer();
    const io = new Server(http, { serveClient: false, perMessageDeflate: false });
    io.on('connection', (socket) => socket.emit('feed:ready', {}));
    const port = await listen(http);
    return {
      url: `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
      send: (events) => {
        for (const event of events) io.emit('task:updated', event);
      },
      stop: () => io.close(),
    };
  },
  ws: async () => {
    const http = createServer();
    const server = new ws.WebSocketServer({ server: http, perMessageDeflate: false });
    const port = await listen(http);
    return {
      url: `ws://127.0.0.1:${port}`,
      send: (events) => {
        const data = Buffer.from(`42["feed:batch",${JSON.stringify({ events })}]`);
        const options = { readOnly: false, mask: false, rsv1: false, opcode: 1, fin: true };
        const frame = Sender.frame(data, options);
        for (const client of server.clients) {
          (client as unknown as { _sender: { sendFrame(frame: Buffer[]): void } })._sender.sendFrame(frame);
        }
      },
      stop: async () => {
        for (const client of server.clients) client.terminate();
        server.close();
        http.close();
      },
    };
  },
};

let sending: Sending | undefined;

const handlers = {
  start: async (way: Way, appUrl: string) => {
    sending = await starts[way](appUrl);
    return sending.url;
  },
  /** What was collected is not counted. */
  memory: () => {
    collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss, used: heapUsed + external };
  },
  /** Of this process so far, µs. */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  send: (events: object[]) => sending?.send(events),
  stop: async () => {
    await sending?.stop();
    sending = undefined;
  },
};

export type FanOutServerHandlers = typeof handlers;
serve(handlers);

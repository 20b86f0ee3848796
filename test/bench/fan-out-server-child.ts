// A process that tells many clients of the same drains in one of three ways, and knows what that cost it.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Server } from 'socket.io';
import * as ws from 'ws';
import type { FeedEvent } from '../../src/feed/conflate.ts';
import type { Batch } from '../../src/feed/drain-session.ts';
import { Feed } from '../../src/feed/feed.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
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
  stop(): Promise<unknown>;
}

async function listen(http: HttpServer): Promise<number> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', 4_096, resolve));
  return (http.address() as AddressInfo).port;
}

/** The same drains as Taskfeed's, told by `tell`. */
async function drain(appUrl: string, tell: (batch: Batch) => void): Promise<Feed> {
  const day = 24 * 3_600_000;
  const limits = { bulkLimit: 5_000, safetyPollMs: 2_000, retentionMs: 7 * day, historyMs: 730 * day };
  const feed = new Feed({ connection: { connectionString: appUrl }, topics, actorName, ...limits });
  feed.listener.on('batch:drained', tell);
  await feed.start();
  return feed;
}

const toEvent = ({ topic, kind, row, change }: FeedEvent) => ({ event: `${topic}:${kind}`, [topic]: row, change });

const starts: Record<Way, (appUrl: string) => Promise<Sending>> = {
  taskfeed: async (appUrl) => {
    const running = await runServer({ name: 'bench', url: appUrl, appUrl, drop: async () => undefined });
    const url = `${running.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    return { url, stop: running.stop };
  },
  emit: async (appUrl) => {
    const http = createServer();
    const io = new Server(http, { serveClient: false, perMessageDeflate: false });
    io.on('connection', (socket) => socket.emit('feed:ready', {}));
    const port = await listen(http);
    const feed = await drain(appUrl, ({ events, asOf }) => {
      for (const { topic, kind, row, change } of events) {
        io.emit(`${topic}:${kind}`, { [topic]: row, change, as_of: asOf });
      }
    });
    const stop = async () => {
      await io.close();
      await feed.stop();
    };
    return { url: `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, stop };
  },
  ws: async (appUrl) => {
    const http = createServer();
    const server = new ws.WebSocketServer({ server: http, perMessageDeflate: false });
    const port = await listen(http);
    const feed = await drain(appUrl, ({ from, to, asOf, term, events }) => {
      const packet = { from, to, as_of: asOf, term, events: events.map(toEvent) };
      const data = Buffer.from(`42["feed:batch",${JSON.stringify(packet)}]`);
      const options = { readOnly: false, mask: false, rsv1: false, opcode: 1, fin: true };
      const frame = Sender.frame(data, options);
      for (const client of server.clients) {
        (client as unknown as { _sender: { sendFrame(frame: Buffer[]): void } })._sender.sendFrame(frame);
      }
    });
    const stop = async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      http.close();
      await feed.stop();
    };
    return { url: `ws://127.0.0.1:${port}`, stop };
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
  stop: async () => {
    await sending?.stop();
    sending = undefined;
  },
};

export type FanOutServerHandlers = typeof handlers;
serve(handlers);

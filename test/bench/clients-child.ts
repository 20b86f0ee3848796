// A process with the clients of a round: real Socket.IO clients, which take note of every packet about rows.
import type { Writable } from 'node:stream';
import { io, type Socket } from 'socket.io-client';
import type { WebSocket } from 'ws';
import { testManager } from '../support/identity.ts';
import { Recorder } from './arrivals.ts';
import { WallClock } from './clock.ts';
import { RowFrames } from './row-frames.ts';
import { serve } from './workers.ts';

const clock = new WallClock();
let sockets: Socket[] = [];
let recorder = new Recorder(clock, 0, '');

// The client library speaks for the client, but frames about rows do not reach it (row-frames.ts).
function intercept(socket: Socket, client: number): void {
  const { ws } = (socket.io.engine as unknown as { transport: { ws: WebSocket } }).transport;
  ws.once('open', () => {
    const { _receiver: receiver } = ws as unknown as { _receiver: Writable };
    const pass = receiver.write.bind(receiver) as (frame: Buffer) => boolean;
    const frames = new RowFrames({ begin: (length) => recorder.begin(client, length), pass });
    receiver.write = (chunk: Buffer) => {
      frames.write(chunk);
      return true;
    };
  });
}

async function connect(url: string, client: number, batch: boolean | undefined): Promise<Socket> {
  const auth = batch === undefined ? {} : { protocol: 1, token: testManager.token, batch };
  const socket = io(url, { auth, transports: ['websocket'], forceNew: true, reconnection: false, autoConnect: false });
  socket.on('feed:reset', (reset: { reason: string }) => recorder.fault(`feed:reset (${reset.reason})`));
  socket.on('disconnect', (reason) => {
    if (reason !== 'io client disconnect') recorder.fault(`a client lost its connection (${reason})`);
  });
  await new Promise<void>((resolve, reject) => {
    socket.on(batch === undefined ? 'connect' : 'feed:ready', () => resolve());
    socket.on('connect_error', reject);
    socket.connect();
    intercept(socket, client);
  });
  return socket;
}

const handlers = {
  /** `batch` is asked for in the handshake, of Taskfeed only. */
  connect: async (url: string, count: number, batch: boolean | undefined) => {
    recorder = new Recorder(clock, count, '');
    sockets = await Promise.all(Array.from({ length: count }, (_, client) => connect(url, client, batch)));
  },
  /** What came so far does not count. */
  begin: (marker: string) => {
    clock.calibrate();
    recorder = new Recorder(clock, sockets.length, marker);
  },
  finished: (timeoutMs: number) => recorder.finished(timeoutMs),
  read: () => recorder.read(),
  close: () => {
    for (const socket of sockets) socket.disconnect();
    sockets = [];
  },
};

export type ClientsHandlers = typeof handlers;
serve(handlers);

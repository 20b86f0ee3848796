// A process with the clients of a round: real Socket.IO clients, which take note of every packet about rows.
import { io, type Socket } from 'socket.io-client';
import { testManager } from '../support/identity.ts';
import { Recorder } from './arrivals.ts';
import { WallClock } from './clock.ts';
import { serve } from './workers.ts';

const clock = new WallClock();
let sockets: Socket[] = [];
let recorder = new Recorder(clock, 0, '');

// Reading a packet is left for after the round: clients run on machines of their own, and twenty of them would take
// this machine's processors from what is measured.
function intercept(socket: Socket, take: (packet: string) => void): void {
  const { decoder } = socket.io as unknown as { decoder: { add(chunk: unknown): void } };
  const decode = decoder.add.bind(decoder);
  decoder.add = (chunk) => {
    const isAboutRows =
      typeof chunk === 'string' && (chunk.startsWith('2["task:') || chunk.startsWith('2["feed:batch"'));
    if (isAboutRows) take(chunk);
    else decode(chunk);
  };
}

async function connect(url: string, client: number, batch: boolean | undefined): Promise<Socket> {
  const auth = batch === undefined ? {} : { protocol: 1, token: testManager.token, batch };
  const socket = io(url, { auth, transports: ['websocket'], forceNew: true, reconnection: false, autoConnect: false });
  intercept(socket, (packet) => recorder.take(client, packet));
  socket.on('feed:reset', (reset: { reason: string }) => recorder.fault(`feed:reset (${reset.reason})`));
  socket.on('disconnect', (reason) => {
    if (reason !== 'io client disconnect') recorder.fault(`a client lost its connection (${reason})`);
  });
  await new Promise<void>((resolve, reject) => {
    socket.on(batch === undefined ? 'connect' : 'feed:ready', () => resolve());
    socket.on('connect_error', reject);
    socket.connect();
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

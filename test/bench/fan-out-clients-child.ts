// A process with many clients that do nothing but take what comes: WebSockets by hand, since two thousand whole clients
// would use more of the processors than the server that is measured.
import WebSocket from 'ws';
import { serve } from './workers.ts';

const packetsAboutRows = ['42["feed:batch"', '42["task:'];
let sockets: WebSocket[] = [];
let heard = 0;
let waiting: { until: number; resolve: () => void } | undefined;

function hear(): void {
  heard += 1;
  if (!waiting || heard < waiting.until) return;
  waiting.resolve();
  waiting = undefined;
}

/** `auth` undefined: a plain WebSocket. */
function connect(url: string, auth: object | undefined): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => auth === undefined && resolve(socket));
    socket.on('message', (data: Buffer) => {
      if (auth === undefined) return hear();
      const head = data.toString('latin1', 0, 15);
      if (packetsAboutRows.some((name) => head.startsWith(name))) hear();
      else if (head.startsWith('0')) socket.send(`40${JSON.stringify(auth)}`);
      else if (head === '2') socket.send('3');
      else if (head.startsWith('42["feed:ready"')) resolve(socket);
      else if (head.startsWith('44')) reject(new Error(data.toString()));
    });
  });
}

const handlers = {
  connect: async (url: string, count: number, auth: object | undefined) => {
    heard = 0;
    for (let left = count; left > 0; left -= 100) {
      const wave = Array.from({ length: Math.min(left, 100) }, () => connect(url, auth));
      sockets.push(...(await Promise.all(wave)));
    }
  },
  /** Resolves when so many packets about rows have come since `connect`, at all clients together. */
  heard: (until: number) =>
    new Promise<void>((resolve) => {
      waiting = { until, resolve };
      if (heard >= until) resolve();
    }),
  close: () => {
    for (const socket of sockets) socket.terminate();
    sockets = [];
  },
};

export type FanOutClientsHandlers = typeof handlers;
serve(handlers);

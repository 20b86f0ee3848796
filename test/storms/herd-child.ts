// A process with many clients of the feed, by hand after docs/protocol.md: each with its own cursor, store and back-off,
// but what all are sent alike is read once, since on this machine they share processors with the server.
import { serve } from '../bench/workers.ts';
import { HerdClient, type HerdOptions, shared } from './herd-client.ts';

let clients: HerdClient[] = [];
let latencies: number[] = [];

const handlers = {
  /** Resolves when all are in the feed; they come as one of `kinds` in turn. */
  open: async (count: number, { port, kinds }: { port: number; kinds: HerdOptions['headers'][] }) => {
    shared.onLatency = (ms) => latencies.push(ms);
    for (let left = count; left > 0; left -= 50) {
      const wave = Array.from({ length: Math.min(left, 50) }, (_, index) => {
        const headers = kinds[index % kinds.length] as HerdOptions['headers'];
        return new HerdClient({ port, headers });
      });
      clients.push(...wave);
      await Promise.all(wave.map((client) => client.begin()));
    }
  },
  figures: () => {
    const resets: Record<string, number> = {};
    for (const client of clients) {
      for (const [reason, times] of client.resets) resets[reason] = (resets[reason] ?? 0) + times;
    }
    const of = (read: (client: HerdClient) => number) => clients.reduce((sum, client) => sum + read(client), 0);
    return {
      ready: clients.filter(({ isReady }) => isReady).length,
      connections: of(({ connections }) => connections),
      loads: of(({ loads }) => loads),
      gaps: of(({ gaps }) => gaps),
      ends: of(({ ends }) => ends),
      resets,
    };
  },
  /** How many show exactly these versions by id. */
  equal: (rows: [number, number][]) => clients.filter((client) => client.isReady && client.shows(rows)).length,
  /** ms from the writer's clock to each client, since the last call. */
  latencies: () => latencies.splice(0),
  pause: (count: number) => {
    for (const client of clients.slice(0, count)) client.pause();
  },
  resume: () => {
    for (const client of clients) client.resume();
    latencies = [];
  },
  close: () => {
    for (const client of clients) client.close();
    clients = [];
  },
};

export type HerdHandlers = typeof handlers;
serve(handlers);

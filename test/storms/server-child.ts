// Taskfeed in a process of its own, on a port that stays the same when it comes back. A signal stops it as it stops
// `taskfeed start`.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Shutdown } from '../../src/cli/shutdown.ts';
import { createLogger } from '../../src/logger.ts';
import { serve } from '../bench/workers.ts';
import { type RunningServer, runServer } from '../support/run-server.ts';

export interface Delay {
  p50: number;
  p99: number;
  max: number;
}

/** What the routes and the handshakes have asked the database for; replays and drains have sessions of their own. */
export interface Queries {
  lists: number;
  /** Who a session or a token belongs to, and whether it is still good. */
  holders: number;
  images: number;
  others: number;
}

const histogram = monitorEventLoopDelay({ resolution: 10 });
const queries: Queries = { lists: 0, holders: 0, images: 0, others: 0 };
let running: RunningServer | undefined;
let tellEnd: (delay: Delay) => void = () => undefined;

function count(sql: string): void {
  if (sql.includes('current_cursor')) queries.lists += 1;
  else if (/public[".]+(sessions|api_tokens)/.test(sql)) queries.holders += 1;
  else if (sql.includes('task_images')) queries.images += 1;
  else queries.others += 1;
}

/** Since the last call, ms. */
function delay(): Delay {
  const [p50, p99, max] = [histogram.percentile(50) / 1e6, histogram.percentile(99) / 1e6, histogram.max / 1e6];
  histogram.reset();
  return { p50, p99, max };
}

const handlers = {
  start: async (appUrl: string, port: number, bulkLimit: number) => {
    histogram.enable();
    // Who measures says whether it took too long.
    const shutdown = new Shutdown(createLogger({ level: 'error', isTerminal: false }), 60_000);
    shutdown.add('figures', async () => {
      tellEnd(delay());
      // What answers the call has to run before the process ends.
      await new Promise((resolve) => setImmediate(resolve));
    });
    const database = { name: '', url: appUrl, appUrl, drop: async () => undefined };
    running = await runServer(database, { port, bulkLimit, onQuery: count });
    shutdown.add('server', running.stop);
    shutdown.listen();
    return running.server.port;
  },
  /** Event loop delays since the last call; the rest since the start. */
  figures: () => {
    const { rss, heapUsed, external } = process.memoryUsage();
    return {
      replays: running?.server.feed.replayQueries ?? 0,
      clients: running?.server.clients ?? 0,
      cut: running?.server.slowClientsCut ?? 0,
      queries,
      delay: delay(),
      rss,
      used: heapUsed + external,
    };
  },
  /** From now until it has stopped: resolves a moment before the process ends. */
  end: () => {
    histogram.reset();
    return new Promise<Delay>((resolve) => {
      tellEnd = resolve;
    });
  },
};

export type StormServerHandlers = typeof handlers;
serve(handlers);

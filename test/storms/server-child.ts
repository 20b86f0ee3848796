// Taskfeed in a process of its own, on a port that stays the same when it comes back.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { serve } from '../bench/workers.ts';
import { type RunningServer, runServer } from '../support/run-server.ts';

const delay = monitorEventLoopDelay({ resolution: 10 });
let running: RunningServer | undefined;

const handlers = {
  start: async (appUrl: string, port: number, bulkLimit: number) => {
    delay.enable();
    running = await runServer({ name: '', url: appUrl, appUrl, drop: async () => undefined }, { port, bulkLimit });
    return running.server.port;
  },
  /** Event loop delays since the last call, ms; the rest since the start. */
  figures: () => {
    const [p50, p99, max] = [delay.percentile(50) / 1e6, delay.percentile(99) / 1e6, delay.max / 1e6];
    delay.reset();
    const { rss, heapUsed, external } = process.memoryUsage();
    return {
      replays: running?.server.feed.replayQueries ?? 0,
      clients: running?.server.clients ?? 0,
      cut: running?.server.slowClientsCut ?? 0,
      delay: { p50, p99, max },
      rss,
      used: heapUsed + external,
    };
  },
};

export type StormServerHandlers = typeof handlers;
serve(handlers);

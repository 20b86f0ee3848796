// Numbers for those who keep them (Prometheus): the only file that knows prom-client. They hang on the events of the
// feed and on what other parts count anyway; nothing else reports here. A label is a name from our own lists, never
// anything that a client sent.
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { RequestHandler } from 'express';
import type { Knex } from 'knex';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Feed } from '../feed/feed.ts';
import { listenerStates } from '../protocol/feed-report.ts';
import type { FeedWatch } from './feed-watch.ts';
import { watchFeed } from './metrics-feed.ts';
import { routeOf } from './request-log.ts';

export interface MetricsOptions {
  feed: Feed;
  watch: FeedWatch;
  knex: Knex;
  slowClients: { readonly cut: number };
}

export interface Rendered {
  contentType: string;
  text: string;
}

export class Metrics {
  /** Counts requests, by the route that answered. Before all routes. */
  readonly requests: RequestHandler;
  readonly #options: MetricsOptions;
  readonly #registry = new Registry();
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: 10 });
  #stop: () => void = () => undefined;

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.requests = countRequests([this.#registry]);
    this.#gaugesOfFeed();
    this.#gaugesOfClients();
    this.#gaugesOfJournal();
    this.#gaugesOfProcess();
  }

  start(): void {
    this.#loop.enable();
    this.#stop = watchFeed({ ...this.#options, registers: [this.#registry] });
  }

  stop(): void {
    this.#loop.disable();
    this.#stop();
  }

  async render(): Promise<Rendered> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #gaugesOfFeed(): void {
    const { listener } = this.#options.feed;
    this.#gauge('taskfeed_listener_state', 'The state of the listener: 1 for the one it is in.', ['state'], (gauge) => {
      for (const state of listenerStates) gauge.set({ state }, listener.state === state ? 1 : 0);
    });
    this.#gauge('taskfeed_feed_health', 'The health of the feed: 1 for what it is.', ['health'], (gauge) => {
      for (const health of ['live', 'deaf', 'behind']) gauge.set({ health }, listener.health === health ? 1 : 0);
    });
    this.#gauge('taskfeed_doorbell_listening', 'Whether rings are heard.', [], (gauge) => {
      gauge.set(listener.doorbell === 'listening' ? 1 : 0);
    });
    this.#gauge('taskfeed_last_drain_timestamp_seconds', 'When the last drain succeeded.', [], (gauge) => {
      gauge.set((listener.lastDrainAt ?? 0) / 1_000);
    });
  }

  #gaugesOfClients(): void {
    const { watch, slowClients, feed } = this.#options;
    this.#gauge('taskfeed_clients', 'Connected sockets by what they see.', ['kind'], (gauge) => {
      for (const [kind, count] of Object.entries(watch.clients())) gauge.set({ kind }, count);
    });
    this.#total('taskfeed_clients_cut_total', 'Clients cut because they did not keep up.', () => slowClients.cut);
    this.#total('taskfeed_replay_queries_total', 'Queries for clients that came back.', () => feed.replayQueries);
  }

  // A database that does not answer is no reason to tell nothing.
  #gaugesOfJournal(): void {
    const { watch } = this.#options;
    const values = {
      taskfeed_journal_rows: { help: 'Rows of the journal, estimated where it is large.', of: 'rows' },
      taskfeed_journal_bytes: { help: 'Size of the journal with its indexes.', of: 'bytes' },
      taskfeed_journal_backlog: { help: 'Changes committed and not told yet, counted up to 10,000.', of: 'backlog' },
    } as const;
    for (const [name, { help, of }] of Object.entries(values)) {
      this.#gauge(name, help, [], async (gauge) => {
        const journal = await watch.journal().catch(() => undefined);
        if (journal) gauge.set(journal[of]);
        else gauge.remove();
      });
    }
    this.#gauge('taskfeed_journal_oldest_timestamp_seconds', 'The oldest change in the journal.', [], async (gauge) => {
      const journal = await watch.journal().catch(() => undefined);
      const at = Date.parse(journal?.oldest_at ?? '');
      if (Number.isNaN(at)) gauge.remove();
      else gauge.set(at / 1_000);
    });
  }

  #gaugesOfProcess(): void {
    const { pool } = this.#options.knex.client as { pool: Pool };
    this.#gauge(
      'taskfeed_pool_connections',
      'The pool that routes use; waiting: requests for one.',
      ['state'],
      (gauge) => {
        gauge.set({ state: 'used' }, pool.numUsed());
        gauge.set({ state: 'free' }, pool.numFree());
        gauge.set({ state: 'waiting' }, pool.numPendingAcquires());
      },
    );
    this.#gauge('taskfeed_event_loop_delay_seconds', 'Since it was last asked for.', ['quantile'], (gauge) => {
      for (const percent of [50, 99, 100]) {
        const delay = this.#loop.count === 0 ? 0 : this.#loop.percentile(percent) / 1e9;
        gauge.set({ quantile: percent / 100 }, delay);
      }
      this.#loop.reset();
    });
    this.#gauge('process_start_time_seconds', 'When this process began.', [], (gauge) => {
      gauge.set(performance.timeOrigin / 1_000);
    });
    this.#gauge('process_resident_memory_bytes', 'Memory of this process.', [], (gauge) => {
      gauge.set(process.memoryUsage.rss());
    });
    this.#total('process_cpu_seconds_total', 'Processor time of this process.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[], collect: Collect<Label>): void {
    const gauge: Gauge<Label> = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => collect(gauge),
    });
  }

  /** A counter of somebody else's. */
  #total(name: string, help: string, value: () => number): void {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        counter.inc(value());
      },
    });
  }
}

type Collect<Label extends string> = (gauge: Gauge<Label>) => void | Promise<void>;

interface Pool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

function countRequests(registers: Registry[]): RequestHandler {
  const seconds = new Histogram({
    name: 'taskfeed_http_request_duration_seconds',
    help: 'HTTP requests by route template and status; route "(none)" is a file or nothing.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2, 10],
    registers,
  });
  return (request, response, next) => {
    const stop = seconds.startTimer();
    response.once('close', () => {
      const method = methods.has(request.method) ? request.method : 'other';
      const status = response.writableFinished ? String(response.statusCode) : 'cut';
      stop({ method, route: routeOf(request), status });
    });
    next();
  };
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

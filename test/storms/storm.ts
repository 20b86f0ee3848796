// Herds: everybody is cut off at once and comes back while writers go on; the same after a statement that changed more
// than is told row by row; and clients that stop reading among others that do.
import pg from 'pg';
import { type EmbeddedServer, startEmbedded } from '../../src/postgres/embedded.ts';
import { freePort } from '../../src/postgres/embedded-port.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { percentile } from '../bench/figures.ts';
import { Worker } from '../bench/workers.ts';
import { createDataDir } from '../support/data-dir.ts';
import { admitTestManager, signIn, testManager } from '../support/identity.ts';
import type { HerdHandlers } from './herd-child.ts';
import type { Delay, Queries, StormServerHandlers } from './server-child.ts';

export const rowCount = 600;
export const bulkLimit = 500;

export interface StormOptions {
  sockets: number;
  processes: number;
  log: (line: string) => void;
}

export interface Recovery {
  sockets: number;
  /** In the feed again, and how long after the server served again, ms. */
  ready: number;
  readyMs: number;
  /** Equal to the table when the writers had stopped. */
  equal: number;
  replays: number;
  queries: Queries;
  loads: number;
  gaps: number;
  resets: Record<string, number>;
  delay: Delay;
  rss: number;
}

export interface Termination {
  /** Of the process that was told to stop. */
  code: number | null;
  /** From the signal to the end of the process. */
  stopMs: number;
  stopDelay: Delay;
  /** Sockets that were told why. */
  told: number;
  recovery: Recovery;
}

type HerdFigures = Awaited<ReturnType<Storm['herd']>>;

// Of two rows only: however long a loaded machine takes, what was missed stays within what is told row by row.
const few = { rows: 2, perSecond: 20 };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Storm {
  readonly #options: StormOptions;
  readonly #server: EmbeddedServer;
  readonly #remove: () => Promise<void>;
  readonly #port: number;
  readonly #herds: Worker<HerdHandlers>[];
  #app: Worker<StormServerHandlers>;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;

  private constructor(
    options: StormOptions,
    given: { server: EmbeddedServer; remove: () => Promise<void>; port: number },
  ) {
    this.#options = options;
    this.#server = given.server;
    this.#remove = given.remove;
    this.#port = given.port;
    this.#app = new Worker<StormServerHandlers>('../storms/server-child.ts');
    this.#herds = Array.from({ length: options.processes }, () => new Worker<HerdHandlers>('../storms/herd-child.ts'));
  }

  static async open(options: StormOptions): Promise<Storm> {
    const { dataDir, remove } = await createDataDir();
    const server = await startEmbedded({ dataDir, settings: { fsync: 'off' }, initSync: false });
    await migrate({ url: server.ownerUrl, applicationRole: 'taskfeed_app' });
    await admitTestManager(server.ownerUrl);
    const storm = new Storm(options, { server, remove, port: await freePort() });
    await storm.#query('insert into public.tasks (title, note) select n, n from generate_series(1, $1) n', [rowCount]);
    await storm.#begin();
    return storm;
  }

  async close(): Promise<void> {
    this.#isWriting = false;
    await this.#writing;
    await Promise.all(this.#herds.map((herd) => herd.close()));
    await this.#app.close();
    await this.#server.stop();
    await this.#remove();
  }

  /** The server is away for two seconds while writers go on; `bulk`: and one statement changes everything. */
  async restart({ bulk }: { bulk: boolean }): Promise<Recovery> {
    const before = await this.herd();
    this.#write(few);
    await pause(500);
    await this.#app.close();
    await pause(2_000);
    if (bulk) await this.#query('update public.tasks set note = $1', ['bulk']);
    return await this.#comeBack(before);
  }

  /** A signal stops the server while writers go on, and another one takes its place. */
  async terminate(): Promise<Termination> {
    const before = await this.herd();
    this.#write(few);
    await pause(1_000);
    const began = performance.now();
    const [stopDelay, code] = await Promise.all([this.#app.call.end(), this.#app.signal('SIGTERM')]);
    const stopMs = performance.now() - began;
    const recovery = await this.#comeBack(before);
    const told = (await this.herd()).ends - before.ends;
    return { code, stopMs, stopDelay, told, recovery };
  }

  /** The server serves again, until all are back and as the table. */
  async #comeBack(before: HerdFigures): Promise<Recovery> {
    const { sockets } = this.#options;
    this.#app = new Worker<StormServerHandlers>('../storms/server-child.ts');
    await this.#app.call.start(this.#server.appUrl, this.#port, bulkLimit);
    const began = performance.now();
    const isBack = async () => (await this.herd()).ready === sockets;
    await until(isBack, 90_000);
    const readyMs = performance.now() - began;
    await this.#stopWriting();
    const equal = await this.#settle(30_000);
    const { replays, queries, delay, rss } = await this.#app.call.figures();
    const after = await this.herd();
    const resets = Object.fromEntries(
      Object.entries(after.resets).map(([reason, times]) => [reason, times - (before.resets[reason] ?? 0)]),
    );
    const [ready, loads] = [after.ready, after.loads - before.loads];
    return { sockets, ready, readyMs, equal, replays, queries, loads, gaps: after.gaps, resets, delay, rss };
  }

  /** So many clients stop reading for so long, while ten rows are changed two hundred times a second. */
  async stall({ stalled, seconds }: { stalled: number; seconds: number }) {
    this.#write({ rows: 10, perSecond: 200 });
    await pause(3_000);
    await this.#latencies();
    await this.#app.call.figures();
    await pause(10_000);
    const [calm, atFirst] = [await this.#latencies(), await this.#app.call.figures()];
    await Promise.all(this.#herds.map(({ call }) => call.pause(stalled / this.#herds.length)));
    let [rss, used] = [0, 0];
    for (let second = 0; second < seconds; second += 1) {
      await pause(1_000);
      const figures = await this.#app.call.figures();
      [rss, used] = [Math.max(rss, figures.rss), Math.max(used, figures.used)];
    }
    const [during, inTheEnd] = [await this.#latencies(), await this.#app.call.figures()];
    await Promise.all(this.#herds.map(({ call }) => call.resume()));
    const changes = await this.#stopWriting();
    const equal = await this.#settle(60_000);
    return { calm, during, atFirst, inTheEnd, most: { rss, used }, equal, changes };
  }

  async #begin(): Promise<void> {
    const { sockets, processes } = this.#options;
    await this.#app.call.start(this.#server.appUrl, this.#port, bulkLimit);
    const { header } = await signIn(`http://127.0.0.1:${this.#port}`);
    const options = { port: this.#port, kinds: [{ authorization: `Bearer ${testManager.token}` }, { cookie: header }] };
    // In small calls: on a busy machine a thousand take longer than a call may.
    for (let left = sockets / processes; left > 0; left -= 50) {
      await Promise.all(this.#herds.map(({ call }) => call.open(Math.min(left, 50), options)));
    }
  }

  /** Of all clients together. */
  async herd() {
    const all = await Promise.all(this.#herds.map(({ call }) => call.figures()));
    const total = { ready: 0, connections: 0, loads: 0, gaps: 0, ends: 0, resets: {} as Record<string, number> };
    for (const one of all) {
      for (const name of ['ready', 'connections', 'loads', 'gaps', 'ends'] as const) total[name] += one[name];
      for (const [reason, times] of Object.entries(one.resets))
        total.resets[reason] = (total.resets[reason] ?? 0) + times;
    }
    return total;
  }

  async #latencies(): Promise<{ p50: number; p99: number; samples: number }> {
    const all = (await Promise.all(this.#herds.map(({ call }) => call.latencies()))).flat();
    return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), samples: all.length };
  }

  /** How many clients are as the table; waits until all are, or so long. */
  async #settle(deadlineMs: number): Promise<number> {
    const table = await this.#query<{ id: number; version: number }>('select id, version from public.tasks', []);
    const rows = table.map(({ id, version }): [number, number] => [id, version]);
    const count = async () => {
      const counts = await Promise.all(this.#herds.map(({ call }) => call.equal(rows)));
      return counts.reduce((sum, one) => sum + one, 0);
    };
    await until(async () => (await count()) === this.#options.sockets, deadlineMs);
    return await count();
  }

  #changes = 0;

  #write({ rows, perSecond }: { rows: number; perSecond: number }): void {
    this.#isWriting = true;
    this.#changes = 0;
    this.#writing = (async () => {
      const client = new pg.Client({ connectionString: this.#server.ownerUrl });
      await client.connect();
      const began = performance.now();
      for (let turn = 0; this.#isWriting; turn += 1) {
        const first = rows === 1 ? 1 + (turn % rowCount) : 1;
        await client.query('update public.tasks set note = $1 where id between $2 and $2 + $3 - 1', [
          `t${Date.now()}`,
          first,
          rows,
        ]);
        this.#changes += rows;
        await pause(Math.max(0, began + ((turn + 1) * 1_000) / perSecond - performance.now()));
      }
      await client.end();
    })();
  }

  async #stopWriting(): Promise<number> {
    this.#isWriting = false;
    await this.#writing;
    return this.#changes;
  }

  async #query<Row extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.#server.ownerUrl });
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }
}

async function until(isSo: () => Promise<boolean>, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await isSo()) && performance.now() < end) await pause(100);
}

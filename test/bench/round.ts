// One round of one column: its feed is started, its clients connect, the writers write, and what the clients have in
// the end is compared with the table.
import { eventually } from '../support/eventually.ts';
import type { Stored } from './arrivals.ts';
import { type Budget, watchBudget } from './budget.ts';
import type { ClientsHandlers } from './clients-child.ts';
import { WallClock } from './clock.ts';
import type { FeedHandlers } from './feed-child.ts';
import type { FeedFigures } from './feeds/feed.ts';
import type { Disturbance } from './foreign.ts';
import { type Written, write } from './pgbench.ts';
import { type Column, clientCount, type Delivering, isBatch, type Row } from './plan.ts';
import type { Site } from './site.ts';
import type { Worker } from './workers.ts';

export interface Crew {
  site: Site;
  pgbench: string;
  feeds: Map<Column, Worker<FeedHandlers>>;
  clients: Worker<ClientsHandlers>;
}

export interface Outcome {
  row: Row;
  column: Column;
  tps: number;
  commits: number;
  /** From the writers' end to the last change at the last client, ms; undefined: not within the time allowed. */
  backlogMs?: number | undefined;
  packets?: number;
  /** Of the writes that were delivered; none for throughput. */
  samples: Sample[];
  figures?: FeedFigures | undefined;
  /** Who took the processors' time until the last client had everything. */
  budget?: Budget | undefined;
  /** What the processors did meanwhile that is not in the comparison. */
  disturbance?: Disturbance | undefined;
  /** Empty if the clients have what the table has. */
  faults: string[];
}

export interface Sample {
  /** When it was committed, ms since the first of the round. */
  at: number;
  /** From commit to the last client, ms. */
  ms: number;
  /** The same from when the write was due. */
  fromDueMs: number;
}

/** Longest wait for a backlog; after it the column counts as behind, not as wrong. */
const backlogTimeoutMs = 15_000;

export async function playRound(crew: Crew, row: Row, column: Column, round: number): Promise<Outcome> {
  if (column === 'bare') {
    const { site, pgbench: program } = crew;
    const budget = watchBudget({ postmaster: site.server.pid, feed: undefined, clients: undefined });
    const { tps, commits } = await write({ program, url: site.url(column), row, round });
    return { row, column, tps, commits, samples: [], budget: budget(), faults: [] };
  }
  return column === 'listen' ? await playListening(crew, row, round) : await playDelivering(crew, row, column, round);
}

async function playDelivering(crew: Crew, row: Row, column: Delivering, round: number): Promise<Outcome> {
  const { site, pgbench: program, clients } = crew;
  const feed = feedOf(crew, column);
  const isOurs = column === 'taskfeed';
  const url = await feed.call.start(column, isOurs ? site.appUrl(column) : site.url(column));
  try {
    await clients.call.connect(url, clientCount, isOurs ? isBatch(column) : undefined);
    await feed.call.settle();
    const marker = `r${round}.end`;
    await clients.call.begin(marker);
    const spent = watchBudget({ postmaster: site.server.pid, feed: feed.pid, clients: clients.pid });
    const written =
      column === 'emit'
        ? await feed.call.write(row, round)
        : await write({ program, url: site.url(column), row, round });
    if (!written) throw new Error(`${column} did not write`);
    const clock = new WallClock();
    clock.calibrate();
    const endedAt = clock.now();
    const figures = await feed.call.figures();
    if (column === 'emit') await feed.call.writeLast(marker);
    else await site.query(column, 'update public.tasks set note = $1 where id = 1', [marker]);
    const finishedAt = await clients.call.finished(backlogTimeoutMs);
    const budget = spent();
    const backlogMs = finishedAt === undefined ? undefined : Math.max(finishedAt - endedAt, 0);
    const { store, times, packets, faults } = await clients.call.read();
    if (finishedAt !== undefined) faults.push(...(await compare(site, column, round, store)));
    const { tps, commits } = written;
    const samples = samplesOf(written, times);
    return { row, column, tps, commits, backlogMs, packets, samples, budget, figures, faults };
  } finally {
    await clients.call.close();
    await feed.call.stop();
  }
}

/** Without clients and packets: what of the latency is NOTIFY itself. */
async function playListening(crew: Crew, row: Row, round: number): Promise<Outcome> {
  const column = 'listen';
  const { site, pgbench: program } = crew;
  const feed = feedOf(crew, column);
  await feed.call.start(column, site.url(column));
  try {
    await feed.call.settle();
    const written = await write({ program, url: site.url(column), row, round });
    const isHeard = async () => (await feed.call.heard())?.size === written.commits;
    const faults: string[] = [];
    await eventually('every NOTIFY was heard', isHeard).catch((error: Error) => faults.push(error.message));
    const times = (await feed.call.heard()) ?? new Map<string, number>();
    const { tps, commits } = written;
    return { row, column, tps, commits, samples: samplesOf(written, times), faults };
  } finally {
    await feed.call.stop();
  }
}

function feedOf({ feeds }: Crew, column: Column): Worker<FeedHandlers> {
  const feed = feeds.get(column);
  if (!feed) throw new Error(`${column} has no process`);
  return feed;
}

function samplesOf({ times: committed }: Written, arrived: Map<string, number>): Sample[] {
  const samples: Sample[] = [];
  for (const [note, { at, afterDueMs }] of committed) {
    const arrivedAt = arrived.get(note);
    if (arrivedAt !== undefined) samples.push({ at, ms: arrivedAt - at, fromDueMs: arrivedAt - at + afterDueMs });
  }
  const beganAt = samples.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
  return samples.map((sample) => ({ ...sample, at: sample.at - beganAt }));
}

async function compare(site: Site, column: Column, round: number, store: Map<number, Stored>): Promise<string[]> {
  const sql = 'select id, version, note from public.tasks where note like $1';
  const rows = (await site.query(column, sql, [`r${round}.%`])) as unknown as (Stored & { id: number })[];
  const wrong = rows.filter(({ id, version, note }) => {
    const stored = store.get(id);
    return stored?.version !== version || stored.note !== note;
  });
  const faults = wrong.length > 0 ? [`${wrong.length} rows at the clients are not as in the table`] : [];
  if (store.size > rows.length) faults.push(`${store.size - rows.length} rows at the clients were not written`);
  return faults;
}

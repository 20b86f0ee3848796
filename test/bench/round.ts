// One round of one column: its feed is started, its clients connect, the writers write, and what the clients have in
// the end is compared with the table.
import type { Stored } from './arrivals.ts';
import type { ClientsHandlers } from './clients-child.ts';
import { WallClock } from './clock.ts';
import type { FeedHandlers } from './feed-child.ts';
import type { FeedFigures } from './feeds/feed.ts';
import { write } from './pgbench.ts';
import { type Column, clientCount, type Delivering, isBatch, type Row } from './plan.ts';
import type { Site } from './site.ts';
import type { Worker } from './workers.ts';

export interface Crew {
  site: Site;
  pgbench: string;
  feeds: Map<Column, Worker<FeedHandlers>>;
  clients: Worker<ClientsHandlers>;
  seconds: number;
}

export interface Outcome {
  row: Row;
  column: Column;
  tps: number;
  commits: number;
  /** From the writers' end to the last change at the last client, ms; undefined: not within the time allowed. */
  backlogMs?: number | undefined;
  packets?: number;
  /** Commit to last client, ms, of the writes that were delivered. */
  latencies: number[];
  figures?: FeedFigures | undefined;
  /** Share of the processors that other people's processes used meanwhile. */
  others?: number | undefined;
  /** Empty if the clients have what the table has. */
  faults: string[];
}

/** Longest wait for a backlog; after it the column counts as behind, not as wrong. */
const backlogTimeoutMs = 15_000;

export async function playRound(crew: Crew, row: Row, column: Column, round: number): Promise<Outcome> {
  if (column === 'bare') {
    const { site, pgbench: program, seconds } = crew;
    const { tps, commits } = await write({ program, url: site.url(column), row, seconds, round });
    return { row, column, tps, commits, latencies: [], faults: [] };
  }
  return await playDelivering(crew, row, column, round);
}

async function playDelivering(crew: Crew, row: Row, column: Delivering, round: number): Promise<Outcome> {
  const { site, pgbench: program, clients, seconds } = crew;
  const feed = crew.feeds.get(column);
  if (!feed) throw new Error(`${column} has no process`);
  const isOurs = column === 'taskfeed';
  const url = await feed.call.start(column, isOurs ? site.appUrl(column) : site.url(column));
  try {
    await clients.call.connect(url, clientCount, isOurs ? isBatch(column) : undefined);
    await feed.call.settle();
    const marker = `r${round}.end`;
    await clients.call.begin(marker);
    const written = await write({ program, url: site.url(column), row, seconds, round });
    const clock = new WallClock();
    clock.calibrate();
    const endedAt = clock.now();
    const figures = await feed.call.figures();
    await site.query(column, 'update public.tasks set note = $1 where id = 1', [marker]);
    const finishedAt = await clients.call.finished(backlogTimeoutMs);
    const backlogMs = finishedAt === undefined ? undefined : Math.max(finishedAt - endedAt, 0);
    const { store, times, packets, faults } = await clients.call.read();
    if (finishedAt !== undefined) faults.push(...(await compare(site, column, round, store)));
    const latencies = [...written.times].map(([note, at]) => (times.get(note) ?? Number.NaN) - at);
    const { tps, commits } = written;
    const delivered = latencies.filter((ms) => !Number.isNaN(ms));
    return { row, column, tps, commits, backlogMs, packets, latencies: delivered, figures, faults };
  } finally {
    await clients.call.close();
    await feed.call.stop();
  }
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

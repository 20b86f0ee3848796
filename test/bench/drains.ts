// What one drain costs, and whether that depends on how much has ever been journaled: a drain of one new row, timed,
// while a write transaction is held open and 250 connections are idle.
import pg from 'pg';
import { DrainSession } from '../../src/feed/drain-session.ts';
import { parseCursor } from '../../src/protocol/cursor.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import { withDatabase } from '../support/server.ts';
import { percentile } from './figures.ts';
import { processorTime } from './foreign.ts';
import { taskCount } from './plan.ts';
import { openSite, settings } from './site.ts';

const idleCount = 250;
const warmUps = 100;
const drainCount = 1_000;
/** Rows found by one drain, for the second table. */
const batchSizes = [1, 10, 100, 1_000];
const batchCount = 50;

interface Cost {
  rows: number;
  p50: number;
  p99: number;
  hit: number;
  read: number;
  /** Processor time of the session's backend per drain, ms. */
  serverMs: number;
  scans: string[];
}

/** A database with a journal of its own size. */
interface Shelf {
  name: string;
  rows: number;
  writer: pg.Client;
  url: string;
}

export async function measureDrains(sizes: number[]): Promise<void> {
  const site = await openSite(['taskfeed']);
  console.log(`${site.version}\nsettings: ${JSON.stringify(settings)}`);
  const open: pg.Client[] = [];
  const connect = async (database: string) => {
    const client = new pg.Client({ connectionString: withDatabase(site.server.ownerUrl, database) });
    open.push(client);
    await client.connect();
    return client;
  };
  try {
    const shelves: Shelf[] = [];
    for (const [index, size] of sizes.entries()) {
      const name = `bench_journal_${index}`;
      await site.query('taskfeed', `create database ${name} template bench_template`);
      const writer = await connect(name);
      // Its transaction stays open from before the first journal row to the end.
      await (await connect(name)).query(`begin; update public.tasks set note = 'held' where id = ${taskCount}`);
      await fillJournal(writer, size);
      const { rows } = await writer.query('select count(*)::integer as rows from taskfeed.change_journal');
      shelves.push({ name, rows: rows[0].rows, writer, url: withDatabase(site.appUrl('taskfeed'), name) });
      console.log(`${name}: ${rows[0].rows} journal rows`);
    }
    for (let index = 0; index < idleCount; index += 1) {
      await (await connect(shelves[index % shelves.length]?.name ?? '')).query('select 1');
    }
    await compareShelves(shelves);
    console.log('\n| rows found | p50 | p99 | p50 per row |\n| --: | --: | --: | --: |');
    for (const [size, p50, p99] of await measureBatches(shelves[0] as Shelf)) {
      console.log(`| ${size} | ${p50.toFixed(2)} ms | ${p99.toFixed(2)} ms | ${((p50 / size) * 1000).toFixed(0)} µs |`);
    }
  } finally {
    await Promise.all(open.map((client) => client.end()));
    await site.close();
  }
}

// The sizes take turns, drain by drain, so that whatever disturbs the machine disturbs all of them.
async function compareShelves(shelves: Shelf[]): Promise<void> {
  console.log('| journal rows | statement | p50 | p99 | server’s processor time | buffers hit | read |');
  console.log('| --: | --- | --: | --: | --: | --: | --: |');
  const scans: string[] = [];
  for (const onlyLong of [false, true]) {
    const drainers = await Promise.all(shelves.map((shelf) => Drainer.open(shelf, onlyLong)));
    for (let index = 0; index < warmUps + drainCount; index += 1) {
      if (index === warmUps) for (const drainer of drainers) drainer.begin();
      for (const drainer of drainers) await drainer.drain(index);
    }
    for (const drainer of drainers) {
      const { rows, p50, p99, serverMs, hit, read, ...cost } = await drainer.finish();
      const times = [p50, p99, serverMs].map((ms) => `${ms.toFixed(2)} ms`);
      const statement = onlyLong ? 'long' : 'short';
      console.log(`| ${rows.toLocaleString('en')} | ${statement} | ${times.join(' | ')} | ${hit} | ${read} |`);
      scans.push(...cost.scans.map((scan) => `${rows.toLocaleString('en')}, ${statement}: ${scan}`));
    }
  }
  console.log(`\n${scans.join('\n')}`);
}

class Drainer {
  readonly #shelf: Shelf;
  readonly #session: DrainSession;
  readonly #onlyLong: boolean;
  #cursor: string;
  #samples: number[] = [];
  #began = 0;

  private constructor(shelf: Shelf, session: DrainSession, onlyLong: boolean, cursor: string) {
    this.#shelf = shelf;
    this.#session = session;
    this.#onlyLong = onlyLong;
    this.#cursor = cursor;
  }

  static async open(shelf: Shelf, onlyLong: boolean): Promise<Drainer> {
    const session = openSession(shelf, onlyLong);
    await session.open();
    return new Drainer(shelf, session, onlyLong, await session.here());
  }

  begin(): void {
    this.#samples = [];
    this.#began = processorTime(this.#session.processId ?? 0);
  }

  async drain(index: number): Promise<void> {
    await change(this.#shelf.writer, index);
    const began = performance.now();
    const batch = await this.#session.drain(this.#cursor);
    this.#samples.push(performance.now() - began);
    if (batch.events.length !== 1) throw new Error(`a drain of one row found ${batch.events.length}`);
    this.#cursor = batch.to;
  }

  async finish(): Promise<Cost> {
    const ms = (processorTime(this.#session.processId ?? 0) - this.#began) / 1e6;
    await change(this.#shelf.writer, 0);
    const plan = await explain(this.#session, this.#cursor, this.#onlyLong);
    await this.#session.close();
    const [p50, p99] = [0.5, 0.99].map((share) => percentile(this.#samples, share)) as [number, number];
    return { rows: this.#shelf.rows, p50, p99, ...plan, serverMs: ms / this.#samples.length };
  }
}

// A thousand rows per transaction. What a row holds does not matter to who looks for newer ones, so it is little: ten
// million real ones would be 6 GB.
async function fillJournal(writer: pg.Client, size: number): Promise<void> {
  await writer.query('set synchronous_commit = off');
  await writer.query(
    `do $$ begin for chunk in 1..${Math.ceil(size / 1_000)} loop
       insert into taskfeed.change_journal (topic, row_id, op, before, actor)
       select 'task', 1 + (n * 7919 + chunk) % ${taskCount}, 'update', jsonb_build_object('id', n), 'db:bench (bench)'
       from generate_series(1, 1000) n;
       commit;
     end loop; end $$`,
  );
  await writer.query('vacuum analyze taskfeed.change_journal');
}

function openSession({ url }: Shelf, onlyLong: boolean): DrainSession {
  const connection = { connectionString: url };
  return new DrainSession({
    connection,
    topics,
    actorName,
    bulkLimit: 5_000,
    applicationName: 'bench drain',
    onlyLong,
  });
}

/** How the time of a drain grows with what it finds: size, p50, p99. */
async function measureBatches(shelf: Shelf): Promise<[number, number, number][]> {
  const session = openSession(shelf, false);
  await session.open();
  const found: [number, number, number][] = [];
  let cursor = await session.here();
  for (const size of batchSizes) {
    const samples: number[] = [];
    for (let index = 0; index < batchCount + 10; index += 1) {
      await shelf.writer.query('update public.tasks set note = $1 where id <= $2', [`batch ${size} ${index}`, size]);
      const began = performance.now();
      const batch = await session.drain(cursor);
      if (index >= 10) samples.push(performance.now() - began);
      cursor = batch.to;
    }
    found.push([size, percentile(samples, 0.5), percentile(samples, 0.99)]);
  }
  await session.close();
  return found;
}

async function change(writer: pg.Client, index: number): Promise<void> {
  await writer.query(`update public.tasks set note = $1 where id = $2`, [
    `drain ${performance.now()}`,
    (index % 9_000) + 1,
  ]);
}

// The statement that the session has prepared.
async function explain(session: DrainSession, cursor: string, onlyLong: boolean) {
  const { epoch, snapshot } = parseCursor(cursor) ?? { epoch: '', snapshot: '' };
  const [, xmax, xip] = snapshot.split(':');
  const system = await session.value('select system_identifier from pg_control_system()');
  const database = await session.value('select oid::text from pg_database where datname = current_database()');
  const call = onlyLong
    ? `drain('${snapshot}', '${epoch}', 5000, 50000)`
    : `"drain plain"('${xmax}', '{${xip}}', 5000, ${system}, ${database})`;
  const answer = await session.value(`explain (analyze, buffers, format json) execute ${call}`);
  const [explained] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as [{ Plan: PlanNode }];
  const { Plan: plan } = explained;
  const scans = journalScans(plan);
  return { hit: plan['Shared Hit Blocks'], read: plan['Shared Read Blocks'], scans };
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Actual Rows': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

/** How the plan finds the journal's new rows. */
function journalScans(node: PlanNode): string[] {
  const below = (node.Plans ?? []).flatMap(journalScans);
  if (node['Relation Name'] !== 'change_journal') return below;
  const blocks = node['Shared Hit Blocks'] + node['Shared Read Blocks'];
  const how = `${node['Node Type']} using ${node['Index Name']}, ${node['Index Cond']}`;
  return [`${how}: ${node['Actual Rows']} rows, ${blocks} buffers`, ...below];
}

// What one drain costs, and whether that depends on how much has ever been journaled: a drain of one new row, timed,
// while a write transaction is held open and 250 connections are idle.
import pg from 'pg';
import { DrainSession } from '../../src/feed/drain-session.ts';
import { parseCursor } from '../../src/protocol/cursor.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import { percentile } from './figures.ts';
import { taskCount } from './plan.ts';
import { openSite, type Site, settings } from './site.ts';

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
  max: number;
  hit: number;
  read: number;
  /** Execution in the server by EXPLAIN, ms. */
  serverMs: number;
}

export async function measureDrains(sizes: number[]): Promise<void> {
  const site = await openSite(['taskfeed']);
  console.log(`${site.version}\nsettings: ${JSON.stringify(settings)}`);
  const open: pg.Client[] = [];
  const connect = async () => {
    const client = new pg.Client({ connectionString: site.url('taskfeed') });
    open.push(client);
    await client.connect();
    return client;
  };
  try {
    for (let index = 0; index < idleCount; index += 1) await (await connect()).query('select 1');
    const holder = await connect();
    await holder.query(`begin; update public.tasks set note = 'held' where id = ${taskCount}`);
    const writer = await connect();
    console.log('| journal rows | p50 | p99 | max | in the server | buffers hit | read |');
    console.log('| --: | --: | --: | --: | --: | --: | --: |');
    for (const size of sizes.toSorted((a, b) => a - b)) {
      await fillJournal(site, size);
      const { rows, p50, p99, max, hit, read, serverMs } = await measure(site, writer);
      const times = [p50, p99, max, serverMs].map((ms) => `${ms.toFixed(2)} ms`);
      console.log(`| ${rows.toLocaleString('en')} | ${times.join(' | ')} | ${hit} | ${read} |`);
    }
    console.log('\n| rows found | p50 | p99 | p50 per row |\n| --: | --: | --: | --: |');
    for (const [size, p50, p99] of await measureBatches(site, writer)) {
      console.log(`| ${size} | ${p50.toFixed(2)} ms | ${p99.toFixed(2)} ms | ${((p50 / size) * 1000).toFixed(0)} µs |`);
    }
  } finally {
    await Promise.all(open.map((client) => client.end()));
    await site.close();
  }
}

// A thousand rows per transaction, as large as real ones.
async function fillJournal(site: Site, size: number): Promise<void> {
  await site.query('taskfeed', 'set synchronous_commit = off');
  const counted = await site.query('taskfeed', 'select count(*)::integer as rows from taskfeed.change_journal');
  await site.query(
    'taskfeed',
    `do $$ begin for chunk in 1..${Math.ceil((size - Number(counted[0]?.['rows'])) / 1_000)} loop
       insert into taskfeed.change_journal (topic, row_id, op, before, actor)
       select 'task', t.id, 'update', to_jsonb(t), 'db:bench (bench)' from public.tasks t
       where t.id between (chunk % 10) * 1000 + 1 and (chunk % 10) * 1000 + 1000;
       commit;
     end loop; end $$`,
  );
  await site.query('taskfeed', 'vacuum analyze taskfeed.change_journal');
}

async function withSession<T>(site: Site, work: (session: DrainSession) => Promise<T>): Promise<T> {
  const connection = { connectionString: site.appUrl('taskfeed') };
  const session = new DrainSession({ connection, topics, actorName, bulkLimit: 5_000, applicationName: 'bench drain' });
  await session.open();
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** How the time of a drain grows with what it finds: size, p50, p99. */
async function measureBatches(site: Site, writer: pg.Client): Promise<[number, number, number][]> {
  return await withSession(site, async (session) => {
    const found: [number, number, number][] = [];
    let cursor = await session.here();
    for (const size of batchSizes) {
      const samples: number[] = [];
      for (let index = 0; index < batchCount + 10; index += 1) {
        await writer.query('update public.tasks set note = $1 where id <= $2', [`batch ${size} ${index}`, size]);
        const began = performance.now();
        const batch = await session.drain(cursor);
        if (index >= 10) samples.push(performance.now() - began);
        cursor = batch.to;
      }
      found.push([size, percentile(samples, 0.5), percentile(samples, 0.99)]);
    }
    return found;
  });
}

async function measure(site: Site, writer: pg.Client): Promise<Cost> {
  return await withSession(site, async (session) => {
    let cursor = await session.here();
    const samples: number[] = [];
    for (let index = 0; index < warmUps + drainCount; index += 1) {
      await change(writer, index);
      const began = performance.now();
      const batch = await session.drain(cursor);
      if (index >= warmUps) samples.push(performance.now() - began);
      if (batch.events.length !== 1) throw new Error(`a drain of one row found ${batch.events.length}`);
      cursor = batch.to;
    }
    await change(writer, 0);
    const plan = await explain(session, cursor);
    const counted = await site.query('taskfeed', 'select count(*)::integer as rows from taskfeed.change_journal');
    const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(samples, share)) as [number, number, number];
    return { rows: Number(counted[0]?.['rows']), p50, p99, max, ...plan };
  });
}

async function change(writer: pg.Client, index: number): Promise<void> {
  await writer.query(`update public.tasks set note = $1 where id = $2`, [
    `drain ${performance.now()}`,
    (index % 9_000) + 1,
  ]);
}

// The statement that `drain` has prepared on this very session.
async function explain(session: DrainSession, cursor: string): Promise<Pick<Cost, 'hit' | 'read' | 'serverMs'>> {
  const parts = parseCursor(cursor);
  const answer = await session.value(
    `explain (analyze, buffers, format json) execute drain('${parts?.snapshot}', '${parts?.epoch}', 5000, 50000)`,
  );
  const [explained] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as [
    { Plan: Record<string, number>; 'Execution Time': number },
  ];
  const { Plan: plan, 'Execution Time': serverMs } = explained;
  return { hit: plan['Shared Hit Blocks'] ?? 0, read: plan['Shared Read Blocks'] ?? 0, serverMs };
}

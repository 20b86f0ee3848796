// What being watched costs a writer, part by part: the processor time of the writer's own backend per one-row update,
// with each part taken out in turn. Nobody else writes, so that neither flushes nor locks are in the numbers.
import pg from 'pg';
import { withDatabase } from '../support/server.ts';
import { median } from './figures.ts';
import { processorTime } from './foreign.ts';
import { taskCount } from './plan.ts';
import { openSite, type Site } from './site.ts';

const updates = 1_500;

interface Variant {
  title: string;
  /** What is taken out. */
  sql: string;
  /** Whether somebody is hot, so that no writer rings. */
  isHot: boolean;
}

/** Every function of the write path with `from` replaced, so that the parts stay true to what is installed. */
const rewrite = (name: string, from: string, to: string) => `
  do $do$ declare was text := pg_get_functiondef('taskfeed.${name}'::regproc); begin
    if position($a$${from}$a$ in was) = 0 then raise 'nothing to take out of ${name}'; end if;
    execute replace(was, $a$${from}$a$, $b$${to}$b$);
  end $do$`;

const drop = (trigger: string) => `drop trigger ${trigger} on public.tasks`;
const others = ['insert', 'delete', 'truncate', 'replica_row']
  .map((name) => drop(`taskfeed_journal_${name}`))
  .join(';');
const stamps = `${drop('zz_taskfeed_stamp')}; ${drop('zz_taskfeed_stamp_insert')}`;

const variants: Variant[] = [
  { title: 'bare table', sql: `call taskfeed.unwatch('public.tasks'); ${stamps}`, isHot: true },
  { title: 'all of it, a listener is hot', sql: 'select 1', isHot: true },
  { title: 'all of it, nobody is hot: it rings', sql: 'select 1', isHot: false },
  { title: 'without the stamp', sql: stamps, isHot: true },
  { title: 'without journaling', sql: `call taskfeed.unwatch('public.tasks')`, isHot: true },
  { title: 'without `before`', sql: rewrite('journal_update', 'to_jsonb(o)', 'null::jsonb'), isHot: true },
  {
    title: 'without the index of the history',
    sql: 'drop index taskfeed.change_journal_history_idx',
    isHot: true,
  },
  {
    title: 'without the test of K',
    sql: `create or replace function taskfeed.ring() returns boolean language sql return false`,
    isHot: true,
  },
  { title: 'without the four triggers that an update does not fire', sql: others, isHot: true },
];

export async function measureWriterCost(rounds: number): Promise<void> {
  const site = await openSite(['taskfeed']);
  const open: pg.Client[] = [];
  const connect = async (database: string) => {
    const client = new pg.Client({ connectionString: withDatabase(site.server.ownerUrl, database) });
    open.push(client);
    await client.connect();
    return client;
  };
  try {
    const writers = await Promise.all(variants.map((variant, index) => prepare(site, connect, variant, index)));
    const samples = variants.map(() => [] as number[]);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, writer] of writers.entries()) {
        const us = await measure(writer);
        if (round > 0) samples[index]?.push(us);
      }
    }
    report(samples.map(median));
  } finally {
    await Promise.all(open.map((client) => client.end()));
    await site.close();
  }
}

async function prepare(
  site: Site,
  connect: (database: string) => Promise<pg.Client>,
  { sql, isHot }: Variant,
  index: number,
): Promise<pg.Client> {
  const name = `bench_part_${index}`;
  await site.query('taskfeed', `create database ${name} template bench_template`);
  const writer = await connect(name);
  await writer.query(sql);
  if (isHot) await (await connect(name)).query('select pg_advisory_lock(1952541798, 1)');
  await writer.query('set synchronous_commit = off');
  return writer;
}

/** Processor time of the backend per update, µs. */
async function measure(writer: pg.Client): Promise<number> {
  const pid = Number((await writer.query('select pg_backend_pid() as pid')).rows[0].pid);
  const before = processorTime(pid);
  for (let count = 0; count < updates; count += 1) {
    const id = Math.ceil(Math.random() * taskCount);
    await writer.query({
      name: 'write',
      text: 'update public.tasks set note = $1 where id = $2',
      values: [`written ${count} ${before}`, id],
    });
  }
  return (processorTime(pid) - before) / 1000 / updates;
}

function report(figures: number[]): void {
  const [bare = 0, all = 0] = figures;
  console.log('| | processor time per update | that part |\n| --- | --: | --: |');
  variants.forEach(({ title }, index) => {
    const us = figures[index] ?? 0;
    const part = index === 0 ? '' : `${index > 2 ? (all - us).toFixed(0) : `+${(us - bare).toFixed(0)}`} µs`;
    console.log(`| ${title} | ${us.toFixed(0)} µs | ${part} |`);
  });
}

// What being watched costs a writer, part by part: the processor time of the writer's own backend per one-row update,
// with each part taken out in turn. Nobody else writes, so that neither flushes nor locks are in the numbers. Short rounds,
// all variants in turn: what disturbs the machine for a while disturbs all of them,
// and the lowest fifth of the rounds is what it costs undisturbed.
import pg from 'pg';
import { withDatabase } from '../support/server.ts';
import { percentile } from './figures.ts';
import { processorTime } from './foreign.ts';
import { taskCount } from './plan.ts';
import { openSite, type Site } from './site.ts';

const updates = 300;
/** Rows of one statement, for the second figure. */
const many = 1_000;

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

/** As it was before migration 012. */
const settings = `
  alter function taskfeed.journal_row() set search_path = pg_catalog, pg_temp;
  alter function taskfeed.journal_row() set timezone = 'UTC';
  alter function taskfeed.stamp_task() set search_path = pg_catalog, pg_temp`;

/** As it was before migration 014. */
const checks = `alter table public.tasks
  add check (char_length(title) between 1 and 200), add check (char_length(description) <= 10000),
  add check (char_length(note) <= 10000), add check (char_length(review_note) <= 10000),
  add check (priority in ('urgent', 'normal', 'optional')),
  add check (status in ('draft', 'sent', 'received', 'in_progress', 'pending_approval', 'completed', 'not_completed'))`;
const statementTrigger = `
  drop trigger taskfeed_journal_update on public.tasks;
  create function taskfeed.journal_update() returns trigger language plpgsql security definer as $$
  declare rang boolean;
  begin
    insert into taskfeed.change_journal (topic, row_id, op, before, actor)
    select tg_argv[0], coalesce(o.id, n.id),
           case when n.id is null then 'delete' when o.id is null then 'insert' else 'update' end,
           case when taskfeed.is_utc() then pg_catalog.to_jsonb(o) else taskfeed.utc_row(o) end,
           taskfeed.current_actor()
    from old_rows o full join new_rows n on n.id operator(pg_catalog.=) o.id
    where o.id is null or n.id is null or o operator(pg_catalog.*<>) n;
    if found then rang := taskfeed.ring(); end if;
    return null;
  end $$;
  create trigger taskfeed_journal_update after update on public.tasks
    referencing old table as old_rows new table as new_rows for each statement execute function taskfeed.journal_update('task')`;

const bare = `call taskfeed.unwatch('public.tasks'); ${stamps}`;

const variants: Variant[] = [
  { title: 'bare table', sql: bare, isHot: true },
  { title: 'all of it, a listener is hot', sql: 'select 1', isHot: true },
  { title: 'all of it, nobody is hot: it rings', sql: 'select 1', isHot: false },
  { title: 'all of it, in another time zone', sql: `set timezone = 'America/New_York'`, isHot: true },
  { title: 'with settings on the functions', sql: settings, isHot: true },
  { title: 'with a statement trigger instead of the row trigger', sql: statementTrigger, isHot: true },
  { title: 'with CHECKs instead of domains', sql: checks, isHot: true },
  { title: 'with both', sql: `${statementTrigger}; ${checks}`, isHot: true },
  { title: 'bare table with CHECKs instead of domains', sql: `${bare}; ${checks}`, isHot: true },
  { title: 'without the stamp', sql: stamps, isHot: true },
  { title: 'without journaling', sql: `call taskfeed.unwatch('public.tasks')`, isHot: true },
  {
    title: 'without `before`',
    sql: rewrite('journal_row', 'pg_catalog.to_jsonb(old)', 'null::pg_catalog.jsonb'),
    isHot: true,
  },
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
    const writers: pg.Client[] = [];
    for (const [index, variant] of variants.entries()) writers.push(await prepare(site, connect, variant, index));
    const samples = variants.map(() => ({ one: [] as number[], many: [] as number[] }));
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, writer] of writers.entries()) {
        const one = await measure(writer);
        const many = await measureMany(writer);
        if (round === 0) continue;
        samples[index]?.one.push(one);
        samples[index]?.many.push(many);
      }
    }
    report(samples.map(({ one, many }) => ({ one: percentile(one, 0.2), many: percentile(many, 0.2) })));
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

/** The variants of which all is said that they cost, not what a part of them does. */
const wholes = 9;

/** Processor time of the backend per update of one row, each its own transaction, µs. A loop in the server: the driver's
 * own messages would cost more than most parts do. */
async function measure(writer: pg.Client): Promise<number> {
  const took = await processorTimeOf(writer);
  const first = Math.floor(Math.random() * taskCount);
  await writer.query(`do $$ begin for count in 1..${updates} loop
    update public.tasks set note = 'written ' || ${first} || '.' || count where id = 1 + (${first} + count * 7919) % ${taskCount};
    commit;
  end loop; end $$`);
  return took() / updates;
}

/** The same per row of one update of many. */
async function measureMany(writer: pg.Client): Promise<number> {
  const first = Math.floor(Math.random() * (taskCount - many));
  const took = await processorTimeOf(writer);
  await writer.query(`update public.tasks set note = $1 where id between $2 and $3`, [
    `written ${performance.now()}`,
    first + 1,
    first + many,
  ]);
  return took() / many;
}

async function processorTimeOf(client: pg.Client): Promise<() => number> {
  const pid = Number((await client.query('select pg_backend_pid() as pid')).rows[0].pid);
  const before = processorTime(pid);
  return () => (processorTime(pid) - before) / 1000;
}

function report(figures: { one: number; many: number }[]): void {
  const [bare = 0, all = 0] = figures.map(({ one }) => one);
  console.log('| | one row | that part | each of 1,000 rows |\n| --- | --: | --: | --: |');
  variants.forEach(({ title }, index) => {
    const { one, many } = figures[index] ?? { one: 0, many: 0 };
    const isWhole = index < wholes;
    const part = index === 0 ? '' : `${isWhole ? `+${(one - bare).toFixed(0)}` : (all - one).toFixed(0)} µs`;
    console.log(`| ${title} | ${one.toFixed(0)} µs | ${part} | ${many.toFixed(0)} µs |`);
  });
}

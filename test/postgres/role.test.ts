// What the application's role may not do, asked of PostgreSQL as that role: should a request ever get SQL of its own
// past the server, it can neither rewrite what happened nor change how it is written down.
import { beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createPool } from '../../src/postgres/pool.ts';
import { createDatabase } from '../support/database.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let version: number;

beforeAll(async () => {
  const database = await createDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  version = Number((await client.query('show server_version_num')).rows[0].server_version_num);
  await client.end();
  await database.drop();
});

const forbidden = [
  'delete from taskfeed.change_journal',
  'update taskfeed.change_journal set actor = $$nobody$$',
  `insert into taskfeed.change_journal (topic, row_id, op) values ('task', 1, 'insert')`,
  'truncate taskfeed.change_journal',
  'delete from taskfeed.epoch',
  `insert into taskfeed.application_roles values ('x')`,
  'truncate public.tasks',
  'drop table public.tasks',
  'alter table public.tasks add column x integer',
  'alter table public.tasks disable trigger user',
  'drop trigger zz_taskfeed_stamp on public.tasks',
  'create trigger x before insert on public.tasks for each row execute function suppress_redundant_updates_trigger()',
  `create or replace function taskfeed.task_now(bigint) returns json language sql as 'select null::json'`,
  'create table taskfeed.x (id integer)',
  'create schema x',
  'create rule x as on insert to public.tasks do instead nothing',
  'create policy x on public.tasks',
  'set session_replication_role = replica',
  'alter role current_user superuser',
  `copy public.tasks to '/tmp/x'`,
  `copy public.tasks from program 'id'`,
  'call taskfeed.admit(current_user)',
  'update public.taskfeed_migrations set name = name',
];

describe('the role of the application', () => {
  it('reads and writes rows, which is journaled', async () => {
    const database = await scope.database();
    const app = await scope.sql(database.appUrl);
    await app.query(`insert into tasks (title) values ('x')`);
    const { rows } = await app.query('select topic, row_id from taskfeed.change_journal');
    expect(rows).toEqual([{ topic: 'task', row_id: '1' }]);
  });

  it('may neither change the schema nor the journal, nor become somebody else', async () => {
    const database = await scope.database();
    const app = await scope.sql(database.appUrl);
    // Before PostgreSQL 15 every role may make tables in `public`, unless the administrator has taken that away.
    const recent = version >= 150_000 ? ['create table public.x (id integer)'] : [];
    const owner = `set role "${new URL(database.url).username}"`;
    const allowed: string[] = [];
    for (const sql of [...forbidden, owner, ...recent]) {
      const code = await app.query(sql).then(
        () => 'allowed',
        (error: { code: string }) => error.code,
      );
      if (code !== '42501') allowed.push(`${sql}: ${code}`);
    }
    expect(allowed).toEqual([]);
  });

  it('is the only one, beside the owner, who may read or write anything, and no view shows a secret', async () => {
    const database = await scope.database();
    const owner = await scope.sql(database.url);
    const { rows: open } = await owner.query(
      `
      select c.relname from pg_class c, aclexplode(c.relacl) a
      where c.relnamespace in ('public'::regnamespace, 'taskfeed'::regnamespace)
        and a.grantee not in (c.relowner, $1::regrole)`,
      [new URL(database.appUrl).username],
    );
    expect(open).toEqual([]);
    const { rows: shown } = await owner.query(`
      select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind = 'v' and c.relnamespace in ('public'::regnamespace, 'taskfeed'::regnamespace)
        and a.attname ~ 'hash|secret|sid|sess|password|token'`);
    expect(shown).toEqual([]);
  });

  it('ends statements that take too long, waits for locks only so long, and sees UTC', async () => {
    const database = await scope.database();
    const knex = createPool({ url: database.appUrl });
    scope.add(() => knex.destroy());
    const names = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'timezone'];
    const values = await Promise.all(
      names.map(async (name) => (await knex.raw('select current_setting(?) as value', [name])).rows[0].value),
    );
    expect(values).toEqual(['15s', '5s', '30s', 'UTC']);
  });
});

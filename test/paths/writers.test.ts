// Who writes, and from what kind of session, does not matter: the change is journaled, and the right one is named.
// Each protection is also taken away once, to see that it is what holds.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Feed, nobodys, owner, task } from './support.ts';

const feed = new Feed();
const run = (sql: string) => feed.after(() => feed.psql.query(sql));
const retitle = `update tasks set title = 'Sweep it' where id = 1`;
/** A function of the write path with `from` replaced everywhere, to see that it is what holds. */
const spoil = (name: string, from: string, to: string) =>
  feed.psql.query(`do $do$ declare was text := pg_get_functiondef('taskfeed.${name}'::regproc); begin
    if position($a$${from}$a$ in was) = 0 then raise 'nothing to take out of ${name}'; end if;
    execute replace(was, $a$${from}$a$, $b$${to}$b$); end $do$`);
const retitled = task('updated', 1, 2, { was: { title: 'Sweep chimney' } });

describe('a role that may only write tasks', () => {
  it('journals, and is named', async () => {
    const { name, url } = await feed.taskWriter();
    const writer = await feed.session(url);
    await expect(writer.query('select from taskfeed.change_journal')).rejects.toThrow('permission denied');
    const actor = `db:${name} (psql)`;
    expect(await feed.after(() => writer.query(retitle))).toEqual([{ ...retitled, actor }]);
    expect(await feed.after(() => writer.query(`insert into tasks (title) values ('Mine')`))).toEqual([
      task('created', 2, 1, { ...nobodys, actor }),
    ]);
    expect(await feed.after(() => writer.query('delete from tasks where id = 1'))).toEqual([
      task('deleted', 1, 2, { actor }),
    ]);
  });

  it.each([
    ['journal_insert', `insert into tasks (title) values ('Mine')`],
    ['journal_row', retitle],
    ['journal_delete', 'delete from tasks where id = 1'],
  ])('could not write at all without SECURITY DEFINER on %s', async (name, sql) => {
    const { url } = await feed.taskWriter();
    const writer = await feed.session(url);
    await feed.psql.query(`alter function taskfeed.${name}() security invoker`);
    const refused = () => expect(writer.query(sql)).rejects.toThrow('permission denied for schema taskfeed');
    expect(await feed.after(refused)).toEqual([]);
  });
});

describe('the actor', () => {
  const claim = `set taskfeed.actor = 'manager:3'`;

  it('that the application claims is believed', async () => {
    const app = await feed.session(feed.database.appUrl);
    expect(await feed.after(() => app.query(`${claim}; ${retitle}`))).toEqual([{ ...retitled, actor: 'manager:3' }]);
  });

  it('that a stranger claims is not believed', async () => {
    expect(await run(`${claim}; ${retitle}`)).toEqual([retitled]);
  });

  it('that a stranger claims as a member of the application’s role is not believed', async () => {
    const { name, url } = await feed.taskWriter();
    const app = decodeURIComponent(new URL(feed.database.appUrl).username);
    await feed.psql.query(`grant ${app} to ${name}`);
    const writer = await feed.session(url);
    const events = await feed.after(() => writer.query(`set role ${app}; ${claim}; ${retitle}`));
    expect(events).toEqual([{ ...retitled, actor: `db:${name} (psql)` }]);
  });

  it('is the application’s role itself when nothing is claimed', async () => {
    const app = await feed.session(feed.database.appUrl);
    const actor = `db:${decodeURIComponent(new URL(feed.database.appUrl).username)} (psql)`;
    expect(await feed.after(() => app.query(`set taskfeed.actor = ''; ${retitle}`))).toEqual([{ ...retitled, actor }]);
  });

  it('has no brackets when the session has no name', async () => {
    expect(await run(`set application_name = ''; ${retitle}`)).toEqual([{ ...retitled, actor: `db:${owner()}` }]);
  });

  it('that is a link bears the name of its employee', async () => {
    const app = await feed.session(feed.database.appUrl);
    await feed.given(`insert into links (id, employee_id, token_hash, expires_at) values (17, 1, 'x', 'infinity')`);
    const events = await feed.after(() => app.query(`set taskfeed.actor = 'link:17'; ${retitle}`));
    expect(events).toEqual([{ ...retitled, actor: 'link:17', actor_name: 'Dana Levi' }]);
  });
});

describe('a session of another time zone and date style', () => {
  const abroad = `set timezone = 'America/New_York'; set datestyle = 'german, dmy'; set intervalstyle = 'sql_standard'`;
  const due = `update tasks set due_at = '2026-03-01 12:00 America/New_York' where id = 1`;

  beforeEach(() => feed.given(`update tasks set due_at = '2026-02-01 12:00Z' where id = 1`));

  it('journals the same text', async () => {
    expect(await run(`${abroad}; ${due}`)).toEqual([
      task('updated', 1, 3, { was: { due_at: '2026-02-01T12:00:00+00:00' } }),
    ]);
    expect(feed.packets[0]?.data.task.due_at).toBe('2026-03-01T17:00:00+00:00');
  });

  it('journals the same text of what it deletes, and of a new key', async () => {
    const was = { due_at: '2026-02-01T12:00:00+00:00' };
    await feed.psql.query(`${abroad}; update tasks set id = 7 where id = 1; delete from tasks where id = 7`);
    const { rows } = await feed.psql.query(
      `select op, before ->> 'due_at' as due_at from taskfeed.change_journal where topic = 'task' order by seq desc limit 3`,
    );
    expect(rows.toReversed().map(({ op, due_at }) => ({ op, due_at }))).toEqual(
      expect.arrayContaining([
        { op: 'delete', ...was },
        { op: 'insert', due_at: null },
      ]),
    );
    expect(rows.filter(({ op }) => op === 'delete')).toEqual([
      { op: 'delete', ...was },
      { op: 'delete', ...was },
    ]);
  });

  it('keeps its time zone', async () => {
    await feed.psql.query(`${abroad}; ${due}`);
    expect((await feed.psql.query('show timezone')).rows).toEqual([{ TimeZone: 'America/New_York' }]);
  });

  it('would journal other text if the row were told as it is, and unchanged times would seem changed', async () => {
    await spoil('journal_row', 'taskfeed.is_utc()', 'true');
    const other = await feed.session();
    await other.query(abroad);
    const [event] = await feed.after(() => other.query(retitle));
    expect(event).toMatchObject({
      changed: ['title', 'due_at', 'created_at'],
      before: { due_at: '2026-02-01T07:00:00-05:00' },
    });
  });
});

describe('a session that puts its own objects in the way', () => {
  const decoys = `
    create temp table change_journal (like taskfeed.change_journal including identity including defaults);
    create temp table application_roles (role_name name);
    create temp table old_rows (like tasks);
    create temp table new_rows (like tasks);
    create function pg_temp.to_jsonb(record) returns jsonb language plpgsql as $$ begin return '{"decoy": true}'; end $$;
    create function pg_temp.current_setting(text, boolean) returns text language sql return 'decoy';`;
  // An exact match of the arguments beats pg_catalog's function, wherever in the path it lies.
  const overload = `
    create schema decoy;
    create function decoy.to_jsonb(record) returns jsonb language plpgsql as $$ begin return '{"decoy": true}'; end $$;
    create function decoy.is_same(record, record) returns boolean language plpgsql as $$ begin return true; end $$;
    create operator decoy.*= (leftarg = record, rightarg = record, function = decoy.is_same);
    set search_path = decoy, public`;

  it('journals as ever beside temporary tables and functions', async () => {
    expect(await run(`${decoys}; ${retitle}`)).toEqual([retitled]);
    expect((await feed.psql.query('select from pg_temp.change_journal')).rowCount).toBe(0);
  });

  it('journals as ever with overloads in its search path', async () => {
    expect(await run(`${overload}; ${retitle}`)).toEqual([retitled]);
  });

  it('would be lost to an operator of its own if the function did not say whose it means', async () => {
    await spoil('journal_row', 'operator(pg_catalog.*=)', '*=');
    const other = await feed.session();
    expect(await feed.after(() => other.query(`${overload}, pg_catalog; ${retitle}`))).toEqual([]);
  });

  it('would be lost to a temporary table if pg_temp did not come last', async () => {
    // What the function would be with a plain search path and unqualified names.
    await feed.psql.query(`do $$ begin
      execute replace(pg_get_functiondef('taskfeed.journal_row()'::regprocedure),
        'into taskfeed.change_journal', 'into change_journal');
      end $$;
      alter function taskfeed.journal_row() set search_path = pg_catalog, taskfeed`);
    const other = await feed.session();
    expect(await feed.after(() => other.query(`${decoys}; ${retitle}`), { isRung: true })).toEqual([]);
    expect((await other.query('select from pg_temp.change_journal')).rowCount).toBe(1);

    await feed.psql.query(`alter function taskfeed.journal_row() set search_path = pg_catalog, taskfeed, pg_temp`);
    const events = await feed.after(() => other.query(`update tasks set note = 'x' where id = 1`));
    expect(events).toEqual([task('updated', 1, 3, { was: { note: null } })]);
  });
});

// Operators, functions and types that fail when used, in a schema before pg_catalog.
describe('a session with a decoy for everything that a write calls', () => {
  const operators = [
    'integer =',
    'integer +',
    'integer >',
    'bigint =',
    'bigint >',
    'text =',
    'text <>',
    'text ||',
    'record *=',
    'record *<>',
    'record =',
  ];
  const functions = [
    'now() returns timestamptz',
    'clock_timestamp() returns timestamptz',
    'to_jsonb(record) returns jsonb',
    'to_jsonb(anyelement) returns jsonb',
    'current_setting(text) returns text',
    'current_setting(text, boolean) returns text',
    'format(text, text) returns text',
    'pg_notify(text, text) returns void',
    'pg_try_advisory_lock_shared(integer, integer) returns boolean',
    'pg_current_xact_id() returns xid8',
  ];
  const fails = `language plpgsql as $$ begin raise 'a decoy was called'; end $$;`;
  const decoys = [
    'create schema decoy; create table decoy.change_journal (id integer);',
    ...operators.map((operator, index) => {
      const [type, name] = operator.split(' ') as [string, string];
      const result = name === '||' || name === '+' ? type : 'boolean';
      return `create function decoy.operator_${index}(${type}, ${type}) returns ${result} ${fails}
        create operator decoy.${name} (leftarg = ${type}, rightarg = ${type}, function = decoy.operator_${index});`;
    }),
    ...functions.map((header) => `create function decoy.${header} ${fails}`),
    ...['text', 'bool', 'int4', 'int8', 'jsonb'].map(
      (type) => `create domain decoy.${type} as pg_catalog.${type} check (false);`,
    ),
    'set search_path = decoy, public, pg_catalog, taskfeed',
  ].join('\n');
  const retitled1 = `update public.tasks set title = 'Sweep it' where id operator(pg_catalog.=) 1`;

  const rekeyed1 = 'update public.tasks set id = 70 where id operator(pg_catalog.=) 1';

  it('journals and stamps as ever, whatever it does', async () => {
    await feed.given(`insert into links (id, employee_id, token_hash, expires_at) values (17, 1, 'x', 'infinity')`);
    expect(await run(`${decoys}; ${retitled1}`)).toEqual([retitled]);
    const opened = `update public.links set opened_at = pg_catalog.now() where id operator(pg_catalog.=) 17`;
    expect(await run(opened)).toMatchObject([{ event: 'link:updated', id: 17, changed: ['opened_at'] }]);
    await run(`insert into public.tasks (id, title, status) values (5, 'New', 'received')`);
    await run(`update public.tasks set status = 'completed' where id operator(pg_catalog.=) 5`);
    expect(feed.packets[0]?.data).toMatchObject({
      task: { version: 2, acknowledged_at: expect.any(String), completed_at: expect.any(String) },
      change: { changed: ['status', 'completed_at'] },
    });
    expect(await run('update public.tasks set id = 6 where id operator(pg_catalog.=) 5')).toEqual([
      task('deleted', 5, 2, nobodys),
      task('created', 6, 3, nobodys),
    ]);
    expect(await run('delete from public.tasks where id operator(pg_catalog.=) 6')).toEqual([
      task('deleted', 6, 3, nobodys),
    ]);
    expect((await feed.psql.query('select from decoy.change_journal')).rowCount).toBe(0);
  });

  it.each<[string, string, string, string?]>([
    ['journal_row', `tg_op operator(pg_catalog.=)`, 'tg_op ='],
    ['journal_row', `tg_op operator(pg_catalog.<>)`, 'tg_op <>', rekeyed1],
    ['journal_row', 'tg_nargs operator(pg_catalog.=)', 'tg_nargs ='],
    ['journal_row', 'operator(pg_catalog.=) new.id', '= new.id'],
    ['journal_row', 'operator(pg_catalog.*=)', '*='],
    ['journal_row', 'pg_catalog.to_jsonb', 'to_jsonb'],
    ['journal_row', 'was pg_catalog.jsonb', 'was jsonb'],
    ['journal_row', 'rang boolean', 'rang bool'],
    ['stamp_task', `operator(pg_catalog.=) 'UPDATE'`, `= 'UPDATE'`],
    ['stamp_task', 'operator(pg_catalog.*=)', '*='],
    ['stamp_task', 'operator(pg_catalog.+)', '+'],
    ['stamp_task', 'pg_catalog.now()', 'now()'],
  ])('would meet them if %s did not say whose %s it means', async (name, from, to, sql = retitled1) => {
    await spoil(name, from, to);
    const other = await feed.session();
    await expect(other.query(`${decoys}; ${sql}`)).rejects.toThrow(
      /a decoy was called|violates check constraint|to_jsonb\(tasks\) is not unique/,
    );
  });
});

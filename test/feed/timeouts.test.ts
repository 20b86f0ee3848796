// Time-outs: a writer's, the drain's, and whose comes first when a drain and an administrator wait for each other. No
// writer is blocked, nothing is lost, and nobody but the feed pays. The safety poll is off.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { appRole } from '../support/server.ts';
import { type ObservedListener, observe } from './duty-support.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  await psql.query(`set lock_timeout = '2s'`);
});

const insert = (title: string) => psql.query('insert into tasks (title) values ($1)', [title]);

function isWaiting(application: string): Promise<boolean> {
  const sql = `select from pg_stat_activity where application_name = $1 and datname = $2 and wait_event_type = 'Lock'`;
  return psql.query(sql, [application, database.name]).then(({ rowCount }) => rowCount === 1);
}

describe("a writer's statement_timeout", () => {
  // The time runs out after the writer has journaled its row and tested K, before it could commit.
  async function timedOutWriter(): Promise<void> {
    const writer = await scope.sql(database.url, 'slow writer');
    await writer.query(`set statement_timeout = '20ms'`);
    const writing = writer.query(`insert into tasks (title) values ('never')`);
    await expect(writing).rejects.toMatchObject({ code: '57014' });
  }

  beforeEach(() =>
    psql.query(`
      create function slow() returns trigger language plpgsql as $$ begin
        if current_setting('application_name') = 'slow writer' then perform pg_sleep(5); end if; return null; end $$;
      create trigger zzz_slow after insert on tasks for each statement execute function slow()`),
  );

  async function goesOn(observed: ObservedListener, title: string): Promise<void> {
    await insert(title);
    await observed.delivers(title);
    expect(observed.titles()).not.toContain('never');
    expect(observed.seen.polls).toBe(0);
  }

  it('takes back its change and its ring; K is not left behind', async () => {
    const observed = observe(scope, database.appUrl);
    await observed.listener.start();
    await observed.reach('asleep');
    await timedOutWriter();
    await goesOn(observed, 'asleep');
    await observed.heat();
    expect(observed.listener.state).toBe('hot');
  });

  it('while the listener is hot leaves nothing to wait for: it sleeps, and the next writer rings', async () => {
    const observed = observe(scope, database.appUrl);
    await observed.listener.start();
    await observed.heat();
    await timedOutWriter();
    await goesOn(observed, 'hot');
    observed.cool();
    await observed.reach('asleep');
    await goesOn(observed, 'asleep again');
  });
});

describe("the drain's statement_timeout", () => {
  it.each(['asleep', 'hot'])('is said, blocks no writer, and the next drain has it all: %s', async (state) => {
    const observed = observe(scope, database.appUrl, { statementTimeoutMs: 1_000 });
    await observed.listener.start();
    if (state === 'hot') await observed.heat();
    await observed.reach(state);
    // Every drain takes longer than it may, as long as the key is held.
    await psql.query(`
      create function public.hold() returns boolean language plpgsql volatile set lock_timeout = 0 as $$ begin
        perform pg_advisory_lock_shared(42), pg_advisory_unlock_shared(42); return true; end $$;
      select pg_advisory_lock(42);
      do $$ begin execute 'create or replace view public.task_details as '
        || rtrim(pg_get_viewdef('public.task_details'), ';') || ' where public.hold()'; end $$`);
    for (const title of ['one', 'two', 'three']) {
      await insert(title);
      await eventually('a drain that ran out of time', () => observed.seen.failures.splice(0).includes('57014'));
    }
    expect(observed.listener.health).toBe('behind');
    expect(observed.titles()).toEqual([]);
    await psql.query('select pg_advisory_unlock(42)');
    await observed.delivers('three');
    expect(observed.titles()).toEqual(['one', 'two', 'three']);
    expect(observed.listener.health).toBe('live');
    expect(observed.seen.polls).toBe(0);
  });
});

describe('a drain and an administrator who wait for each other', () => {
  it('end with the drain giving way before the server would cancel somebody', async () => {
    const observed = observe(scope, database.appUrl);
    await observed.listener.start();
    await observed.reach('asleep');
    const administrator = await scope.sql(database.url, 'administrator');
    await administrator.query('begin; lock table links in access exclusive mode');
    await insert('behind a lock');
    await eventually('the drain waits', () => isWaiting('taskfeed listener'));
    // The drain holds this one already.
    await administrator.query('lock table tasks in access exclusive mode');
    await administrator.query('commit');
    await observed.delivers('behind a lock');
    expect(observed.seen.failures).toContain('55P03');
    expect(observed.seen.failures).not.toContain('40P01');
    expect(observed.seen.polls).toBe(0);
  });
});

describe('a listener that starts while somebody holds a table', () => {
  // The database is new, so the feed has to begin its epoch: it needs all three.
  it.each(['tasks', 'taskfeed.change_journal', 'taskfeed.epoch'])(
    'is behind and says so, and delivers when it is let go: %s',
    async (table) => {
      const administrator = await scope.sql(database.url, 'administrator');
      await administrator.query(`begin; lock table ${table} in access exclusive mode`);
      const observed = observe(scope, database.appUrl);
      await observed.listener.start();
      expect(observed.listener.health).toBe('behind');
      expect(observed.seen.failures).toContain('55P03');
      await administrator.query('commit');
      await eventually('the feed is live', () => observed.listener.health === 'live');
      await insert('afterwards');
      await observed.delivers('afterwards');
      expect(observed.seen.polls).toBe(0);
    },
  );

  it('delivers what was written under the lock, if it knew its place already', async () => {
    await psql.query('select taskfeed.begin_epoch()');
    const administrator = await scope.sql(database.url, 'administrator');
    await administrator.query('begin; lock table tasks in access exclusive mode');
    const observed = observe(scope, database.appUrl);
    await observed.listener.start();
    await administrator.query(`insert into tasks (title) values ('held'); commit`);
    await observed.delivers('held');
    expect(observed.seen.polls).toBe(0);
  });
});

describe('a listener that the database refuses', () => {
  it('does not start, and leaves nothing behind', async () => {
    await psql.query(`revoke execute on function taskfeed.current_cursor() from ${appRole}`);
    const { listener } = observe(scope, database.appUrl);
    await expect(listener.start()).rejects.toMatchObject({ code: '42501' });
    const sessions = `select from pg_stat_activity where application_name like 'taskfeed%' and datname = $1`;
    await eventually('its sessions have ended', () =>
      psql.query(sessions, [database.name]).then(({ rowCount }) => rowCount === 0),
    );
    await psql.query(`grant execute on function taskfeed.current_cursor() to ${appRole}`);
    await listener.start();
    expect(listener.health).toBe('live');
  });
});

// Others use the same server: they hold our key, wait for it, cancel statements, keep transactions open, prepare them.
// No writer is ever blocked and nothing is lost; what it costs is said here.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createDataDir } from '../support/data-dir.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { heldWriter, isDelivered, observe } from './duty-support.ts';

const scope = createScope();
const K = '1952541798, 1';
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  await psql.query(`set lock_timeout = '2s'`);
});

const insert = (title: string) => psql.query('insert into tasks (title) values ($1)', [title]);

describe('K in the hands of a stranger', () => {
  it('costs a look every quarter of a second, until it is free again', async () => {
    const stranger = await scope.sql(database.url, 'stranger');
    await stranger.query(`select pg_advisory_lock(${K})`);
    const observed = observe(scope, database.appUrl);
    await observed.listener.start();
    await insert('not rung');
    await observed.delivers('not rung');
    expect(observed.listener.state).toBe('settling');
    expect(observed.seen.polls).toBe(0);
    await stranger.query(`select pg_advisory_unlock(${K})`);
    await observed.reach('asleep');
    await insert('rung');
    await observed.delivers('rung');
  });

  it('taken while the listener sleeps costs a safety poll', async () => {
    const observed = observe(scope, database.appUrl, { safetyPollMs: 100 });
    await observed.listener.start();
    await observed.reach('asleep');
    const stranger = await scope.sql(database.url, 'stranger');
    await stranger.query(`select pg_advisory_lock(${K})`);
    await insert('not rung');
    await observed.delivers('not rung');
    expect(observed.seen.polls).toBeGreaterThan(0);
  });

  it('who only waits for it exclusively blocks no writer either', async () => {
    const observed = observe(scope, database.appUrl, { safetyPollMs: 100 });
    await observed.listener.start();
    await observed.heat();
    const stranger = await scope.sql(database.url, 'stranger');
    const waiting = stranger.query(`select pg_advisory_lock(${K})`);
    await insert('while it waits');
    await observed.delivers('while it waits');
    observed.cool();
    await waiting;
    await insert('while it holds');
    await observed.delivers('while it holds');
    await stranger.query(`select pg_advisory_unlock(${K})`);
    await observed.reach('asleep');
  });
});

describe('cancelled statements', () => {
  it('do not leave K behind: the listener can become hot', async () => {
    const observed = observe(scope, database.appUrl);
    await observed.listener.start();
    const writer = await scope.sql(database.url, 'cancelled writer');
    let cancelled = 0;
    while (cancelled < 20) {
      const writing = writer
        .query(`insert into tasks (title) select 'x' || n from generate_series(1, 300) n`)
        .catch((error: { code: string }) => {
          if (error.code === '57014') cancelled += 1;
        });
      await psql.query('select pg_sleep($1)', [Math.random() * 0.01]);
      await psql.query(
        `select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'cancelled writer'`,
      );
      await writing;
    }
    await observed.heat();
    expect(observed.listener.state).toBe('hot');
  });
});

describe('a writer that keeps K to its commit (the wrong test)', () => {
  it('keeps the listener from becoming hot; the right one does not', async () => {
    const observed = observe(scope, database.appUrl);
    await observed.listener.start();
    await observed.reach('asleep');
    const right = await heldWriter(scope, database.url, 'right');
    await observed.heat();
    await right.commit();
    observed.cool();
    await observed.reach('asleep');

    await psql.query(`
      create or replace function taskfeed.ring() returns boolean language plpgsql as $$
      begin
        if pg_try_advisory_xact_lock_shared(${K}) then perform pg_notify('taskfeed', ''); end if;
        return true;
      end $$`);
    const wrong = await heldWriter(scope, database.url, 'wrong');
    const { rows } = await psql.query(`select pg_try_advisory_lock(${K}) as taken`);
    expect(rows[0].taken).toBe(false);
    await wrong.commit();
    await observed.delivers('wrong');
  });
});

describe('a long transaction that has nothing to do with us', () => {
  it('keeps the listener settling, which costs a few looks a second; rings are heard all the same', async () => {
    const other = await scope.sql(database.url, 'long');
    await other.query('begin; select pg_current_xact_id()');
    const observed = observe(scope, database.appUrl);
    await observed.listener.start();
    await insert('rung');
    await observed.delivers('rung');
    expect(observed.listener.state).toBe('settling');
    await other.query('rollback');
    await observed.reach('asleep');
  });
});

describe('a prepared transaction', () => {
  it('cannot have rung; with the ring off it is delivered by the safety poll when it is committed', async () => {
    const { rows } = await psql.query('show max_prepared_transactions');
    if (rows[0].max_prepared_transactions === '0') {
      process.stderr.write('not run: prepared transactions (max_prepared_transactions is 0)\n');
      return;
    }
    const observed = observe(scope, database.appUrl, { safetyPollMs: 100 });
    await observed.listener.start();
    await observed.reach('asleep');
    await psql.query('begin');
    await insert('rung');
    await expect(psql.query(`prepare transaction 'p1'`)).rejects.toThrow(/NOTIFY/);
    await psql.query('rollback; begin; set local taskfeed.ring = off');
    await insert('prepared');
    const name = `p_${database.name}`;
    await psql.query(`prepare transaction '${name}'`);
    await psql.query(`commit prepared '${name}'`);
    await observed.delivers('prepared');
  });
});

describe('X read off a snapshot (xmax) instead of taken', () => {
  // Transaction ids are the whole server's, so this schedule has a server of its own.
  it.each([
    ['taken', true],
    ['xmax', false],
  ] as const)('%s: a held writer is delivered: %s', async (bound, isSound) => {
    const { dataDir, remove } = await createDataDir();
    scope.add(remove);
    const server = await startEmbedded({ dataDir, settings: { fsync: 'off', autovacuum: 'off' }, initSync: false });
    scope.add(() => server.stop());
    await migrate({ url: server.ownerUrl });
    const reader = await scope.sql(server.ownerUrl);
    const observed = observe(scope, server.ownerUrl, { strategy: { bound } });
    await observed.listener.start();
    await observed.heat();

    const older = await scope.sql(server.ownerUrl, 'older');
    await older.query('begin; select pg_current_xact_id()');
    const writer = await heldWriter(scope, server.ownerUrl, 'held');
    observed.cool();
    await observed.reach('settling');
    await older.query('commit');
    if (!isSound) await observed.reach('asleep');
    await writer.commit();
    if (isSound) await observed.delivers('held');
    else expect(await isDelivered(reader, observed, 'held')).toBe(false);
    expect(observed.seen.polls).toBe(0);
    await eventually('asleep', () => observed.listener.state === 'asleep');
  });
});

// Rows that replication writes fire no ordinary trigger; the twins that fire only there journal them.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { serverMajor } from './sql.ts';
import { Feed, nobodys, owner, row, sorted, type Told, task } from './support.ts';

const feed = new Feed();
const asReplica = (sql: string) => feed.after(() => feed.psql.query(`set session_replication_role = replica; ${sql}`));

describe('session_replication_role = replica', () => {
  it('tells an insert, an update and a delete', async () => {
    expect(await asReplica(`insert into tasks (id, title) values (9, 'Replicated')`)).toEqual([
      task('created', 9, 1, nobodys),
    ]);
    expect(await asReplica(`update tasks set title = 'Again', version = 700 where id = 9`)).toEqual([
      task('updated', 9, 2, { ...nobodys, was: { title: 'Replicated' } }),
    ]);
    expect(await asReplica('delete from tasks where id = 9')).toEqual([task('deleted', 9, 2, nobodys)]);
  });

  it('tells an updated primary key as a delete and a create', async () => {
    expect(await asReplica('update tasks set id = 70 where id = 1')).toEqual([
      task('deleted', 1, 1, {}),
      task('created', 70, 2, {}),
    ]);
  });

  it('says nothing of an update that changes nothing', async () => {
    expect(await asReplica('update tasks set title = title')).toEqual([]);
  });

  it('tells every row of a statement, and a rename', async () => {
    await feed.given(`insert into tasks (id, title, system_id) values (2, 'Paint door', 1)`);
    const was = { system_name: 'Boiler 2' };
    expect(sorted(await asReplica(`update systems set name = 'Boiler 3' where id = 1`))).toEqual([
      row('system:updated', 1, { name: 'Boiler 3', was: { name: 'Boiler 2' } }),
      task('updated', 1, 1, { system_name: 'Boiler 3', count: 0, was }),
      task('updated', 2, 1, { system_name: 'Boiler 3', employee_name: null, count: 0, was }),
    ]);
  });

  it('is a reset for TRUNCATE', async () => {
    expect(await asReplica('truncate tasks cascade')).toEqual([{ event: 'feed:reset', reason: 'truncated' }]);
  });

  it('is told in UTC, whatever the session’s time zone', async () => {
    await feed.given(`update tasks set due_at = '2026-02-01 12:00Z'`);
    expect(await asReplica(`set timezone = 'Asia/Tokyo'; update tasks set due_at = null`)).toEqual([
      task('updated', 1, 3, { was: { due_at: '2026-02-01T12:00:00+00:00' } }),
    ]);
  });

  it.each(['origin', 'replica'])('is journaled once, as in the other role: %s', async (role) => {
    await feed.psql.query(`set session_replication_role = ${role}`);
    await feed.psql.query('delete from taskfeed.change_journal');
    await feed.psql.query(`insert into tasks (title) values ('New'); update tasks set note = 'x' where id = 2;
      delete from tasks where id = 2`);
    const { rows } = await feed.psql.query(
      'select op, row_id::integer as id from taskfeed.change_journal order by seq',
    );
    const ops = ['insert', 'update', 'delete'];
    expect(rows).toEqual(ops.map((op) => ({ op, id: 2 })));
  });

  it('would be lost without the twin', async () => {
    await feed.psql.query('alter table tasks disable trigger taskfeed_journal_replica_row');
    expect(await asReplica(`insert into tasks (id, title) values (9, 'Replicated')`)).toEqual([]);
    expect(await asReplica('delete from tasks where id = 9')).toEqual([]);
  });

  it('would lose its updates if their trigger fired in the origin role only', async () => {
    await feed.psql.query('alter table tasks enable trigger taskfeed_journal_update');
    expect(await asReplica(`update tasks set note = 'x'`)).toEqual([]);
  });

  it('would be told under an old version if the stamp fired in the origin role only', async () => {
    await feed.psql.query('alter table tasks enable trigger zz_taskfeed_stamp');
    expect(await asReplica(`update tasks set note = 'x'`)).toEqual([task('updated', 1, 1, { was: { note: null } })]);
  });

  it('would be told twice elsewhere if the twin fired in every role', async () => {
    await feed.psql.query('alter table tasks enable always trigger taskfeed_journal_replica_row');
    const events = await feed.after(() => feed.psql.query(`insert into tasks (id, title) values (9, 'New')`));
    expect(events).toEqual([task('created', 9, 1, { ...nobodys, count: 2 })]);
  });
});

describe('a subscription', () => {
  it('tells what the apply worker writes', async () => {
    const level = await feed.psql.query<{ wal_level: string }>('show wal_level');
    if (level.rows[0]?.wal_level !== 'logical') {
      process.stderr.write('not run: rows of a real subscription; this server has no wal_level=logical\n');
      return;
    }
    const publisher = await subscribe();
    const actor = `db:${owner()}`;

    const pumps = { system_name: 'Pump 7', employee_name: null, actor };

    const inserted = await replicated(
      publisher,
      `insert into systems (id, name) values (40, 'Pump 7'); insert into tasks (id, title, system_id) values (9, 'Afar', 40)`,
    );
    expect(inserted).toEqual([row('system:created', 40, { name: 'Pump 7', actor }), task('created', 9, 1, pumps)]);
    const updated = await replicated(
      publisher,
      `begin; update tasks set note = 'x' where id = 9; update tasks set note = 'y', priority = 'urgent' where id = 9;
       update systems set name = 'Pump 8' where id = 40; commit`,
    );
    const was = { note: null, priority: 'normal', system_name: 'Pump 7' };
    expect(sorted(updated)).toEqual([
      row('system:updated', 40, { name: 'Pump 8', actor, was: { name: 'Pump 7' } }),
      task('updated', 9, 3, { ...pumps, system_name: 'Pump 8', count: 2, was }),
    ]);
    const deleted = await replicated(publisher, 'delete from tasks where id = 9');
    expect(deleted).toEqual([task('deleted', 9, 3, { ...pumps, system_name: 'Pump 8' })]);
  });
});

/** A second database, whose tasks and systems are subscribed to. Resolves with a session there. */
async function subscribe(): Promise<pg.Client> {
  const name = `taskfeed_test_${randomBytes(6).toString('hex')}`;
  const database = await feed.scope.database();
  const publisher = await feed.session(database.url);
  await publisher.query('create publication ours for table tasks, systems');
  // The same server: CREATE SUBSCRIPTION would wait for itself when it makes the slot.
  await publisher.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [name]);
  feed.scope.add(() =>
    eventually('the slot is free', async () => {
      const slot = `from pg_replication_slots where slot_name = '${name}' and not active`;
      return ((await publisher.query(`select pg_drop_replication_slot(slot_name) ${slot}`)).rowCount ?? 0) > 0;
    }),
  );
  await feed.psql.query(`create subscription ${name} connection '${database.url}' publication ours
    with (create_slot = false, slot_name = '${name}', copy_data = false)`);
  feed.scope.add(() =>
    feed.psql.query(`alter subscription ${name} disable`).then(async () => {
      await feed.psql.query(`alter subscription ${name} set (slot_name = none)`);
      await feed.psql.query(`drop subscription ${name}`);
    }),
  );
  return publisher;
}

/** The events of what was written at the publisher, once the apply worker has committed it. */
async function replicated(publisher: pg.Client, sql: string): Promise<Told[]> {
  // Before PostgreSQL 15 a background worker's NOTIFY wakes nobody: there the safety poll delivers, here the marker.
  const isHeard = (await serverMajor(feed.psql)) >= 15;
  const before = feed.client.packets.length;
  return await feed.after(async () => {
    await publisher.query(sql);
    const { rows } = await publisher.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
    await eventually('the apply worker has come so far', async () => {
      const flushed = await publisher.query(
        'select from pg_replication_slots where database = current_database() and confirmed_flush_lsn >= $1',
        [rows[0]?.lsn],
      );
      return flushed.rowCount === 1;
    });
    await eventually('the doorbell was heard', () => !isHeard || feed.client.packets.length > before);
  });
}

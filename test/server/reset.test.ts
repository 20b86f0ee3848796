// What is too much, or cannot be told row by row, is told as a reset while clients are connected; and a database that
// does not answer is told by the pulse.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
});

describe.each([false, true])('connected clients (batch: %s)', (batch) => {
  it('are reset when one statement changes more than the bulk limit', async () => {
    const server = await scope.server(database, { bulkLimit: 100 });
    const client = await scope.client(server.url, { batch });
    await psql.query(`insert into tasks (title) select 'bulk ' || n from generate_series(1, 101) n`);
    const reset = await client.next('feed:reset');
    expect(reset).toEqual({ reason: 'bulk', count: 101, cursor: expect.any(String), spread_ms: expect.any(Number) });
    // The end of what is not told: from there on everything is.
    const after = await scope.client(server.url, { since: reset.cursor });
    expect(await after.next('feed:ready')).toMatchObject({ outcome: 'current', count: 0 });
    await psql.query(`insert into tasks (title) values ('marker')`);
    await eventually('the marker', () => JSON.stringify(client.packets).includes('marker'));
    expect(JSON.stringify(client.packets)).not.toContain('bulk 1"');
  });

  it('are not reset by as many rows as the limit allows', async () => {
    const server = await scope.server(database, { bulkLimit: 100 });
    const client = await scope.client(server.url, { batch });
    await psql.query(`insert into tasks (title) select 'bulk ' || n from generate_series(1, 100) n`);
    await eventually('all rows', () => JSON.stringify(client.packets).split('"title":"bulk').length === 101);
    expect(client.packets.filter(({ name }) => name === 'feed:reset')).toEqual([]);
  });

  it('are reset by a rename that more rows show than the limit allows', async () => {
    await psql.query(`insert into systems (name) values ('Boiler')`);
    await psql.query(`insert into tasks (title, system_id) select 'task ' || n, 1 from generate_series(1, 150) n`);
    const server = await scope.server(database, { bulkLimit: 100 });
    const client = await scope.client(server.url, { batch });
    await psql.query(`update systems set name = 'Boiler 2'`);
    expect(await client.next('feed:reset')).toMatchObject({ reason: 'bulk', count: 151 });
  });

  it('are reset by TRUNCATE', async () => {
    await psql.query(`insert into tasks (title) values ('one')`);
    const server = await scope.server(database);
    const client = await scope.client(server.url, { batch });
    await psql.query('truncate tasks cascade');
    expect(await client.next('feed:reset')).toMatchObject({ reason: 'truncated' });
  });

  it('are reset by a new epoch, and come back in it', async () => {
    const server = await scope.server(database);
    const client = await scope.client(server.url, { batch });
    const { cursor } = await client.next('feed:ready');
    // What crash recovery, promotion and restore do to an unlogged table.
    await psql.query('delete from taskfeed.epoch');
    await psql.query(`insert into tasks (title) values ('one')`);
    expect(await client.next('feed:reset')).toMatchObject({ reason: 'epoch' });
    const { body } = await server.http('GET', '/api/tasks');
    expect(String(body['cursor']).split('.')[0]).not.toBe(cursor.split('.')[0]);
    client.socket.emit('feed:resume', { since: body['cursor'] });
    expect(await client.next('feed:ready')).toMatchObject({ outcome: 'current' });
    client.socket.emit('feed:resume', { since: cursor });
    expect(await client.next('feed:reset')).toMatchObject({ reason: 'epoch' });
  });
});

describe('a journal that came with a dump', () => {
  it('is not told again and again, though its transaction ids lie ahead', async () => {
    await psql.query(`insert into tasks (title) values ('one')`);
    await psql.query(`update taskfeed.change_journal set xid = '4000000000'; delete from taskfeed.epoch`);
    const server = await scope.server(database);
    const client = await scope.client(server.url);
    await psql.query(`insert into tasks (title) values ('marker')`);
    await client.next('task:created');
    expect(client.events.map(({ data }) => data.task.title)).toEqual(['marker']);
  });
});

describe('a table that an administrator has locked', () => {
  it('makes the feed behind, not silent, and everything is delivered afterwards', async () => {
    await psql.query(`insert into tasks (title) values ('one')`);
    const server = await scope.server(database);
    const client = await scope.client(server.url);
    const returning = await scope.client(server.url, { batch: true });
    const admin = await scope.sql(database.url);
    await admin.query('begin; lock table tasks in access exclusive mode');
    await psql.query(`insert into systems (name) values ('Boiler')`);
    expect(await client.next('feed:pulse', ({ state }) => state === 'behind')).toMatchObject({ state: 'behind' });
    expect(client.events).toEqual([]);
    expect((await server.http('GET', '/readyz')).body['reasons']).toContain('the feed is behind');

    await admin.query(`update tasks set title = 'uno'; commit`);
    await client.next('feed:pulse', ({ state }) => state === 'live');
    const names = client.events.map(({ name }) => name);
    expect(names.sort()).toEqual(['system:created', 'task:updated']);
    expect((await returning.next('feed:batch')).events).toHaveLength(2);
  });
});

describe('large batches', () => {
  it('go in parts of which only the last carries the cursor', async () => {
    const server = await scope.server(database);
    const client = await scope.client(server.url, { batch: true });
    await psql.query(
      `insert into tasks (title, description) select 't' || n, repeat('x', 10000) from generate_series(1, 60) n`,
    );
    await client.next('feed:batch', ({ to }) => to !== undefined);
    const parts = client.packets.filter(({ name }) => name === 'feed:batch').map(({ data }) => data);
    expect(parts.length).toBeGreaterThanOrEqual(3);
    expect(parts.slice(0, -1).every(({ to }) => to === undefined)).toBe(true);
    expect(new Set(parts.map(({ from }) => from)).size).toBe(1);
    expect(new Set(parts.map(({ as_of }) => String(as_of))).size).toBe(1);
    expect(parts.flatMap(({ events }) => events).map(({ task }) => task.id)).toEqual(
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    for (const part of parts) expect(JSON.stringify(part).length).toBeLessThan(300_000);
  });

  it('form a chain: each begins where the one before ended', async () => {
    const server = await scope.server(database);
    const client = await scope.client(server.url, { batch: true });
    const { cursor } = await client.next('feed:ready');
    for (const title of ['a', 'b', 'c']) {
      await psql.query('create table elsewhere (); drop table elsewhere');
      await psql.query('insert into tasks (title) values ($1)', [title]);
      await client.next('feed:batch');
    }
    const batches = client.packets.filter(({ name }) => name === 'feed:batch').map(({ data }) => data);
    expect(batches.map(({ events }) => events[0].task.title)).toEqual(['a', 'b', 'c']);
    expect(batches[1].from).toBe(batches[0].to);
    expect(batches[2].from).toBe(batches[1].to);
    expect(cursor).toEqual(expect.any(String));
  });
});

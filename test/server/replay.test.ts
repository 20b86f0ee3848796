// A client that comes back gets exactly what it missed, in order and once, or is told to load anew. Never silence.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { FeedClient } from '../support/feed-client.ts';
import { createScope } from '../support/scope.ts';
import { hold } from './hold.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  await psql.query(`insert into tasks (title) values ('one'), ('two')`);
});

/** `created 3`, `updated 1`: what single events or batches said, in order. */
function told(client: FeedClient): string[] {
  const single = client.events.map(({ name, data }) => `${name} ${data.task.id}`);
  const batches = client.packets.filter(({ name }) => name === 'feed:batch').flatMap(({ data }) => data.events);
  return [...single, ...batches.map(({ event, task }) => `${event} ${task.id}`)];
}

const missed = `
  insert into tasks (title) values ('three');
  update tasks set title = 'uno' where id = 1;
  delete from tasks where id = 2;`;

describe.each([
  ['the ring buffer', 1024 * 1024],
  ['a replay query', 1],
])('a client that comes back is served from %s', (_from, ringBytes) => {
  it.each([false, true])('with exactly what it missed, then live (batch: %s)', async (batch) => {
    const server = await scope.server(database, { ringBytes });
    const first = await scope.client(server.url, { batch });
    const { cursor } = await first.next('feed:ready');
    first.close();
    await psql.query(missed);

    const again = await scope.client(server.url, { batch, since: cursor });
    const ready = await again.next('feed:ready');
    expect(ready).toMatchObject({ outcome: 'replayed', count: 3 });
    expect(told(again).sort()).toEqual(['task:created 3', 'task:deleted 2', 'task:updated 1']);
    expect(server.server.feed.replayQueries > 0).toBe(ringBytes === 1);

    await psql.query(`insert into tasks (title) values ('marker')`);
    await eventually('the marker', () => told(again).includes('task:created 4'));
    expect(told(again)).toHaveLength(4);
    // The cursor after the replay is the place to come back to: nothing is told twice.
    const third = await scope.client(server.url, { batch, since: ready.cursor });
    expect(await third.next('feed:ready')).toMatchObject({ outcome: 'replayed', count: 1 });
    expect(told(third)).toEqual(['task:created 4']);
  });
});

describe('an answer', () => {
  it('names the question that it answers: a handshake or a feed:resume, served or not, fresh or not', async () => {
    const server = await scope.server(database);
    const fresh = await scope.client(server.url, { ask: 3 });
    const { ask, cursor } = await fresh.next('feed:ready');
    const back = await scope.client(server.url, { ask: 7, since: cursor });
    const answers = [ask, (await back.next('feed:ready')).ask];
    back.socket.emit('feed:resume', { ask: 8, since: cursor });
    back.socket.emit('feed:resume', { ask: 9, since: 'nonsense' });
    back.socket.emit('feed:resume', { ask: 10 });
    back.socket.emit('feed:resume', { since: cursor });
    const resets = [await back.next('feed:reset'), await back.next('feed:reset')].map((reset) => reset.ask);
    await eventually('four answers', () => back.packets.filter(({ name }) => name === 'feed:ready').length === 3);
    const readies = back.packets.filter(({ name }) => name === 'feed:ready').map(({ data }) => data.ask);
    expect([answers, readies, resets.sort()]).toEqual([
      [3, 7],
      [7, 8, undefined],
      [10, 9],
    ]);
  });
});

describe('replay queries', () => {
  it('are shared by all who come back with an equal cursor', async () => {
    const server = await scope.server(database, { ringBytes: 1 });
    const first = await scope.client(server.url);
    const { cursor } = await first.next('feed:ready');
    await psql.query(missed);
    await first.next('task:deleted');
    // The replay is held, and meanwhile everybody arrives.
    const held = await hold(scope, database, 'taskfeed replay');
    const herd = await Promise.all(
      Array.from({ length: 20 }, () => scope.client(server.url, { since: cursor, isAwaited: false })),
    );
    await held.reached();
    await eventually('all have connected', () => herd.every(({ socket }) => socket.connected));
    await held.release();
    for (const client of herd) expect(await client.next('feed:ready')).toMatchObject({ count: 3 });
    expect(server.server.feed.replayQueries).toBe(1);
  });

  it('are shared by those who come back one after the other, and each hears what came since', async () => {
    const before = await scope.server(database);
    const first = await scope.client(before.url);
    const { cursor } = await first.next('feed:ready');
    await before.stop();
    await psql.query(missed);
    // Its ring buffer begins after what was missed.
    const server = await scope.server(database);
    for (let later = 0; later < 4; later += 1) {
      const again = await scope.client(server.url, { since: cursor });
      expect(await again.next('feed:ready')).toMatchObject({ outcome: 'replayed', count: 3 + later });
      expect(told(again).slice(0, 3).sort()).toEqual(['task:created 3', 'task:deleted 2', 'task:updated 1']);
      expect(told(again)).toHaveLength(3 + later);
      await psql.query(`insert into tasks (title) values ('later')`);
      await eventually('it is in the live feed', () => told(again).length === 4 + later);
    }
    expect(server.server.feed.replayQueries).toBe(1);
  });
});

it('is told much that came since then in one batch, not one by one', async () => {
  const before = await scope.server(database);
  const first = await scope.client(before.url);
  const { cursor } = await first.next('feed:ready');
  await before.stop();
  await psql.query(missed);
  const server = await scope.server(database);
  const live = await scope.client(server.url, { batch: true, since: cursor });
  for (let turn = 1; turn <= 30; turn += 1) {
    await psql.query('update tasks set note = $1 where id = 1', [`${turn}`]);
    await live.next('feed:batch', ({ events }) => events[0].task.note === `${turn}`);
  }
  const again = await scope.client(server.url, { batch: true, since: cursor });
  expect(await again.next('feed:ready')).toMatchObject({ outcome: 'replayed', count: 3 });
  expect(again.packets.filter(({ name }) => name === 'feed:batch')).toHaveLength(1);
  expect(server.server.feed.replayQueries).toBe(2);
});

describe('a client that has missed nothing', () => {
  it('is told that it is current, also with the cursor of a snapshot newer than the last drain', async () => {
    const server = await scope.server(database, { safetyPollMs: 3_600_000 });
    // A transaction without a journal row: the snapshot is ahead of the feed and no ring tells it.
    await psql.query('create table elsewhere (); drop table elsewhere;');
    const { body } = await server.http('GET', '/api/tasks');
    const client = await scope.client(server.url, { since: String(body['cursor']) });
    expect(await client.next('feed:ready')).toMatchObject({ outcome: 'current', count: 0 });
    await psql.query(`insert into tasks (title) values ('marker')`);
    await client.next('task:created');
    expect(client.events).toHaveLength(1);
  });
});

describe('a cursor that cannot be served is answered with a reset', () => {
  const uuid = '00000000-0000-4000-8000-000000000000';

  it.each([
    ['garbage', () => 'garbage', 'malformed'],
    ['not a snapshot', (epoch: string) => `${epoch}.7:3:`, 'malformed'],
    ['an id that is too large', (epoch: string) => `${epoch}.1:99999999999999999999:`, 'malformed'],
    ['of another epoch', () => `${uuid}.3:3:`, 'epoch'],
    ['from the future', (epoch: string) => `${epoch}.900000000:900000000:`, 'epoch'],
  ])('%s', async (_what, since, reason) => {
    const server = await scope.server(database);
    const { cursor } = await (await scope.client(server.url)).next('feed:ready');
    const [epoch = ''] = cursor.split('.');
    const client = await scope.client(server.url, { since: since(epoch) });
    expect(await client.next('feed:reset')).toEqual({ reason, spread_ms: expect.any(Number) });

    // Out of its room until it resumes; then everything is as for anybody else.
    const { body } = await server.http('GET', '/api/tasks');
    client.socket.emit('feed:resume', { since: body['cursor'] });
    await client.next('feed:ready');
    await psql.query(`update tasks set title = 'uno' where id = 1`);
    await client.next('task:updated');
  });

  it('behind the horizon: expired, before and after the rows are pruned', async () => {
    const server = await scope.server(database, { ringBytes: 1 });
    const { cursor } = await (await scope.client(server.url)).next('feed:ready');
    await psql.query(missed);
    // The server's own pruner has noted its first snapshot and is gone; ours is to be the one that becomes the horizon.
    await eventually('the first snapshot', async () => (await psql.query('select from taskfeed.snapshots')).rowCount);
    await eventually('the end of the pruner', async () => {
      const sessions = `select from pg_stat_activity where application_name = 'taskfeed pruner' and datname = $1`;
      return (await psql.query(sessions, [database.name])).rowCount === 0;
    });
    await psql.query('delete from taskfeed.snapshots');
    await psql.query(`select taskfeed.prune('7 days', '2 years')`);
    await psql.query(`update taskfeed.snapshots set at = at - interval '8 days'`);
    const served = await scope.client(server.url, { since: cursor });
    expect(await served.next('feed:ready')).toMatchObject({ count: 3 });

    await psql.query(`select taskfeed.prune('7 days', '2 years')`);
    // One that does not remember what it has just read.
    const other = await scope.server(database);
    const refused = await scope.client(other.url, { since: cursor });
    expect(await refused.next('feed:reset')).toMatchObject({ reason: 'expired' });
  });

  it.each([
    ['nothing', {}],
    ['a number', { since: 5 }],
    ['16,400 characters', { since: 'x'.repeat(16_400) }],
    ['text', 'text'],
    ['null', null],
    ['something more', { since: 'x', more: 1 }],
  ])('a feed:resume that says %s: malformed', async (_what, request) => {
    const server = await scope.server(database);
    const client = await scope.client(server.url);
    client.socket.emit('feed:resume', request);
    expect(await client.next('feed:reset')).toMatchObject({ reason: 'malformed' });
  });

  it.each([{ protocol: 2 }, { since: 7 }, { batch: 'yes' }, { sinse: 'x' }])(
    'a handshake that says %j: connect_error with code protocol',
    async (auth) => {
      const server = await scope.server(database);
      const client = await scope.client(server.url, { ...(auth as object), isAwaited: false });
      const error = await eventually('connect_error', () => client.errors[0]);
      expect(error).toMatchObject({ data: { code: 'protocol', retry: false } });
    },
  );
});

// Changes committed in the gaps: between a replay's snapshot and the live feed, between a page's load and its connect,
// within one slice. The gaps are held open by the test: a drain waits in the middle of its statement, with its snapshot
// already taken.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { createScope } from '../support/scope.ts';
import { hold } from './hold.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  await psql.query(`
    insert into systems (name) values ('Boiler');
    insert into tasks (title, system_id) values ('one', 1), ('two', 1);`);
});

describe('committed between the snapshot of a replay and the next live drain', () => {
  it.each([
    ['a rename shows the new name', `update systems set name = 'Kiln' where id = 1`],
    ['a delete stays deleted', 'delete from tasks where id = 1'],
  ])('%s', async (_what, change) => {
    const server = await scope.server(database, { ringBytes: 1_000_000 });
    const witness = await scope.client(server.url);
    const { body } = await server.http('GET', '/api/tasks');
    await psql.query(`update tasks set title = 'uno' where id = 1`);
    await witness.next('task:updated');
    await server.stop();
    // A server that has just started remembers nothing, so the client is served by a replay.
    const held = await hold(scope, database, 'taskfeed replay');
    const next = await scope.server(database);
    const live = await scope.client(next.url);
    const client = await scope.client(next.url, { since: String(body['cursor']), isAwaited: false });
    await held.reached();
    await psql.query(change);
    await live.next(change.startsWith('delete') ? 'task:deleted' : 'task:updated');
    await held.release();

    await client.next('feed:ready');
    const about = client.events.filter(({ data }) => data.task?.id === 1);
    expect(about[0]).toMatchObject({ name: 'task:updated', data: { task: { title: 'uno', system_name: 'Boiler' } } });
    const rename = { name: 'task:updated', data: { task: { system_name: 'Kiln' } } };
    expect(about.at(-1)).toMatchObject(change.startsWith('delete') ? { name: 'task:deleted' } : rename);
    expect(about).toHaveLength(2);
  });
});

describe('created, read and deleted within one slice', () => {
  it('leaves no ghost: whoever read it hears that it is gone', async () => {
    const server = await scope.server(database);
    const witness = await scope.client(server.url);
    const held = await hold(scope, database, 'taskfeed listener');
    await psql.query(`insert into tasks (title) values ('before')`);
    await held.reached();
    await psql.query(`insert into tasks (title) values ('ghost')`);
    const { body } = await server.http('GET', '/api/tasks');
    expect((body['tasks'] as { title: string }[]).map(({ title }) => title)).toContain('ghost');
    await psql.query(`delete from tasks where title = 'ghost'`);
    await held.release();

    const client = await scope.client(server.url, { since: String(body['cursor']) });
    await client.next('feed:ready');
    expect(client.events.map(({ name, data }) => `${name} ${data.task.title}`)).toEqual(['task:deleted ghost']);
    await witness.next('task:deleted');
    expect(witness.events.map(({ name, data }) => `${name} ${data.task.title}`)).toEqual([
      'task:created before',
      'task:deleted ghost',
    ]);
  });
});

describe('committed between the load of a page and its connect', () => {
  it('is replayed, in order and once', async () => {
    const server = await scope.server(database);
    const { body } = await server.http('GET', '/api/tasks?limit=1');
    await psql.query(`update tasks set title = 'uno' where id = 1; delete from tasks where id = 2`);
    const client = await scope.client(server.url, { since: String(body['cursor']) });
    await psql.query(`insert into tasks (title) values ('marker')`);
    await client.next('task:created');
    expect(client.events.map(({ name }) => name)).toEqual(['task:updated', 'task:deleted', 'task:created']);
  });
});

describe('a transaction that commits late', () => {
  it('is delivered when it commits, and nobody waits for it', async () => {
    const server = await scope.server(database);
    const client = await scope.client(server.url);
    const slow = await scope.sql(database.url);
    await slow.query(`begin; update tasks set title = 'slow' where id = 1`);
    for (const title of ['a', 'b']) {
      await psql.query('update tasks set title = $1 where id = 2', [title]);
      await client.next('task:updated', ({ task }) => task.title === title);
    }
    await slow.query('commit');
    await client.next('task:updated', ({ task }) => task.title === 'slow');
    expect(client.events).toHaveLength(3);
  });

  it('is lost by a reader that follows sequence numbers, which is why the feed does not', async () => {
    const slow = await scope.sql(database.url);
    const read = async (after: string) => {
      const { rows } = await psql.query('select seq from taskfeed.change_journal where seq > $1 order by seq', [after]);
      return rows.map(({ seq }) => seq as string);
    };
    const last = (await read('0')).at(-1) ?? '0';
    await slow.query(`begin; update tasks set title = 'slow' where id = 1`);
    await psql.query(`update tasks set title = 'fast' where id = 2`);
    const first = await read(last);
    await slow.query('commit');
    const second = await read(first.at(-1) ?? last);
    expect([...first, ...second]).toHaveLength(1);
  });
});

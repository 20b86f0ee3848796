// A link's socket hears of its own tasks and of nothing else, and ends with the link.
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let server: RunningServer;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  server = await scope.server(database);
  psql = await scope.sql(database.url);
  await psql.query(`
    insert into systems (name) values ('Boiler');
    insert into employees (name) values ('Dana'), ('Marcus');
    insert into tasks (title, employee_id, system_id) values ('hers', 1, 1), ('hers too', 1, 1), ('his', 2, null);`);
  await link('token-a', 1, [1, 3]);
});

async function link(token: string, employee: number, tasks: number[], expires = `now() + interval '1 day'`) {
  const hash = createHash('sha256').update(token).digest();
  const { rows } = await psql.query(
    `insert into links (employee_id, token_hash, expires_at) values ($1, $2, ${expires}) returning id`,
    [employee, hash],
  );
  await psql.query('insert into link_tasks (link_id, task_id) select $1, unnest($2::integer[])', [rows[0].id, tasks]);
}

/** Ends a wait for "nothing": the link's own task changes last. */
async function marker(): Promise<void> {
  await psql.query(`update tasks set title = 'marker' where id = 1`);
}

describe('a socket with a link', () => {
  it('gets events of its tasks only, without actor, old values or cursor', async () => {
    const client = await scope.client(server.url, { link: 'token-a' });
    expect(await client.next('feed:ready')).toEqual({ outcome: 'fresh', count: 0, now: expect.any(String) });
    await psql.query(`update tasks set note = 'not mine' where id in (2, 3)`);
    await psql.query(`update employees set phone = '1' where id = 1; update systems set email = 'a@b'`);
    await marker();
    const event = await client.next('task:updated');
    expect(event.task).toMatchObject({ id: 1, title: 'marker', employee_name: 'Dana' });
    expect(event.change).toEqual({ seq: expect.any(String), changed: ['title'], at: expect.any(String), count: 1 });
    expect(Object.keys(event).sort()).toEqual(['as_of', 'change', 'task']);
    expect(client.events).toHaveLength(1);
  });

  it.each([
    ['is assigned to somebody else', 'update tasks set employee_id = 2 where id = 1'],
    ['is taken out of the link', 'delete from link_tasks where task_id = 1'],
    ['is deleted', 'delete from tasks where id = 1'],
  ])('sees a task leave that %s, as its id alone', async (_what, change) => {
    const client = await scope.client(server.url, { link: 'token-a' });
    await psql.query(change);
    expect((await client.next('task:deleted')).task).toEqual({ id: 1 });
    await psql.query(`insert into tasks (title, employee_id) values ('marker', 1)`);
    await psql.query(`insert into link_tasks (link_id, task_id) select 1, max(id) from tasks`);
    await client.next('task:created', ({ task }) => task.title === 'marker');
    expect(client.events).toHaveLength(2);
  });

  it.each([
    ['is assigned to its employee', 'update tasks set employee_id = 1 where id = 3', 3],
    ['is added to the link', 'insert into link_tasks (link_id, task_id) values (1, 2)', 2],
  ])('sees a task enter that %s', async (_what, change, id) => {
    const client = await scope.client(server.url, { link: 'token-a' });
    const manager = await scope.client(server.url);
    await psql.query(change);
    expect((await client.next('task:created')).task).toMatchObject({ id, employee_name: 'Dana', image_ids: [] });
    await marker();
    await client.next('task:updated');
    expect(client.events).toHaveLength(2);
    // For a manager the task itself has not changed by being in a link.
    await manager.next('task:updated', ({ task }) => task.title === 'marker');
    const others = manager.events.filter(({ name, data }) => name.startsWith('task:') && data.task.title !== 'marker');
    expect(others).toHaveLength(id === 3 ? 1 : 0);
  });

  it('shows a rename of what its tasks show', async () => {
    const client = await scope.client(server.url, { link: 'token-a' });
    await psql.query(`update systems set name = 'Kiln'`);
    expect((await client.next('task:updated')).task).toMatchObject({ id: 1, system_name: 'Kiln' });
  });

  it('hears whom to call at a system of its tasks, and of its own link, without the rest of those rows', async () => {
    const client = await scope.client(server.url, { link: 'token-a' });
    await psql.query(`insert into systems (name, phone) values ('Another', '1')`);
    await psql.query(
      `update systems set description = 'large' where id = 1; update systems set phone = '2' where id = 2`,
    );
    await psql.query(`update links set last_used_at = now()`);
    await psql.query(`update systems set phone = '+1 555 0123', email = 'a@b' where id = 1`);
    const { system, change } = await client.next('system:updated');
    expect(system).toEqual({ id: 1, name: 'Boiler', location: null, contact_name: null, phone: '+1 555 0123' });
    expect(change).toEqual({ seq: expect.any(String), changed: ['phone'], at: expect.any(String), count: 1 });
    await psql.query(`update tasks set employee_id = 1, system_id = 2 where id = 3`);
    await client.next('task:created');
    await psql.query(`update systems set location = 'Bay 2' where id = 2`);
    expect((await client.next('system:updated')).system).toMatchObject({ id: 2, location: 'Bay 2' });
    await psql.query(`update links set acknowledged_at = '2026-11-22 12:00+00'`);
    expect((await client.next('link:updated')).link).toEqual({
      id: 1,
      expires_at: expect.any(String),
      acknowledged_at: '2026-11-22T12:00:00+00:00',
    });
    expect(client.events).toHaveLength(4);
  });

  it('gets the answer to its last question, however soon it asks', async () => {
    const client = await scope.client(server.url, { link: 'token-a', ask: 1, isAwaited: false });
    await eventually('the connection', () => client.socket.connected);
    for (const ask of [2, 3]) client.socket.emit('feed:resume', { ask });
    await client.next('feed:ready', ({ ask }) => ask === 3);
    await marker();
    await client.next('task:updated');
  });

  it('is asked to load anew by a reset, and is served after feed:resume', async () => {
    const client = await scope.client(server.url, { link: 'token-a' });
    await psql.query('truncate task_images');
    await client.next('feed:reset', ({ reason }) => reason === 'truncated');
    await psql.query('update tasks set employee_id = 2 where id = 1; update tasks set employee_id = 1 where id = 3');
    client.socket.emit('feed:resume', {});
    await client.next('feed:ready');
    await psql.query(`update tasks set title = 'now hers' where id = 3`);
    expect((await client.next('task:updated')).task).toMatchObject({ id: 3, title: 'now hers' });
  });
});

describe('the end of a link', () => {
  it.each([
    ['revoked in psql', 'update links set revoked_at = now()', 'revoked'],
    ['deleted in psql', 'delete from links', 'revoked'],
    ['ended by its employee being deleted', 'delete from employees where id = 1', 'revoked'],
    ['expired in psql', `update links set expires_at = now() - interval '1 second'`, 'expired'],
  ])('%s cuts its open socket, which is told why', async (_what, change, code) => {
    const client = await scope.client(server.url, { link: 'token-a' });
    const other = await scope.client(server.url);
    await psql.query(change);
    expect(await client.next('feed:end')).toEqual({ code });
    await eventually('the socket is closed', () => !client.socket.connected);
    expect(other.socket.connected).toBe(true);
  });

  it('renewed: the old socket is cut, the new token connects', async () => {
    const client = await scope.client(server.url, { link: 'token-a' });
    const { body } = await server.http('POST', '/api/links/1/renew', {});
    expect(await client.next('feed:end')).toEqual({ code: 'revoked' });
    const renewed = await scope.client(server.url, { link: String(body['token']) });
    await marker();
    expect((await renewed.next('task:updated')).task).toMatchObject({ id: 1, title: 'marker' });
  });

  it('by time cuts it too, and an extension in psql is heeded', async () => {
    await link('token-b', 1, [2]);
    await link('token-c', 1, [2]);
    const client = await scope.client(server.url, { link: 'token-b' });
    const extended = await scope.client(server.url, { link: 'token-c' });
    // Both would end at one moment; long before that, one of them is not to end then any more.
    await psql.query(`update links set expires_at = now() + interval '4 seconds' where id in (2, 3)`);
    await extended.next('link:updated');
    await psql.query(`update links set expires_at = now() + interval '1 hour' where id = 3`);
    expect(await client.next('feed:end')).toEqual({ code: 'expired' });
    await psql.query(`update tasks set title = 'still here' where id = 2`);
    await extended.next('task:updated');
    expect(client.events.map(({ name }) => name)).toEqual(['link:updated']);
  });

  it.each([
    ['unknown', 'nonsense', 'link_unknown'],
    ['revoked', 'token-r', 'link_revoked'],
    ['expired', 'token-e', 'link_expired'],
  ])('a link that is %s does not connect: %s', async (_what, token, code) => {
    await link('token-r', 1, [1]);
    await link('token-e', 1, [1], `now() - interval '1 second'`);
    await psql.query('update links set revoked_at = now() where id = 2');
    const client = await scope.client(server.url, { link: token, isAwaited: false });
    expect(await eventually('connect_error', () => client.errors[0])).toMatchObject({ data: { code, retry: false } });
  });
});

// Whatever ends a manager's way in cuts the open pages, on every process, by way of the journal.
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import WebSocket from 'ws';
import { createLogger } from '../../src/logger.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { SessionStore } from '../../src/server/session-store.ts';
import { createApiToken, revokeApiToken } from '../../src/tasks/api-tokens.ts';
import { setDisabled, setPassword } from '../../src/tasks/managers.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { FeedClient } from '../support/feed-client.ts';
import { signIn } from '../support/identity.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let servers: [RunningServer, RunningServer];
let psql: pg.Client;
let cookie: string;

// Looking again by itself is out of the way, newcomers included: what cuts here is the journal, by a ring.
const never = 3_600_000;
const options = { recheckMs: never, newcomerMs: never, safetyPollMs: never };

beforeEach(async () => {
  database = await scope.database();
  servers = [await scope.server(database, options), await scope.server(database, options)];
  psql = await scope.sql(database.url);
  cookie = (await signIn(servers[0].url)).header;
});

function pool() {
  const knex = createPool({ url: database.appUrl });
  scope.add(() => knex.destroy());
  return knex;
}

/** A page on each process. */
const open = (identity: { cookie: string } | 'manager' = { cookie }) =>
  Promise.all(servers.map(({ url }) => scope.client(url, { identity })));

async function expectCut(clients: FeedClient[], code: string): Promise<void> {
  for (const client of clients) {
    expect(await client.next('feed:end')).toEqual({ code });
    await eventually('the socket is closed', () => client.socket.disconnected);
  }
}

const end: [string, string, () => Promise<unknown>][] = [
  [
    'signing out',
    'signed_out',
    () => servers[1].as({ cookie })('DELETE', '/api/session', undefined, { origin: servers[1].url }),
  ],
  ['another password', 'signed_out', () => setPassword(pool(), 'db:x', 1, 'another password')],
  ['being disabled', 'disabled', () => setDisabled(pool(), 'db:x', 1, true)],
  ['a session deleted in psql', 'signed_out', () => psql.query('delete from sessions')],
  ['a session that psql lets run out', 'expired', () => psql.query('update sessions set expire = now()')],
  ['a manager disabled in psql', 'disabled', () => psql.query('update managers set disabled_at = now()')],
  ['a manager deleted in psql', 'disabled', () => psql.query('delete from managers')],
  ['a password set in psql', 'signed_out', () => psql.query('update managers set password_hash = null')],
  ['all sessions truncated', 'signed_out', () => psql.query('truncate sessions')],
  [
    'a session deleted as replication does',
    'signed_out',
    () => psql.query('set session_replication_role = replica; delete from sessions; reset session_replication_role'),
  ],
];

describe('an open page is cut on every process at once by', () => {
  it.each(end)('%s (%s)', async (_, code, work) => {
    const clients = await open();
    await work();
    await expectCut(clients, code);
    const again = scope.client(servers[0].url, { identity: { cookie } });
    await expect(again).rejects.toMatchObject({ data: { code: 'unauthenticated', retry: false } });
  });

  it('a token that is revoked, and others stay', async () => {
    const knex = pool();
    const { id, token } = await createApiToken(knex, 'db:x', { managerId: 1, name: 'script' });
    const others = [...(await open()), ...(await open('manager'))];
    const clients = await Promise.all(servers.map(({ url }) => scope.client(url, { identity: { token } })));
    expect((await servers[0].as({ token })('GET', '/api/tasks')).status).toBe(200);
    await revokeApiToken(knex, 'db:x', id);
    await expectCut(clients, 'revoked');
    expect((await servers[0].as({ token })('GET', '/api/tasks')).status).toBe(401);
    await psql.query(`insert into tasks (title) values ('marker')`);
    for (const other of others) expect((await other.next('task:created')).task.title).toBe('marker');
  });

  it('a token that ends by itself', async () => {
    const { token } = await createApiToken(pool(), 'db:x', { managerId: 1, name: 'script', expiresInDays: 1 });
    const clients = await Promise.all(servers.map(({ url }) => scope.client(url, { identity: { token } })));
    await psql.query(`update api_tokens set expires_at = now() + interval '300 ms' where name = 'script'`);
    await expectCut(clients, 'expired');
  });
});

it('signing out cuts the pages of that browser only', async () => {
  const other = await scope.client(servers[0].url, { identity: { cookie: (await signIn(servers[0].url)).header } });
  const clients = await open();
  await servers[0].as({ cookie })('DELETE', '/api/session', undefined, { origin: servers[0].url });
  await expectCut(clients, 'signed_out');
  await psql.query(`insert into tasks (title) values ('marker')`);
  expect((await other.next('task:created')).task.title).toBe('marker');
});

it('nobody hears of sessions and managers but the server', async () => {
  const single = await scope.client(servers[0].url);
  const batch = await scope.client(servers[0].url, { batch: true });
  await psql.query(`
    update managers set name = 'Somebody'; delete from sessions; update api_tokens set name = 'x';
    insert into tasks (title) values ('marker')`);
  expect((await single.next('task:created')).task.title).toBe('marker');
  expect(single.events.map(({ name }) => name)).toEqual(['task:created']);
  const told = await batch.next('feed:batch', ({ events }) => events.length > 0);
  expect(told.events.map(({ event }: { event: string }) => event)).toEqual(['task:created']);
  const { rows } = await psql.query(`select string_agg(j::text, '') as text from taskfeed.change_journal j`);
  expect(rows[0].text).toContain('manager@taskfeed.test');
  expect(rows[0].text).not.toMatch(/argon2|"sid"|"sess"|token_hash|password_hash/);
});

describe('what happens to sessions by the thousand', () => {
  const expired = `insert into sessions (sid, sess, expire) select 'old' || n, '{}', now() - interval '1 day'
    from generate_series(1, 250) n`;

  it.each([
    ['deleted in one statement', 'signed_out', 'delete from sessions'],
    ['truncated', 'signed_out', 'truncate sessions'],
  ])('is no reset for anybody, and still cuts who was signed in: %s', async (_, code, sql) => {
    const server = await scope.server(database, { ...options, bulkLimit: 5 });
    await psql.query(expired);
    const watchers = [await scope.client(server.url), await scope.client(server.url, { batch: true })];
    const signedIn = await scope.client(server.url, { identity: { cookie } });
    await psql.query(sql);
    await expectCut([signedIn], code);
    await psql.query(`insert into tasks (title) values ('marker')`);
    await watchers[0]?.next('task:created');
    await watchers[1]?.next('feed:batch', ({ events }) => events.length > 0);
    for (const { packets } of watchers) expect(packets.map(({ name }) => name)).not.toContain('feed:reset');
  });

  it('those that have run out are pruned in small steps, and no others', async () => {
    const knex = pool();
    const deleted: number[] = [];
    knex.on('query-response', ({ command, rowCount }) => command === 'DELETE' && deleted.push(rowCount));
    const store = new SessionStore({ knex, logger: createLogger({ level: 'silent', isTerminal: false }) });
    scope.add(async () => store.close());
    await psql.query(expired);
    expect(await store.prune()).toBe(250);
    expect(deleted).toEqual([200, 50]);
    expect((await psql.query('select from sessions')).rowCount).toBe(1);
  });
});

it('with the journal switched off, the look every few minutes cuts what has ended', async () => {
  const server = await scope.server(database, { recheckMs: 100, newcomerMs: never });
  const client = await scope.client(server.url, { identity: { cookie } });
  await psql.query(`call taskfeed.unwatch('public.sessions'); delete from sessions`);
  expect(await client.next('feed:end')).toEqual({ code: 'signed_out' });
});

it('what ends just when somebody comes is found by the look at newcomers', async () => {
  const server = await scope.server(database, { recheckMs: never, newcomerMs: 5_000 });
  const client = await scope.client(server.url, { identity: { cookie } });
  await psql.query(`call taskfeed.unwatch('public.sessions'); delete from sessions`);
  expect(await client.next('feed:end')).toEqual({ code: 'signed_out' });
});

it('a page that reads nothing is gone from the server too, not half a minute later', async () => {
  const url = `${servers[0].url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
  const page = new WebSocket(url, { headers: { cookie, origin: servers[0].url } });
  scope.add(async () => page.terminate());
  const heard = (what: string) =>
    new Promise<void>((resolve) => page.on('message', (data) => String(data).startsWith(what) && resolve()));
  await heard('0');
  page.send('40{"protocol":1}');
  await heard('42["feed:ready"');
  const { _socket: wire } = page as unknown as { _socket: Socket };
  wire.pause();
  await psql.query('delete from sessions');
  // It sees nothing of an end; what it sends is taken as long as the connection stands.
  await eventually('nobody takes what it sends', () => wire.destroyed || page.ping(), 15_000);
});

it('a database that does not answer signs nobody out, and refuses newcomers for the time being', async () => {
  const server = await scope.server(database, { recheckMs: 100 });
  const client = await scope.client(server.url, { identity: { cookie } });
  await psql.query('alter table sessions rename to sessions_away');
  const refused = scope.client(server.url, { identity: { cookie } });
  await expect(refused).rejects.toMatchObject({ data: { code: 'unavailable', retry: true } });
  await psql.query(`alter table sessions_away rename to sessions; insert into tasks (title) values ('marker')`);
  expect((await client.next('task:created')).task.title).toBe('marker');
  expect(client.packets.map(({ name }) => name)).not.toContain('feed:end');
});

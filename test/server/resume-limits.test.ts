// What one client may ask of the feed: so many questions at once, and so long until it has been told all it missed.
import { beforeEach, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { FeedClient } from '../support/feed-client.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
});

const answersOf = ({ packets }: FeedClient) =>
  packets.filter(({ name, data }) => ['feed:ready', 'feed:reset'].includes(name) && data.ask !== undefined);

it('tells a client that asks without waiting to load anew, and answers the questions before', async () => {
  // Nothing is kept in memory, so that every answer needs the database.
  const server = await scope.server(database, { ringBytes: 0 });
  const client = await scope.client(server.url, { batch: true });
  const { cursor: since } = await client.next('feed:ready');
  await psql.query(`insert into tasks (title) values ('one')`);
  await client.next('feed:batch');
  const admin = await scope.sql(database.url);
  await admin.query('begin; lock table tasks in access exclusive mode');
  for (const ask of [1, 2, 3, 4, 5]) client.socket.emit('feed:resume', { since, ask });
  expect(await client.next('feed:reset')).toMatchObject({ reason: 'behind', ask: 5 });
  await admin.query('rollback');
  await eventually('all are answered', () => answersOf(client).length === 5);
  client.socket.emit('feed:resume', { since, ask: 6 });
  expect(await client.next('feed:ready', ({ ask }) => ask === 6)).toMatchObject({ outcome: 'replayed', count: 1 });
  expect(answersOf(client).map(({ data }) => data.ask)).toEqual([5, 1, 2, 3, 4, 6]);
});

it('tells a client that is not through with what it missed in time to load anew', async () => {
  const server = await scope.server(database, { longestReplayMs: 0 });
  const client = await scope.client(server.url, { batch: true });
  const { cursor: since } = await client.next('feed:ready');
  const text = `select n, repeat('x', 10000) from generate_series(1, 60) n`;
  await psql.query(`insert into tasks (title, description) ${text}`);
  const { to } = await client.next('feed:batch', ({ to }) => to !== undefined);
  client.socket.emit('feed:resume', { since, ask: 1 });
  expect(await client.next('feed:reset')).toMatchObject({ reason: 'behind', ask: 1 });
  // What can be handed over at once is not measured.
  client.socket.emit('feed:resume', { since: to, ask: 2 });
  expect(await client.next('feed:ready', ({ ask }) => ask === 2)).toMatchObject({ outcome: 'current' });
});

// Stopping: what was begun is finished, what comes meanwhile is told to come back, and nobody can hold it up.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import type { FeedClient } from '../support/feed-client.ts';
import { headersOf } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

async function dial(port: number, text: string): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (bytes) => {
    received += String(bytes);
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  scope.add(async () => socket.destroy());
  return { socket, received: () => received };
}

const own = `Authorization: ${headersOf()['authorization']}\r\n`;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

it('finishes a request that has begun, tells sockets, and says 503 to what comes meanwhile', async () => {
  const database = await scope.database();
  const server = await scope.server(database);
  const psql = await scope.sql(database.url);
  await psql.query(`insert into tasks (title) values ('held')`);
  const watcher = await scope.sql(database.url);
  const client = await scope.client(server.url);

  await psql.query('begin');
  await psql.query('select from tasks for update');
  const write = server.http('PUT', '/api/tasks/1', { title: 'finished' });
  await eventually('the write waits for the lock', async () => {
    const { rows } = await watcher.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = $1`,
      [database.name],
    );
    return rows.length > 0;
  });
  const stopping = server.server.stop();
  expect(await client.next('feed:end')).toEqual({ code: 'shutdown', spread_ms: 102 });
  const [ready, alive, route] = [
    await server.http('GET', '/readyz'),
    await server.http('GET', '/healthz'),
    await server.http('GET', '/api/tasks'),
  ];
  expect([ready.status, ready.body]).toEqual([503, { status: 'not ready', reasons: ['stopping'] }]);
  expect(alive.status).toBe(200);
  expect([route.status, route.body['code'], route.headers.get('retry-after'), route.headers.get('connection')]).toEqual(
    [...[503, 'unavailable', '1', 'close']],
  );

  await psql.query('commit');
  expect((await write).body['task']).toMatchObject({ title: 'finished' });
  await stopping;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

it('is not held up by a connection without a request, nor by half a request', async () => {
  const server = await scope.server(await scope.database());
  const { port } = server.server;
  const idle = await dial(port, get('/healthz'));
  await eventually('an answer', () => idle.received().includes('"ok"'));
  const half = await dial(port, 'POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Le');
  const silent = await dial(port, '');
  const ends = [idle, half, silent].map(({ socket }) => once(socket, 'close'));
  await server.server.stop();
  await Promise.all(ends);
});

it('leaves behind, and says so, what does not finish in time', async () => {
  const lines: string[] = [];
  const database = await scope.database();
  const server = await scope.server(database, { log: (line) => lines.push(line), drainMs: 100 });
  const body = `POST /api/tasks HTTP/1.1\r\nHost: x\r\n${own}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{`;
  const { socket } = await dial(server.server.port, body);
  const closed = once(socket, 'close');
  await eventually('the request has begun', async () => (await server.http('GET', '/healthz')).status === 200);
  await server.server.stop();
  await closed;
  expect(lines.filter((line) => line.includes('left behind')).map((line) => JSON.parse(line).requests)).toEqual([1]);
});

it('tells all sockets over what time to come back, and each comes back with its cursor to every change, once', async () => {
  const database = await scope.database();
  const before = await scope.server(database);
  const psql = await scope.sql(database.url);
  await psql.query(`insert into tasks (title) values ('one')`);
  const herd = await Promise.all(Array.from({ length: 60 }, () => scope.client(before.url, { batch: true })));
  let written = 0;
  let isOver = false;
  const writing = (async () => {
    for (; !isOver; written += 1) await psql.query('update tasks set note = $1', [`${written}`]);
  })();
  await eventually('writers go on', () => written > 20);
  await before.server.stop();
  for (const client of herd) expect(await client.next('feed:end')).toEqual({ code: 'shutdown', spread_ms: 220 });
  const enough = written + 20;
  await eventually('writers go on', () => written > enough);
  const after = await scope.server(database);
  isOver = true;
  await writing;

  const changes = ({ packets }: FeedClient) =>
    packets
      .filter(({ name }) => name === 'feed:batch')
      .flatMap(({ data }) => data.events)
      .filter(({ event }) => event === 'task:updated')
      .reduce((sum, { change }) => sum + change.count, 0);
  for (const client of herd) {
    const cursor = client.packets.findLast(({ data }) => data?.to ?? data?.cursor)?.data;
    const again = await scope.client(after.url, { batch: true, since: cursor.to ?? cursor.cursor });
    expect(changes(client) + changes(again)).toBe(written);
  }
});

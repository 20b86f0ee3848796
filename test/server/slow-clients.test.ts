// A client that does not read is cut before it costs memory, and misses nothing; one that reads slowly is not.
import { request } from 'node:http';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { FeedClient } from '../support/feed-client.ts';
import { testManager } from '../support/identity.ts';
import type { RunningServer, RunningServerOptions } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';

const scope = createScope();
const rows = 800;
let database: TestDatabase;
let server: RunningServer;
let psql: pg.Client;

// Who reads at all is never so late, on whatever machine.
const limits = { longestMs: 3_000, mostBytes: 1_000_000, graceMs: 2_000 };

async function start(options: RunningServerOptions = {}): Promise<void> {
  server = await scope.server(database, { slowClients: limits, ...options });
}

const fill = (count: number) =>
  psql.query(`insert into tasks (title, description) select n, repeat('x', 5000) from generate_series(1, $1) n`, [
    count,
  ]);

const touch = (note: string) => psql.query('update tasks set note = $1', [note]);

/** Stops reading, as a computer that was put to sleep does. */
function pause(client: FeedClient): { resume: () => void } {
  const { transport } = client.socket.io.engine as unknown as {
    transport: { ws: { _socket: { pause(): void; resume(): void } } };
  };
  transport.ws._socket.pause();
  return { resume: () => transport.ws._socket.resume() };
}

/** The server's ends of its connections. */
function acceptedSockets(): number {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles(): { localPort?: number }[] };
  return handles.call(process).filter(({ localPort }) => localPort === server.server.port).length;
}

/** More than the kernel keeps for one that does not read, as fast as the one who does reads it. */
async function flood(until: () => boolean, reader?: FeedClient): Promise<void> {
  for (let round = 0; !until() && round < 60; round += 1) {
    await touch(`flood ${round}`);
    await reader?.next('feed:batch', ({ events }) => events.at(-1)?.task.note === `flood ${round}`);
  }
  await eventually('it is cut', until);
}

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  await fill(rows);
});

describe('a client that does not read', () => {
  it('is cut while another one hears everything, and comes back with its cursor to all it missed', async () => {
    await start();
    const paused = await scope.client(server.url, { batch: true });
    const other = await scope.client(server.url, { batch: true });
    const cursor: string = paused.packets.at(-1)?.data.cursor;
    const socketsBefore = acceptedSockets();
    const { resume } = pause(paused);
    await flood(() => server.server.slowClientsCut > 0, other);
    await touch('after the cut');
    await other.next('feed:batch', ({ events }) => events.at(-1)?.task.note === 'after the cut');
    expect(server.server.slowClientsCut).toBe(1);
    expect(server.server.clients).toBe(1);
    await eventually('nothing is kept for it', () => acceptedSockets() < socketsBefore);
    expect(other.socket.connected).toBe(true);

    resume();
    await eventually('it learns that it was cut', () => paused.socket.disconnected);
    const back = await scope.client(server.url, { batch: true, since: cursor });
    const told = new Map<number, string>();
    for (const { name, data } of back.packets) {
      if (name === 'feed:batch') for (const { task } of data.events) told.set(task.id, task.note);
    }
    expect(told.size).toBe(rows);
    expect(new Set(told.values())).toEqual(new Set(['after the cut']));
  });

  it('is let go with all that was kept for it when it does not answer a ping either', async () => {
    await start({ slowClients: { longestMs: 600_000, mostBytes: Number.POSITIVE_INFINITY, graceMs: 600_000 } });
    const proxy = await openTcpProxy(server.server.port);
    scope.add(() => proxy.close());
    await scope.client(proxy.url, { batch: true });
    // Not even an end comes through, so that the server alone can let go.
    proxy.silence();
    // Several times what the kernel takes.
    for (let round = 0; round < 8; round += 1) await touch(`flood ${round}`);
    await eventually('it has not answered', () => server.server.clients === 0);
    // Well before the half minute that a goodbye may take.
    await eventually('nothing is kept for it', () => acceptedSockets() === 0, 25_000);
    expect(server.server.slowClientsCut).toBe(0);
  });

  it('is cut on long polling too, where it asks no more', async () => {
    await start();
    const session = await openPolling();
    await poll(session);
    await flood(() => server.server.slowClientsCut > 0);
    expect(server.server.clients).toBe(0);
  });

  it('is cut on long polling where it does not read an answer', async () => {
    await start({ slowClients: { ...limits, longestMs: 60_000, graceMs: 5_000 } });
    const other = await scope.client(server.url, { batch: true });
    const session = await openPolling();
    await poll(session);
    // It asks when all of it is there, so that nothing waits but the answer itself: more than the kernel takes.
    for (const note of ['one', 'two', 'three', 'four']) {
      await touch(note);
      await other.next('feed:batch', ({ events }) => events.at(-1)?.task.note === note);
    }
    const response = await new Promise<{ destroy(): void }>((resolve, reject) => {
      request(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${session}`, resolve).on('error', reject).end();
    });
    scope.add(async () => response.destroy());
    await eventually('it is cut', () => server.server.slowClientsCut === 1);
    expect(server.server.clients).toBe(1);
  });
});

describe('a client that reads slowly', () => {
  it('is told all it missed in its own time, and then hears what is new', async () => {
    await start();
    // More than the kernel takes for somebody.
    await fill(2_200 - rows);
    const first = await scope.client(server.url);
    const cursor: string = first.packets.at(-1)?.data.cursor;
    first.close();
    await touch('missed');
    const proxy = await openTcpProxy(server.server.port);
    scope.add(() => proxy.close());
    // Longer than a byte may wait.
    proxy.throttle(2_000_000);
    const slow = await scope.client(proxy.url, { batch: true, since: cursor });
    proxy.throttle(0);
    expect(slow.packets.findLast(({ name }) => name === 'feed:ready')?.data).toMatchObject({
      outcome: 'replayed',
      count: 2_200,
    });
    await psql.query(`update tasks set note = 'new' where id = 1`);
    await slow.next('feed:batch', ({ events }) => events.at(-1)?.task.note === 'new');
    expect(server.server.slowClientsCut).toBe(0);
    expect(slow.socket.connected).toBe(true);
  });

  it('hears in order what was committed while it was told what it missed', async () => {
    await start();
    const first = await scope.client(server.url);
    const cursor: string = first.packets.at(-1)?.data.cursor;
    first.close();
    await touch('missed');
    const proxy = await openTcpProxy(server.server.port);
    scope.add(() => proxy.close());
    // Slow enough that the next change is committed long before all of this is through.
    proxy.throttle(100_000);
    const slow = await scope.client(proxy.url, { since: cursor, isAwaited: false });
    await slow.next('task:updated', ({ task }) => task.note === 'missed');
    await touch('meanwhile');
    proxy.throttle(0);
    await slow.next('feed:ready');
    const notes = slow.events.map(({ data }) => data.task.note);
    const turn = notes.indexOf('meanwhile');
    expect(turn).toBe(rows);
    expect(notes).toEqual([...Array(rows).fill('missed'), ...Array(rows).fill('meanwhile')]);
    expect(slow.packets.find(({ name }) => name === 'feed:ready')?.data.count).toBe(2 * rows);
  });
});

async function openPolling(): Promise<string> {
  const address = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const opened = await (await fetch(address)).text();
  const { sid } = JSON.parse(opened.slice(1));
  const auth = { protocol: 1, batch: true, token: testManager.token };
  await fetch(`${address}&sid=${sid}`, { method: 'POST', body: `40${JSON.stringify(auth)}` });
  return sid;
}

/** Asks until it is in the feed. */
async function poll(sid: string): Promise<void> {
  let heard = '';
  while (!heard.includes('feed:ready')) {
    heard += await (await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`)).text();
  }
}

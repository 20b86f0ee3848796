// The network between the doorbell and its server: silent, refusing, away for a minute. The proxy does it.
import { beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { doorbellDefaults } from '../../src/feed/doorbell.ts';
import { Listener } from '../../src/feed/listener.ts';
import { Backoff } from '../../src/feed/retry.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { openProxy, type PostgresProxy } from '../support/proxy.ts';
import { createScope } from '../support/scope.ts';
import { bellName, ring } from './doorbell-support.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;
let proxy: PostgresProxy;
let url: string;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  proxy = await openProxy(database.appUrl);
  scope.add(proxy.close);
  url = proxy.through(database.appUrl);
});

/** The real schedule on a clock of its own: it says how long it would have waited, and does not wait. */
class Clock extends Backoff {
  readonly waits: number[] = [];
  nowMs = 0;
  readonly #at: { ms: number; happens: () => void };

  constructor(at: { ms: number; happens: () => void }) {
    super(doorbellDefaults.backoff);
    this.#at = at;
  }

  override next(): number {
    const ms = super.next();
    this.waits.push(ms);
    this.nowMs += ms;
    if (this.nowMs >= this.#at.ms) this.#at.happens();
    return 0;
  }
}

describe('a half-open connection', () => {
  it('is noticed by the next heartbeat, and left behind when the network is back', async () => {
    const bell = ring(scope, url, { deadlineMs: 2_000 });
    await bell.says('listening');
    proxy.silence();
    await bell.says(`deaf: The doorbell's probe was not answered within 2000 ms`);
    await psql.query('notify taskfeed');
    await bell.says(`deaf: The doorbell's connect was not answered`);
    proxy.speak();
    await eventually('listening', () => bell.count('listening') === 2);
    expect(bell.count('rang')).toBe(0);
    await psql.query('notify taskfeed');
    await eventually('a ring', () => bell.count('rang') === 1);
  });

  it.each([bellName, `${bellName} probe`])('does not keep the doorbell from being stopped (%s)', async (name) => {
    proxy.silence(name);
    // Were anything waited for, this test would not end in time.
    const bell = ring(scope, url, { deadlineMs: 3_600_000 });
    await eventually('it waits for an answer', () => proxy.accepted === (name === bellName ? 1 : 2));
    await bell.doorbell.stop();
    expect(bell.heard).toEqual([]);
    await eventually('no connection is left', () => proxy.open === 0);
    proxy.speak();
  });
});

describe('a server that is away for a minute', () => {
  it('is tried again and again with a capped back-off, and heard as soon as it is there', async () => {
    const clock = new Clock({ ms: 60_000, happens: () => proxy.accept() });
    const bell = ring(scope, url, { backoff: clock });
    await bell.says('listening');
    const before = proxy.accepted;
    proxy.refuse();
    await eventually('listening', () => bell.count('listening') === 2);

    expect(clock.nowMs).toBeGreaterThanOrEqual(60_000);
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(5_000);
    expect(clock.waits.length).toBeGreaterThan(12);
    // One attempt after each wait and no other: no loop runs beside ours. The last one succeeds, and is probed.
    expect(proxy.accepted - before).toBe(clock.waits.length + 1);
    expect(clock.attempts).toBe(0);
    await psql.query('notify taskfeed');
    await eventually('a ring', () => bell.count('rang') === 1);
  });

  it.each(['from the first connect on', 'later'])('%s: is not tried any more after stop()', async (when) => {
    if (when !== 'later') proxy.refuse();
    const clock = new Clock({ ms: Number.POSITIVE_INFINITY, happens: () => undefined });
    const bell = ring(scope, url, { backoff: clock });
    if (when === 'later') await bell.says('listening');
    proxy.refuse();
    await eventually('several attempts', () => clock.waits.length >= 5);
    await bell.doorbell.stop();
    const other = () => expect(new pg.Client({ connectionString: url }).connect()).rejects.toThrow();
    // Connections come in in order: with this one, the doorbell's last attempt is counted too.
    await other();
    const tried = proxy.accepted;
    // Its attempts came without a pause: as long as ten others take, there would be more.
    for (let times = 0; times < 10; times += 1) await other();
    expect(proxy.accepted).toBe(tried + 10);
    expect(bell.errors).toEqual([]);
  });
});

describe('a half-open drain session', () => {
  const name = 'taskfeed listener';
  function listen(connection: pg.ClientConfig = {}, safetyPollMs = 50) {
    const listener = new Listener({
      connection: { connectionString: url, ...connection },
      topics,
      actorName,
      bulkLimit: 5_000,
      safetyPollMs,
    });
    scope.add(() => listener.stop());
    const seen: string[] = [];
    listener.on('health:changed', (health) => seen.push(health));
    listener.on('batch:drained', ({ events }) => seen.push(...events.map(({ row }) => String(row['title']))));
    return { listener, seen };
  }

  it('is thrown away when an answer is overdue', async () => {
    const { listener, seen } = listen({ query_timeout: 2_000 });
    await listener.start();
    proxy.lose(name);
    await psql.query(`insert into tasks (title) values ('unheard')`);
    await eventually('live again', () => seen.join().endsWith('behind,unheard,live'));
  });

  it('does not keep "deaf" from being said', async () => {
    const { listener, seen } = listen();
    await listener.start();
    proxy.silence();
    void listener.drained().catch(() => undefined);
    proxy.cut('taskfeed listener doorbell');
    await eventually('deaf', () => seen.at(-1) === 'deaf');
    proxy.speak();
    await eventually('live', () => seen.at(-1) === 'live');
  });

  it.each([0, 20])('does not keep the listener from being stopped (polls every %s ms)', async (safetyPollMs) => {
    // Were an answer waited for, this test would not end in time.
    const { listener } = listen({ query_timeout: 3_600_000 }, safetyPollMs);
    await listener.start();
    // The poll that is due asks a silent server. Silence before it could have caught the listener still at its first
    // drain's follow-up, after which no poll comes.
    const silenced = new Promise<void>((resolve) => {
      listener.on('poll:due', () => {
        proxy.silence();
        resolve();
      });
    });
    if (safetyPollMs > 0) await silenced;
    else proxy.silence();
    await listener.stop();
    proxy.speak();
  });
});

describe('the whole server, with the times it has in production', () => {
  it('says deaf when only its doorbell is cut off, delivers by polling before and after, and is live again', async () => {
    const server = await scope.server({ ...database, appUrl: url });
    const client = await scope.client(server.url);
    const { listener } = server.server.feed;
    const polls: string[] = [];
    const reasons: string[] = [];
    listener.on('poll:due', (kind) => polls.push(kind));
    listener.on('doorbell:deaf', ({ message }) => reasons.push(message));
    const insert = (title: string) => psql.query('insert into tasks (title) values ($1)', [title]);
    const arrives = (title: string) => client.next('task:created', ({ task }) => task.title === title);

    // While it settles it looks by itself, for as long as any transaction of the whole server goes on.
    await eventually('it sleeps', () => listener.state === 'asleep');
    proxy.silence('taskfeed listener doorbell');
    await insert('unheard');
    await arrives('unheard');
    await client.next('feed:pulse', ({ state }) => state === 'deaf');
    expect(reasons[0]).toBe(`The doorbell's probe was not answered within ${doorbellDefaults.deadlineMs} ms.`);
    // It was asleep and nobody could ring: only a poll can have delivered, the first one before it knew of its deafness.
    expect(polls[0]).toBe('safety');

    // The look that its deafness itself led to is over by then, so only another poll can deliver.
    await eventually('it polls as the deaf do', () => polls.includes('deaf'));
    await insert('deaf');
    await arrives('deaf');
    expect((await server.http('GET', '/readyz')).status).toBe(503);
    proxy.speak();
    await client.next('feed:pulse', ({ state }) => state === 'live');
    await insert('live');
    await arrives('live');
    expect(client.packets.filter(({ name }) => name === 'feed:reset')).toEqual([]);
    expect(client.events).toHaveLength(3);
  });

  it('has times that add up to less than 10 s, whenever the silence begins', () => {
    expect(doorbellDefaults.heartbeatMs + doorbellDefaults.deadlineMs).toBeLessThanOrEqual(10_000);
  });
});

// No ring is ever lost that mattered. Every schedule runs with the safety poll off, and the wrong ways to go to sleep
// are run through the same schedules and seen to lose the change.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { heldWriter, isDelivered, type ObservedListener, observe } from './duty-support.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;
let listeners: ObservedListener[];

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  listeners = [];
});

afterEach(() => {
  for (const { seen } of listeners) expect(seen.polls).toBe(0);
});

async function start(strategy = {}): Promise<ObservedListener> {
  const observed = observe(scope, database.appUrl, { strategy });
  listeners.push(observed);
  await observed.listener.start();
  return observed;
}

const kill = (name: string) =>
  psql.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = $2', [
    name,
    database.name,
  ]);

/** Processes of the sessions that drain, or wait to. */
async function sessions(): Promise<number[]> {
  const sql = `select pid from pg_stat_activity where application_name = 'taskfeed listener' and datname = $1`;
  return (await psql.query<{ pid: number }>(sql, [database.name])).rows.map(({ pid }) => pid);
}

describe('while the listener is hot', () => {
  it('writers do not ring, and are delivered all the same', async () => {
    const observed = await start();
    await observed.heat();
    const rings = observed.seen.rings.length;
    for (const title of ['a', 'b', 'c']) {
      await psql.query('insert into tasks (title) values ($1)', [title]);
      await observed.delivers(title);
    }
    expect(observed.seen.rings).toHaveLength(rings);
  });

  it('a writer in REPEATABLE READ sees that too, though its snapshot is older', async () => {
    const observed = await start();
    await psql.query('begin isolation level repeatable read; select 1');
    await observed.heat();
    const rings = observed.seen.rings.length;
    await psql.query(`insert into tasks (title) values ('old snapshot')`);
    await psql.query('commit');
    await observed.delivers('old snapshot');
    expect(observed.seen.rings).toHaveLength(rings);
  });
});

describe('a writer that found the listener hot and commits after it went to sleep', () => {
  it('is delivered: the listener stays settling until that writer has ended', async () => {
    const observed = await start();
    await observed.heat();
    const writer = await heldWriter(scope, database.url, 'held');
    observed.cool();
    await observed.reach('settling');
    const drains = observed.seen.drains;
    await eventually('it goes on draining', () => observed.seen.drains > drains + 5);
    expect(observed.listener.state).toBe('settling');
    await writer.commit();
    await observed.delivers('held');
    await observed.reach('asleep');
  });

  it('is lost by a listener that sleeps as soon as K is released', async () => {
    const observed = await start({ settles: false });
    await observed.heat();
    const writer = await heldWriter(scope, database.url, 'held');
    observed.cool();
    await observed.reach('asleep');
    await writer.commit();
    expect(await isDelivered(psql, observed, 'held')).toBe(false);
    await psql.query(`insert into tasks (title) values ('marker')`);
    await observed.delivers('held');
  });
});

describe('a writer that found a listener hot which has died since', () => {
  async function dieHot(): Promise<Awaited<ReturnType<typeof heldWriter>>> {
    const former = observe(scope, database.appUrl);
    await former.listener.start();
    await former.heat();
    const writer = await heldWriter(scope, database.url, 'held');
    // As a killed process ends: all of its sessions at once, nothing released in order.
    await former.listener.stop();
    return writer;
  }

  it('is delivered by the next one, which settles first', async () => {
    const writer = await dieHot();
    const observed = await start();
    expect(observed.listener.state).toBe('settling');
    await writer.commit();
    await observed.delivers('held');
    await observed.reach('asleep');
  });

  it('is lost by a next one that begins asleep', async () => {
    const writer = await dieHot();
    const observed = await start({ settlesAtStart: false });
    await observed.reach('asleep');
    await writer.commit();
    expect(await isDelivered(psql, observed, 'held')).toBe(false);
    await psql.query(`insert into tasks (title) values ('marker')`);
    await observed.delivers('held');
  });
});

describe('a listener whose session is killed while it is hot', () => {
  it('settles again on its new session and loses nothing', async () => {
    const observed = await start();
    await observed.heat();
    const writer = await heldWriter(scope, database.url, 'held');
    await kill('taskfeed listener');
    await eventually('it is settling again', () => observed.seen.states.slice(-1)[0] === 'settling');
    await writer.commit();
    await observed.delivers('held');
    await observed.reach('asleep');
    await psql.query(`insert into tasks (title) values ('marker')`);
    await observed.delivers('marker');
  });

  it('loses nothing when the doorbell goes with it', async () => {
    const observed = await start();
    await observed.heat();
    const writer = await heldWriter(scope, database.url, 'held');
    await Promise.all([kill('taskfeed listener'), kill('taskfeed listener doorbell')]);
    await writer.commit();
    await observed.delivers('held');
    await observed.reach('asleep');
    // Without its doorbell the listener polls, and may have done so.
    listeners = [];
  });
});

describe('a listener that nobody follows', () => {
  it('rings for nobody while it is hot', async () => {
    const driver = await start();
    await driver.heat();
    const other = await scope.sql(database.url);
    const heard: pg.Notification[] = [];
    other.on('notification', (ring) => heard.push(ring));
    await other.query('listen taskfeed');
    for (const title of ['a', 'b']) {
      await psql.query('insert into tasks (title) values ($1)', [title]);
      await driver.delivers(title);
      await driver.drains();
    }
    await psql.query(`notify taskfeed, 'marker'`);
    await eventually('the marker', () => heard.some(({ payload }) => payload === 'marker'));
    const [session] = await sessions();
    expect(session).toBeGreaterThan(0);
    expect(heard.map(({ processId }) => processId)).not.toContain(session);
  });
});

describe('two listeners', () => {
  it('one drives and the other follows, woken by its relays while it is hot', async () => {
    const driver = await start();
    const follower = await start();
    expect(follower.listener.state).toBe('following');
    await driver.heat();
    for (const title of ['a', 'b', 'c']) {
      await psql.query('insert into tasks (title) values ($1)', [title]);
      await follower.delivers(title);
    }
    expect(new Set(follower.seen.rings).size).toBeGreaterThan(0);
    expect(driver.titles()).toEqual(['a', 'b', 'c']);
    expect(follower.titles()).toEqual(['a', 'b', 'c']);
  });

  it('one that begins to follow while the other is hot hears of what is written from then on', async () => {
    const driver = await start();
    await driver.heat();
    await psql.query(`insert into tasks (title) values ('alone')`);
    await driver.delivers('alone');
    await driver.drains();
    const [session] = await sessions();
    const follower = await start();
    expect(follower.listener.state).toBe('following');
    await psql.query(`insert into tasks (title) values ('together')`);
    await follower.delivers('together');
    expect(follower.titles()).toEqual(['together']);
    // Not only by the driver's heartbeat, which is a ring for others as well.
    await eventually('a ring of the driver', () => follower.seen.rings.includes(session ?? 0));
  });

  it('the follower drives when the driver dies hot, and both a held writer and later ones are delivered', async () => {
    const driver = await start();
    const follower = await start();
    await driver.heat();
    const writer = await heldWriter(scope, database.url, 'held');
    await driver.listener.stop();
    await follower.reach('settling');
    await writer.commit();
    await follower.delivers('held');
    await follower.reach('asleep');
    await psql.query(`insert into tasks (title) values ('later')`);
    await follower.delivers('later');
  });

  it('a third one hears of what the new driver knew already: settling ends with a ring', async () => {
    const driver = await start();
    const second = await start();
    const third = await start();
    await driver.heat();
    const writer = await heldWriter(scope, database.url, 'held');
    await driver.listener.stop();
    // Either may be the next one: a wait for the key begins anew every few seconds.
    const states = () => [second, third].map(({ listener }) => listener.state).sort();
    await eventually('one of them drives', () => states().join() === 'following,settling');
    await writer.commit();
    await Promise.all([second.delivers('held'), third.delivers('held')]);
  });
});

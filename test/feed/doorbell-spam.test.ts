// Any role that may connect may NOTIFY on any channel. It cannot hurt the doorbell, and costs few drains.
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { openProxy } from '../support/proxy.ts';
import { createScope } from '../support/scope.ts';
import { testServer, withRole } from '../support/server.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;
let stranger: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  const admin = await scope.sql(testServer().adminUrl);
  const role = `taskfeed_test_${randomBytes(6).toString('hex')}`;
  await admin.query(`create role ${role} login password '${role}'`);
  scope.add(() => admin.query(`drop role ${role}`));
  stranger = await scope.sql(withRole(database.url, role), 'stranger');
});

async function follow() {
  const proxy = await openProxy(database.appUrl);
  scope.add(proxy.close);
  // Without the safety poll nothing leads to a drain but rings.
  const through = { ...database, appUrl: proxy.through(database.appUrl) };
  const server = await scope.server(through, { safetyPollMs: 0 });
  const client = await scope.client(server.url);
  const { listener } = server.server.feed;
  await eventually('it sleeps', () => listener.state === 'asleep');
  const seen = { rings: 0, drains: 0, events: 0, troubles: [] as unknown[] };
  listener.on('doorbell:rang', () => {
    seen.rings += 1;
  });
  listener.on('drain:done', ({ events }) => {
    seen.drains += 1;
    seen.events += events;
  });
  listener.on('doorbell:deaf', (reason) => seen.troubles.push(reason));
  listener.on('drain:failed', (error) => seen.troubles.push(error));
  listener.on('subscriber:failed', (error) => seen.troubles.push(error));
  const delivers = async (title: string) => {
    await psql.query('insert into tasks (title) values ($1)', [title]);
    await client.next('task:created', ({ task }) => task.title === title);
  };
  return { proxy, listener, seen, delivers };
}

/** Payloads of the greatest length, all different, so that PostgreSQL cannot fold them into one. */
const spam = (count: number, { channel = 'taskfeed', isOneByOne = true } = {}) =>
  stranger.query(`
    do $do$ begin
      for n in 1..${count} loop
        perform pg_notify('${channel}', rpad('{"not json": ' || n, 7999, 'x'));
        ${isOneByOne ? 'commit;' : ''}
      end loop;
    end $do$`);

describe('a role that may do nothing but connect', () => {
  it('rings without a pause: no trouble, and real changes are delivered meanwhile', async () => {
    await expect(stranger.query(`insert into tasks (title) values ('x')`)).rejects.toThrow(/permission denied/);
    const { listener, seen, delivers } = await follow();
    let isOver = false;
    let rung = 0;
    const ringing = async () => {
      for (; !isOver; rung += 500) await spam(500);
    };
    const writing = async () => {
      await eventually('it rings', () => seen.rings > 0);
      for (let row = 0; row < 20 || rung < 5_000; row += 1) await delivers(`real ${row}`);
      isOver = true;
    };
    await Promise.all([ringing(), writing()]);
    const { rows } = await psql.query('select count(*)::integer as count from tasks');
    await eventually('every ring was heard', () => seen.rings >= rung);
    await listener.drained();
    expect(seen.events).toBe(rows[0].count);
    expect(seen.troubles).toEqual([]);
    expect(listener.health).toBe('live');
  });

  it.each([
    ['one by one', true],
    ['in one transaction', false],
  ])('rings 1,000 times during one drain, %s: that costs one more', async (_, isOneByOne) => {
    const { proxy, listener, seen, delivers } = await follow();
    proxy.silence('taskfeed listener');
    await spam(1_000, { isOneByOne });
    await eventually('every ring was heard', () => seen.rings === 1_000);
    const before = seen.drains;
    proxy.speak();
    await listener.drained();
    // Had each of them its own, those that are left would go on between these.
    for (let row = 0; row < 100; row += 1) await delivers(`ours ${row}`);
    expect(seen.drains - before).toBeLessThanOrEqual(2 + 100);
    expect(seen.troubles).toEqual([]);
  });

  it('is not heard on a channel that nobody listens to', async () => {
    const { seen, delivers } = await follow();
    await spam(1_000, { isOneByOne: false, channel: 'taskfeed_other' });
    await delivers('ours');
    await eventually('the ring of a real change', () => seen.rings > 0);
    expect(seen.rings).toBe(1);
    expect(seen.troubles).toEqual([]);
  });
});

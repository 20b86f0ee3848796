// Any role that may connect may NOTIFY on any channel. It cannot hurt the doorbell, and costs few drains.
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
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
  const server = await scope.server(database);
  const client = await scope.client(server.url);
  const { listener } = server.server.feed;
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
  return { listener, client, seen };
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
  it('rings 5,000 times: few drains, no trouble, and real changes are prompt meanwhile', async () => {
    await expect(stranger.query(`insert into tasks (title) values ('x')`)).rejects.toThrow(/permission denied/);
    const { listener, client, seen } = await follow();
    let isOver = false;
    const spamming = spam(5_000).finally(() => {
      isOver = true;
    });
    const delays: number[] = [];
    do {
      const began = performance.now();
      await psql.query('insert into tasks (title) values ($1)', [`real ${delays.length}`]);
      await client.next('task:created', ({ task }) => task.title === `real ${delays.length}`);
      delays.push(performance.now() - began);
    } while (!isOver);
    await spamming;
    await eventually('every ring was heard', () => seen.rings >= 5_000);
    await listener.drained();
    expect(seen.drains).toBeLessThan(seen.rings / 2);
    expect(seen.events).toBe(delays.length);
    expect(Math.max(...delays)).toBeLessThan(5_000);
    expect(seen.troubles).toEqual([]);
    expect(listener.health).toBe('live');
  });

  it('rings 5,000 times in one transaction, and on a channel that nobody listens to', async () => {
    const { client, seen } = await follow();
    const before = { ...seen };
    await spam(5_000, { isOneByOne: false, channel: 'taskfeed_other' });
    await psql.query(`insert into tasks (title) values ('other')`);
    await client.next('task:created', ({ task }) => task.title === 'other');
    expect(seen.rings - before.rings).toBe(1);
    await spam(5_000, { isOneByOne: false });
    await eventually('every ring was heard', () => seen.rings - before.rings === 5_001);
    await psql.query(`insert into tasks (title) values ('ours')`);
    await client.next('task:created', ({ task }) => task.title === 'ours');
    expect(seen.drains - before.drains).toBeLessThan(500);
    expect(seen.troubles).toEqual([]);
  });
});

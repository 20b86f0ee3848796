// Days at the site: which tasks are due today, over changes of the clock too.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Knex } from 'knex';
import type pg from 'pg';
import { createPool } from '../../src/postgres/pool.ts';
import type { Due } from '../../src/protocol/http.ts';
import { listTasks } from '../../src/tasks/task-list.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let psql: pg.Client;
let knex: Knex;

beforeEach(async () => {
  const database = await scope.database();
  psql = await scope.sql(database.url);
  knex = createPool({ url: database.appUrl });
  scope.add(() => knex.destroy());
});

async function dueAt(...times: string[]): Promise<void> {
  for (const time of times) await psql.query('insert into tasks (title, due_at) values ($1, $2)', [time, time]);
}

async function titles(due: Due, now: string, timezone = 'America/New_York'): Promise<string[]> {
  const { rows } = await listTasks(knex, { limit: 1000, due }, { timezone, now: new Date(now) });
  return rows.map(({ title }) => title);
}

describe('today', () => {
  it('has 23 hours when clocks go forward', async () => {
    await dueAt('2026-03-08T04:59:59Z', '2026-03-08T05:00:00Z', '2026-03-09T03:59:59Z', '2026-03-09T04:00:00Z');
    for (const now of ['2026-03-08T05:00:00Z', '2026-03-08T07:30:00Z', '2026-03-09T03:59:59Z']) {
      expect(await titles('today', now)).toEqual(['2026-03-08T05:00:00Z', '2026-03-09T03:59:59Z']);
    }
    expect(await titles('tomorrow', '2026-03-08T05:00:00Z')).toEqual(['2026-03-09T04:00:00Z']);
    expect(await titles('today', '2026-03-09T04:00:00Z')).toEqual(['2026-03-09T04:00:00Z']);
  });

  it('has 25 hours when clocks go back', async () => {
    await dueAt('2026-11-01T03:59:59Z', '2026-11-01T04:00:00Z', '2026-11-02T04:59:59Z', '2026-11-02T05:00:00Z');
    for (const now of ['2026-11-01T04:00:00Z', '2026-11-01T06:30:00Z', '2026-11-02T04:59:59Z']) {
      expect(await titles('today', now)).toEqual(['2026-11-01T04:00:00Z', '2026-11-02T04:59:59Z']);
    }
    expect(await titles('tomorrow', '2026-11-01T06:30:00Z')).toEqual(['2026-11-02T05:00:00Z']);
  });

  it('begins at the first instant of the day where midnight comes twice or not at all', async () => {
    // Havana goes back from 01:00 to 00:00; Beirut goes forward from 00:00 to 01:00.
    await dueAt('2026-11-01T03:59:59Z', '2026-11-01T04:00:00Z', '2026-11-01T05:30:00Z');
    expect(await titles('today', '2026-11-01T12:00:00Z', 'America/Havana')).toEqual([
      '2026-11-01T04:00:00Z',
      '2026-11-01T05:30:00Z',
    ]);
    await dueAt('2026-03-28T21:59:59Z', '2026-03-28T22:00:00Z');
    expect(await titles('today', '2026-03-29T09:00:00Z', 'Asia/Beirut')).toEqual(['2026-03-28T22:00:00Z']);
  });

  it('is the day at the site, not the one in UTC', async () => {
    await dueAt('2026-06-10T02:00:00Z');
    expect(await titles('today', '2026-06-09T12:00:00Z', 'America/New_York')).toHaveLength(1);
    expect(await titles('today', '2026-06-09T12:00:00Z', 'UTC')).toHaveLength(0);
    expect(await titles('today', '2026-06-09T12:00:00Z', 'Pacific/Kiritimati')).toHaveLength(1);
  });
});

describe('week', () => {
  it('is today and the six days after it', async () => {
    await dueAt('2026-03-05T04:59:59Z', '2026-03-05T05:00:00Z', '2026-03-12T03:59:59Z', '2026-03-12T04:00:00Z');
    expect(await titles('week', '2026-03-05T20:00:00Z')).toEqual(['2026-03-05T05:00:00Z', '2026-03-12T03:59:59Z']);
  });
});

describe('overdue', () => {
  it('begins the moment after the due time and ends with completion', async () => {
    await dueAt('2026-03-08T06:59:59Z', '2026-03-08T07:00:00Z');
    expect(await titles('overdue', '2026-03-08T06:59:59Z')).toEqual([]);
    expect(await titles('overdue', '2026-03-08T07:00:00Z')).toEqual(['2026-03-08T06:59:59Z']);
    await psql.query(`update tasks set status = 'not_completed' where id = 1`);
    expect(await titles('overdue', '2026-03-08T07:00:00Z')).toHaveLength(1);
    await psql.query(`update tasks set status = 'completed' where id = 1`);
    expect(await titles('overdue', '2026-03-08T07:00:00Z')).toEqual([]);
  });
});

describe('times that no calendar shows', () => {
  it('do not break a list', async () => {
    await dueAt('infinity', '-infinity', '294276-12-31T23:59:59Z', '4713-01-01T00:00:00Z BC');
    const now = '2026-06-09T12:00:00Z';
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
      expect(await titles('today', now, zone)).toEqual([]);
      expect(await titles('week', now, zone)).toEqual([]);
      expect(await titles('overdue', now, zone)).toHaveLength(2);
    }
    expect(await titles('none', now)).toEqual([]);
  });
});

describe('scope=live', () => {
  it('is all open tasks and those completed in the last 30 days', async () => {
    await psql.query(`
      insert into tasks (title, status, completed_at) values
        ('open', 'not_completed', null), ('fresh', 'completed', '2026-05-11T12:00:00Z'), ('old', 'completed', '2026-05-10T11:59:59Z')`);
    const now = new Date('2026-06-09T12:00:00Z');
    const { rows } = await listTasks(knex, { limit: 1000, scope: 'live' }, { timezone: 'UTC', now });
    expect(rows.map(({ title }) => title)).toEqual(['open', 'fresh']);
  });
});

// GET /api/feed tells the truth about the feed.
import { expect, it } from '@jest/globals';
import { feedReport } from '../../src/protocol/feed-report.ts';
import { latencyMs } from '../../src/server/feed-watch.ts';
import { RecentMinute } from '../../src/server/recent.ts';
import { eventually } from '../support/eventually.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
const reportOf = async (server: RunningServer) => feedReport.parse((await server.http('GET', '/api/feed')).body);

it('counts what was told, to whom, and what is left', async () => {
  const database = await scope.database();
  const server = await scope.server(database);
  const psql = await scope.sql(database.url);
  const quiet = await reportOf(server);
  expect(quiet).toMatchObject({
    health: 'live',
    doorbell: { state: 'listening' },
    latency_ms: { p50: null, p95: null, max: null },
    events_total: 0,
    changes_total: 0,
    last_found: null,
    clients: { managers: 0, links: 0, arriving: 0, cut: 0 },
    replays: { from_memory: 0, from_journal: 0, resets: 0 },
    journal: { rows: 0, oldest_at: null, backlog: 0 },
  });

  const one = await scope.client(server.url);
  await scope.client(server.url, { batch: true });
  await psql.query(`insert into systems (name) values ('Boiler'); insert into employees (name) values ('Dana')`);
  await psql.query(`insert into tasks (title, system_id) values ('Sweep', 1)`);
  await psql.query(`update tasks set note = 'x'; update tasks set note = 'y'`);
  await psql.query(`insert into tasks (title) values ('Marker')`);
  await one.next('task:created', ({ task }) => task.title === 'Marker');
  const busy = await eventually('a report after the marker', async () => {
    const report = await reportOf(server);
    return report.changes_total === 6 ? report : undefined;
  });
  // The two updates may be one event, or be folded into the insert before them.
  expect(busy.events_total).toBeGreaterThanOrEqual(4);
  expect(busy.events_total).toBeLessThanOrEqual(6);
  expect(busy.clients).toMatchObject({ managers: 2, links: 0, arriving: 0 });
  // Clocks of milliseconds: less than one may be none.
  expect(busy.latency_ms.p50).toBeGreaterThanOrEqual(0);
  expect(busy.latency_ms.max).toBeGreaterThanOrEqual(busy.latency_ms.p50 ?? 0);
  expect(busy.last_found?.events).toBeGreaterThan(0);
  expect(busy.cursor).not.toBe(quiet.cursor);
  const later = await eventually('the journal is looked at again', async () => {
    const { journal } = await reportOf(server);
    return journal.rows === 6 ? journal : undefined;
  });
  expect(later).toMatchObject({ oldest_at: expect.any(String), backlog: 0 });

  // A client from before the changes is served from memory, one with a strange cursor is not.
  await scope.client(server.url, { since: String(quiet.cursor) });
  await scope.client(server.url, { since: 'strange' });
  expect((await reportOf(server)).replays).toEqual({ from_memory: 1, from_journal: 0, resets: 1 });

  const again = await scope.server(database);
  await scope.client(again.url, { since: String(quiet.cursor) });
  expect((await reportOf(again)).replays).toEqual({ from_memory: 0, from_journal: 1, resets: 0 });
});

it('says what has been committed and not been told', async () => {
  const database = await scope.database();
  const server = await scope.server(database);
  const psql = await scope.sql(database.url);
  // The drain waits for this lock; its own lock_timeout makes it fail and try again.
  await psql.query(`begin; lock table task_images in access exclusive mode; insert into systems (name) values ('x')`);
  const other = await scope.sql(database.url);
  await other.query(`insert into tasks (title) values ('a'), ('b'), ('c')`);
  const report = await eventually('three changes that were not told', async () => {
    const now = await reportOf(server);
    return now.journal.backlog === 3 ? now : undefined;
  });
  expect(report.events_total).toBe(0);
  await psql.query('commit');
  await eventually('all is told', async () => {
    const { journal, events_total } = await reportOf(server);
    return journal.backlog === 0 && events_total === 4;
  });
});

it('keeps a minute and no more, percentiles within 5 %', () => {
  let now = 1_000_000_000;
  const recent = new RecentMinute(() => now);
  expect(recent.percentiles([0.5])).toEqual({ values: [null], max: null });
  for (let ms = 1; ms <= 100; ms += 1) recent.add(ms);
  now += 1_000;
  recent.add(0);
  const { values, max } = recent.percentiles([0.5, 0.95]);
  for (const [index, wanted] of [50, 95].entries()) {
    expect(Number(values[index]) / wanted).toBeGreaterThan(0.94);
    expect(Number(values[index]) / wanted).toBeLessThan(1.06);
  }
  expect(max).toBe(100);
  now += 1_000;
  expect(recent.perSecond().slice(-3)).toEqual([0, 100, 1]);
  expect(recent.perSecond()).toHaveLength(60);
  now += 58_000;
  expect(recent.percentiles([1]).values[0]).toBeCloseTo(100, -1);
  now += 1_000;
  expect(recent.percentiles([1])).toMatchObject({ max: 0 });
  now += 1_000;
  expect(recent.percentiles([1])).toEqual({ values: [null], max: null });
  expect(recent.perSecond().some((count) => count > 0)).toBe(false);
  // The places of a minute ago are used again, and nothing of then is left in them.
  for (let second = 0; second < 61; second += 1) {
    now += 1_000;
    recent.add(7);
  }
  for (const value of recent.percentiles([0.01, 0.99]).values) expect(value).toBeCloseTo(7, 0);
});

it('reads the microseconds of the database', () => {
  const at = '2026-11-22T10:00:00.123456+00:00';
  expect(latencyMs(at, Date.parse('2026-11-22T10:00:00.125Z'))).toBeCloseTo(1.544, 3);
  expect(latencyMs('2026-11-22T10:00:00+00:00', Date.parse('2026-11-22T10:00:01Z'))).toBe(1_000);
  expect(latencyMs(at, 0)).toBe(0);
  expect(latencyMs('infinity', 5)).toBe(0);
});

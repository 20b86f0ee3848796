// /metrics counts what happened, by names of our own, and is not for everybody.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isLocalProgram } from '../../src/server/routes/metrics.ts';
import { eventually } from '../support/eventually.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

/** One value per series: `name{label="value"}`. */
async function metricsOf(server: RunningServer): Promise<Map<string, number>> {
  const { status, text, headers } = await server.http('GET', '/metrics');
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

it('counts three changes as three', async () => {
  const database = await scope.database();
  const server = await scope.server(database);
  const psql = await scope.sql(database.url);
  const client = await scope.client(server.url);
  await scope.client(server.url, { batch: true });
  const before = await metricsOf(server);
  expect(before.get('taskfeed_changes_total')).toBe(0);

  await psql.query(`insert into tasks (title) values ('a'), ('b'); insert into employees (name) values ('Dana')`);
  await client.next('employee:created');
  // A listener that looks by itself may have found the changes before it heard the ring.
  const after = await eventually('the ring was heard, too', async () => {
    const now = await metricsOf(server);
    return now.get('taskfeed_rings_total') ? now : undefined;
  });
  for (const [series, wanted] of Object.entries({
    taskfeed_changes_total: 3,
    'taskfeed_events_total{topic="task",kind="created"}': 2,
    'taskfeed_events_total{topic="employee",kind="created"}': 1,
    taskfeed_events_delivered_total: 6,
    taskfeed_change_latency_seconds_count: 3,
    taskfeed_drain_events_sum: 3,
    'taskfeed_clients{kind="managers"}': 2,
    'taskfeed_clients{kind="links"}': 0,
    taskfeed_clients_cut_total: 0,
    taskfeed_doorbell_listening: 1,
    'taskfeed_feed_health{health="live"}': 1,
    'taskfeed_feed_health{health="behind"}': 0,
    taskfeed_drain_failures_total: 0,
  }))
    expect([series, after.get(series)]).toEqual([series, wanted]);
  expect(after.get('taskfeed_drain_seconds_count')).toBeGreaterThan(before.get('taskfeed_drain_seconds_count') ?? 0);
  expect(after.get('taskfeed_pool_connections{state="used"}')).toEqual(expect.any(Number));
  const { text } = await server.http('GET', '/metrics');
  const told = new Set(text.match(/^# TYPE (taskfeed_\w+)/gm)?.map((line) => line.slice('# TYPE '.length)));
  const documented = new Set(readFileSync('docs/watching.md', 'utf8').match(/taskfeed_\w+/g));
  expect(documented).toEqual(told);
  expect(after.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  const states = ['following', 'settling', 'asleep', 'hot'].map((state) =>
    after.get(`taskfeed_listener_state{state="${state}"}`),
  );
  expect(states.reduce((sum, value) => Number(sum) + Number(value), 0)).toBe(1);

  // Three changes of a row in one transaction are one event; an employee's new name is shown by a task that did not change.
  await psql.query(
    `begin; update tasks set employee_id = 1 where id = 1; update tasks set note = 'x' where id = 1; update tasks set note = 'y' where id = 1; commit`,
  );
  await client.next('task:updated');
  await psql.query(`update employees set name = 'Dana Levi'`);
  await client.next('task:updated');
  const folded = await metricsOf(server);
  expect(folded.get('taskfeed_changes_total')).toBe(7);
  expect(folded.get('taskfeed_events_total{topic="task",kind="updated"}')).toBe(2);
  await eventually('the journal is looked at again', async () => {
    const now = await metricsOf(server);
    return now.get('taskfeed_journal_rows') === 7 && now.get('taskfeed_journal_backlog') === 0;
  });
});

it('counts those who come back, by how they were served, and resets by reason', async () => {
  const database = await scope.database();
  const server = await scope.server(database, { bulkLimit: 10 });
  const psql = await scope.sql(database.url);
  const client = await scope.client(server.url);
  const { cursor } = client.packets.find(({ name }) => name === 'feed:ready')?.data ?? {};
  await scope.client(server.url, { since: cursor });
  await scope.client(server.url, { since: 'strange' });
  await psql.query(`insert into tasks (title) select 'x' from generate_series(1, 11)`);
  await client.next('feed:reset');
  const metrics = await metricsOf(server);
  for (const [series, wanted] of Object.entries({
    'taskfeed_replay_seconds_count{from="memory"}': 1,
    'taskfeed_replay_resets_total{reason="malformed"}': 1,
    'taskfeed_resets_total{reason="bulk"}': 1,
    taskfeed_changes_total: 0,
  }))
    expect([series, metrics.get(series)]).toEqual([series, wanted]);
});

it('counts requests by the route that answered, and no word of a client is a label', async () => {
  const database = await scope.database();
  const server = await scope.server(database);
  await server.http('POST', '/api/tasks', { title: 'a' });
  await server.http('GET', '/api/tasks/1');
  await server.http('GET', '/API/Tasks/1/');
  await server.http('GET', '/api/tasks/2');
  await server.http('GET', '/api/tasks/canary');
  await server.http('GET', '/canary?canary=canary');
  await server.http('GET', `/api/confirm/${'canary'.padEnd(43, 'x')}`);
  await server.http('PUT', `/api/confirm/${'canary'.padEnd(43, 'x')}/task/1`, {});
  await server.http('POST', `/c/canary/acknowledge`);
  const metrics = await metricsOf(server);
  const count = (method: string, route: string, status: number) =>
    metrics.get(`taskfeed_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`);
  expect({
    created: count('POST', '/api/tasks', 201),
    read: count('GET', '/api/tasks/:id', 200),
    missing: count('GET', '/api/tasks/:id', 404),
    bad: count('GET', '/api/tasks/:id', 400),
    none: count('GET', '(none)', 404),
    link: count('GET', '/api/confirm/:token', 404),
    update: count('PUT', '/api/confirm/:token/task/:taskId', 404),
    form: count('POST', '/c/:token/acknowledge', 404),
  }).toEqual({ created: 1, read: 2, missing: 1, bad: 1, none: 1, link: 1, update: 1, form: 1 });
  const text = [...metrics.keys()].join('\n');
  expect(text).toContain('route="(none)"');
  expect(text).not.toMatch(/canary/i);
  expect(text).not.toContain('API');
});

it('goes on telling when the database does not answer', async () => {
  const database = await scope.database();
  const server = await scope.server(database);
  const psql = await scope.sql(database.url);
  expect((await metricsOf(server)).has('taskfeed_journal_rows')).toBe(true);
  await psql.query('alter table taskfeed.change_journal rename to away');
  scope.add(() => psql.query('alter table taskfeed.away rename to change_journal'));
  await eventually(
    'no number where there is none',
    async () => !(await metricsOf(server)).has('taskfeed_journal_rows'),
  );
  expect((await metricsOf(server)).get('taskfeed_changes_total')).toBe(0);
});

describe('a program on this machine', () => {
  const from = (remoteAddress: string, headers: Record<string, string>) =>
    isLocalProgram({ headers, socket: { remoteAddress } } as never);

  it('needs no account', () => {
    for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
      for (const host of ['localhost', '127.0.0.1:3001', '[::1]:3001', 'LOCALHOST:80'])
        expect([address, host, from(address, { host })]).toEqual([address, host, true]);
  });

  it('is not one that comes through a proxy, by another name, or from a page', () => {
    const host = 'localhost:3001';
    for (const header of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'])
      expect([header, from('127.0.0.1', { host, [header]: 'x' })]).toEqual([header, false]);
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '192.168.127.1', 'fe80::1', ''])
      expect([address, from(address, { host })]).toEqual([address, false]);
    for (const name of ['board.example', 'localhost.example', '127.0.0.1.example', '127.0.0.1@x', ''])
      expect([name, from('127.0.0.1', { host: name })]).toEqual([name, false]);
    expect(from('127.0.0.1', { host, 'sec-fetch-site': 'cross-site' })).toBe(false);
    expect(from('127.0.0.1', {})).toBe(false);
  });
});

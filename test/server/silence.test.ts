// Routes emit nothing: they work without any Socket.IO server beside them, and with the triggers off nothing arrives.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createLogger } from '../../src/logger.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { createApp } from '../../src/server/app.ts';
import { Doors } from '../../src/server/session.ts';
import type { TestDatabase } from '../support/database.ts';
import { headersOf, testSecret } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
});

/** Every route that writes, once, in an order in which each has something to do. */
async function writeEverything(base: string): Promise<string[]> {
  const answers: string[] = [];
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${base}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...headersOf(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    answers.push(`${response.status} ${method} ${path.replace(/[\w-]{43}/, ':token')}`);
    return (await response.json().catch(() => ({}))) as Record<string, unknown>;
  };
  await send('POST', '/api/systems', { name: 'Boiler' });
  await send('PUT', '/api/systems/1', { name: 'Kiln' });
  await send('POST', '/api/employees', { name: 'Dana' });
  await send('PUT', '/api/employees/1', { name: 'Dana Levi' });
  await send('POST', '/api/tasks', { title: 'one', employee_id: 1, system_id: 1 });
  await send('POST', '/api/tasks', [{ title: 'two', employee_id: 1 }, { title: 'three' }]);
  await send('PUT', '/api/tasks/1', { priority: 'urgent' });
  await send('PATCH', '/api/tasks', { items: [{ id: 2 }, { id: 3 }], set: { priority: 'optional' } });
  const { token } = await send('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1, 2] });
  await send('POST', `/api/confirm/${token}/acknowledge`);
  await send('POST', `/c/${token}/acknowledge`);
  await send('PUT', `/api/confirm/${token}/task/1`, { status: 'pending_approval', note: 'done' });
  await send('POST', '/api/tasks/1/send-back', { reason: 'not yet' });
  await send('PUT', '/api/tasks/1/status', { status: 'pending_approval' });
  await send('POST', '/api/tasks/1/approve', {});
  await send('POST', '/api/links/1/renew', {});
  await send('DELETE', '/api/links/2');
  await send('DELETE', '/api/tasks/3');
  await send('POST', '/api/tasks/3/restore');
  await send('DELETE', '/api/systems/1');
  await send('DELETE', '/api/employees/1');
  return answers;
}

const expected = [
  '201 POST /api/systems',
  '200 PUT /api/systems/1',
  '201 POST /api/employees',
  '200 PUT /api/employees/1',
  '201 POST /api/tasks',
  '201 POST /api/tasks',
  '200 PUT /api/tasks/1',
  '200 PATCH /api/tasks',
  '201 POST /api/confirm/generate',
  '200 POST /api/confirm/:token/acknowledge',
  '303 POST /c/:token/acknowledge',
  '200 PUT /api/confirm/:token/task/1',
  '200 POST /api/tasks/1/send-back',
  '200 PUT /api/tasks/1/status',
  '200 POST /api/tasks/1/approve',
  '201 POST /api/links/1/renew',
  '204 DELETE /api/links/2',
  '204 DELETE /api/tasks/3',
  '200 POST /api/tasks/3/restore',
  '204 DELETE /api/systems/1',
  '204 DELETE /api/employees/1',
];

describe('routes', () => {
  it('all work on a server without Socket.IO', async () => {
    const knex = createPool({ url: database.appUrl });
    scope.add(() => knex.destroy());
    const readiness = () => Promise.resolve({ isReady: true, reasons: [] });
    const logger = createLogger({ level: 'silent', isTerminal: false });
    const doors = new Doors({ knex, logger, sessionSecret: testSecret });
    scope.add(async () => doors.stop());
    const http = createServer(createApp({ knex, doors, logger, readiness }));
    scope.add(() => new Promise((resolve) => http.close(resolve)));
    await new Promise<void>((resolve) => {
      http.listen(0, '127.0.0.1', resolve);
    });
    const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    expect(await writeEverything(base)).toEqual(expected);
    const { rows } = await psql.query('select count(*)::integer as changes from taskfeed.change_journal');
    expect(rows[0].changes).toBeGreaterThan(expected.length);
  });

  it('are heard of by the feed alone: with the triggers off, no event arrives', async () => {
    const server = await scope.server(database);
    const single = await scope.client(server.url);
    const batch = await scope.client(server.url, { batch: true });
    const tables = ['tasks', 'systems', 'employees', 'links', 'link_tasks', 'task_images'];
    for (const table of tables) await psql.query(`call taskfeed.unwatch('public.${table}')`);
    // Without a journal there is nothing to restore from; all else works.
    const withoutJournal = expected.map((line) =>
      line.replace('200 POST /api/tasks/3/restore', '404 POST /api/tasks/3/restore'),
    );
    expect(await writeEverything(server.url)).toEqual(withoutJournal);
    await psql.query(`call taskfeed.watch('public.tasks', 'task'); insert into tasks (title) values ('marker')`);
    expect((await single.next('task:created')).task.title).toBe('marker');
    expect((await batch.next('feed:batch')).events).toHaveLength(1);
    expect(single.events).toHaveLength(1);
  });
});

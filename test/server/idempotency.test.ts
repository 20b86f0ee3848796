// Idempotency-Key of managers: a request may be repeated, also at the same time, and is done once. That of links is in
// routes-confirm.test.ts.
import { describe, expect, it } from '@jest/globals';
import { createPool } from '../../src/postgres/pool.ts';
import { createApiToken } from '../../src/tasks/api-tokens.ts';
import { createScope } from '../support/scope.ts';
import { fingerprint, useSite, waiters } from './routes-support.ts';

const scope = createScope();
const site = useSite();
const once = (method: string, path: string, body: unknown, key = 'k1') =>
  site.http(method, path, body, { 'idempotency-key': key });
const count = async (table: string) => (await site.psql.query(`select from ${table}`)).rowCount;

describe('a write with a key', () => {
  const writes: [string, string, unknown, number][] = [
    ['POST', '/api/tasks', { title: 'New' }, 201],
    ['POST', '/api/tasks', [{ title: 'New' }, { title: 'Newer' }], 201],
    ['PATCH', '/api/tasks', { items: [{ id: 1 }], set: { priority: 'optional' } }, 200],
    ['PUT', '/api/tasks/1', { title: 'Other' }, 200],
    ['PUT', '/api/tasks/1/status', { status: 'completed' }, 200],
    ['POST', '/api/systems', { name: 'New' }, 201],
    ['PUT', '/api/employees/1', { name: 'Other' }, 200],
    ['DELETE', '/api/tasks/4', undefined, 204],
  ];

  it.each(writes)('%s %s is done once, and answered alike: %j', async (method, path, body, status) => {
    const first = await once(method, path, body);
    expect(first.status).toBe(status);
    const before = await fingerprint(site.psql);
    const again = await once(method, path, body);
    expect([again.status, again.text, again.headers.get('location')]).toEqual([
      ...[first.status, first.text, first.headers.get('location')],
    ]);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('is done once when it comes twice at the same time', async () => {
    const holder = await scope.sql(site.database.url);
    await holder.query('begin; lock table public.tasks in share mode');
    const both = [once('POST', '/api/tasks', { title: 'New' }), once('POST', '/api/tasks', { title: 'New' })];
    await waiters(site.psql, 2);
    await holder.query('commit');
    const [a, b] = await Promise.all(both);
    expect([a?.status, b?.status, b?.text]).toEqual([201, 201, a?.text]);
    expect(await count('tasks')).toBe(5);
  });

  it('is refused for something else', async () => {
    await once('POST', '/api/tasks', { title: 'New' });
    for (const [method, path] of [
      ['POST', '/api/tasks'],
      ['PUT', '/api/tasks/1'],
    ] as const) {
      const refused = await once(method, path, { title: 'Newer' });
      expect([refused.status, refused.body['code']]).toEqual([409, 'idempotency_conflict']);
    }
    expect(await count('tasks')).toBe(5);
  });

  it('leaves the key free where it fails', async () => {
    expect((await once('PUT', '/api/tasks/99', { title: 'x' })).status).toBe(404);
    expect((await once('POST', '/api/tasks', { title: '' })).status).toBe(400);
    expect(await count('idempotency_keys')).toBe(0);
    expect((await once('POST', '/api/tasks', { title: 'New' })).status).toBe(201);
  });

  it('is done again after a day, and says who did it', async () => {
    await once('POST', '/api/tasks', { title: 'New' });
    await site.psql.query(`update idempotency_keys set created_at = now() - interval '24 hours'`);
    await once('POST', '/api/tasks', { title: 'New' });
    expect([await count('tasks'), await count('idempotency_keys')]).toEqual([6, 1]);
    const { rows } = await site.psql.query('select actor from taskfeed.change_journal order by seq desc limit 2');
    expect(rows).toEqual([{ actor: 'manager:1' }, { actor: 'manager:1' }]);
  });

  it.each(['', 'with space', 'x'.repeat(201)])('is refused where the key is none: %j', async (key) => {
    expect((await once('POST', '/api/tasks', { title: 'New' }, key)).status).toBe(400);
    expect(await count('tasks')).toBe(4);
  });
});

it('a key is its manager’s: another one with the same key does something of his own', async () => {
  await site.psql.query(`insert into managers (id, email, name) values (7, 'other@x.example', 'Other')`);
  const knex = createPool({ url: site.database.appUrl });
  scope.add(() => knex.destroy());
  const { token } = await createApiToken(knex, 'db:x', { managerId: 7, name: 'x' });
  await once('POST', '/api/tasks', { title: 'Mine' });
  const other = site.server.as({ token });
  const theirs = await other('POST', '/api/tasks', { title: 'Theirs' }, { 'idempotency-key': 'k1' });
  expect([theirs.status, await count('tasks')]).toEqual([201, 6]);
});

it.each(['/api/confirm/generate', '/api/links/1/renew'])('%s refuses a key and makes no link', async (path) => {
  const body = { employee_id: 1, task_ids: [1, 2] };
  expect((await site.http('POST', '/api/confirm/generate', body)).status).toBe(201);
  await site.psql.query('update links set id = 1');
  const before = await fingerprint(site.psql);
  const asked = path.endsWith('renew') ? undefined : body;
  const refused = await once('POST', path, asked);
  expect(refused.body).toMatchObject({ status: 400, code: 'invalid_request' });
  expect(refused.body['detail']).toMatch(/^Idempotency-Key is not taken here: /);
  expect(await fingerprint(site.psql)).toBe(before);
  expect((await site.http('POST', path, asked)).status).toBe(201);
});

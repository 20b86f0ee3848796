// /api/tasks: reading, creating and changing single tasks, each with what is refused.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { headersOf } from '../support/identity.ts';
import { noonZone } from '../support/noon-zone.ts';
import { createScope } from '../support/scope.ts';
import { bodyOf, fingerprint, openApp, useSite } from './routes-support.ts';

const scope = createScope();
const site = useSite();

async function idsFor(query: string): Promise<number[]> {
  const answer = await site.http('GET', `/api/tasks?${query}`);
  expect(answer.status).toBe(200);
  return bodyOf(answer).tasks.map(({ id }: { id: number }) => id);
}

describe('GET /api/tasks', () => {
  it('filters', async () => {
    const expected: [string, number[]][] = [
      ['', [1, 2, 3, 4]],
      ['status=sent', [1]],
      ['status=sent,draft', [1, 3]],
      ['status=sent&status=draft,completed', [1, 3, 4]],
      ['priority=urgent', [1]],
      ['employee_id=1', [1, 2]],
      ['employee_id=none', [4]],
      ['system_id=2&status=draft', [3]],
      ['system_id=none', [4]],
      ['due=none&limit=2', [1, 2]],
      ['scope=live&after=1', [2, 3, 4]],
      ['q=CHIMNEY', [1]],
      ['q=mask', [1]],
      ['q=boiler', [1]],
      ['q=marcus', [3]],
      ['q=100%25', [2]],
      ['q=worn_out', [2]],
      ['q=n_out', [2]],
      ['q=_', [2]],
      ['q=%5C', []],
    ];
    for (const [query, ids] of expected) expect([query, await idsFor(query)]).toEqual([query, ids]);
  });

  it('refuses what it does not know', async () => {
    const refused = [
      'colour=red',
      'status=sleeping',
      'status=',
      'employee_id=-2147483649',
      'employee_id=2147483648',
      'employee_id=nobody',
      'due=yesterday',
      'scope=dead',
      'limit=0',
      'limit=1001',
      'limit=5&limit=6',
      'after=-2147483649',
      'after=-',
      'q=',
      'q=%00',
      '__proto__=1',
      'status[]=sent',
    ];
    for (const query of refused) {
      const answer = await site.http('GET', `/api/tasks?${query}`);
      expect([query, answer.status]).toEqual([query, 400]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ message: expect.any(String) }] });
    }
  });

  it('goes through all pages, each with the cursor of its own snapshot', async () => {
    const first = bodyOf(await site.http('GET', '/api/tasks?limit=3'));
    expect(first).toMatchObject({ next: 3, cursor: expect.stringMatching(/^[0-9a-f-]{36}\.\d+:\d+:/) });
    const second = bodyOf(await site.http('GET', `/api/tasks?limit=3&after=${first.next}`));
    expect(second).toMatchObject({ tasks: [{ id: 4 }], next: null });
  });
});

describe('a task whose id an administrator wrote below 1', () => {
  const lowest = -2_147_483_648;

  beforeEach(() =>
    site.psql.query(`insert into tasks (id, title) values (0, 'none'), (-7, 'below'), (${lowest}, 'lowest')`),
  );

  it('is in the list, which begins with the lowest id there is, page by page', async () => {
    const first = bodyOf(await site.http('GET', '/api/tasks?limit=2'));
    expect(first).toMatchObject({ tasks: [{ id: lowest }, { id: -7 }], next: -7 });
    const second = bodyOf(await site.http('GET', `/api/tasks?limit=2&after=${first.next}`));
    expect(second).toMatchObject({ tasks: [{ id: 0 }, { id: 1 }], next: 1 });
    const afterLowest = bodyOf(await site.http('GET', `/api/tasks?limit=1&after=${lowest}`));
    expect(afterLowest.tasks[0].id).toBe(-7);
  });

  it.each([0, -7, lowest])('is read, changed and deleted like any other: %i', async (id) => {
    expect(bodyOf(await site.http('GET', `/api/tasks/${id}`)).task.id).toBe(id);
    expect(bodyOf(await site.http('PUT', `/api/tasks/${id}`, { note: 'seen' })).task.note).toBe('seen');
    const bulk = { items: [{ id }, { id: 1 }], set: { priority: 'urgent' } };
    expect(bodyOf(await site.http('PATCH', '/api/tasks', bulk))).toMatchObject({ results: [{ id }, { id: 1 }] });
    expect((await site.http('DELETE', `/api/tasks/${id}`)).status).toBe(204);
    expect((await site.http('GET', `/api/tasks/${id}`)).status).toBe(404);
  });
});

describe('GET /api/tasks/today and /overdue', () => {
  it('answer lists like any other', async () => {
    await site.psql.query(`update tasks set due_at = now() - interval '1 minute' where id = 2`);
    const timezone = noonZone();
    await site.psql.query(
      `update tasks set due_at = date_trunc('day', now() at time zone '${timezone}') at time zone '${timezone}' where id = 4`,
    );
    const { url } = await openApp(scope, { database: site.database, site: { timezone } });
    const get = async (path: string) => await (await fetch(`${url}${path}`, { headers: headersOf() })).json();
    const one = { next: null, cursor: expect.any(String) };
    expect(await get('/api/tasks/overdue')).toMatchObject({ tasks: [{ id: 2 }], ...one });
    expect(await get('/api/tasks/today?after=2')).toMatchObject({ tasks: [{ id: 4 }], ...one });
    expect((await site.http('GET', '/api/tasks/today?status=sent')).status).toBe(400);
  });
});

describe('POST /api/tasks', () => {
  it('creates one', async () => {
    const answer = await site.http('POST', '/api/tasks', {
      title: '  Weigh ',
      status: 'sent',
      due_at: '2026-01-02T03:04:05+02:00',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/api/tasks/5');
    expect(bodyOf(answer).task).toMatchObject({
      id: 5,
      title: 'Weigh',
      status: 'sent',
      due_at: '2026-01-02T01:04:05+00:00',
      sent_at: expect.any(String),
      priority: 'normal',
      version: 1,
    });
  });

  it('creates many in the order given, or none', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      title: `T${index}`,
      ...(index % 2 ? { priority: 'urgent' } : {}),
    }));
    const answer = await site.http('POST', '/api/tasks', many);
    expect(answer.status).toBe(201);
    expect(bodyOf(answer).tasks.map(({ title }: { title: string }) => title)).toEqual(many.map(({ title }) => title));

    const before = await fingerprint(site.psql);
    const spoiled = [...many.slice(0, 100), { title: 'Orphan', system_id: 99 }];
    const refused = await site.http('POST', '/api/tasks', spoiled);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ errors: [{ path: 'system_id' }] });
    expect((await site.http('POST', '/api/tasks', [...many, { title: 'one too many' }])).status).toBe(400);
    expect((await site.http('POST', '/api/tasks', [])).status).toBe(400);
    expect((await site.http('POST', '/api/tasks', [{ title: 'a' }, { title: '' }])).body).toMatchObject({
      errors: [{ path: '1.title', message: 'must not be empty' }],
    });
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('refuses a body that is not UTF-8', async () => {
    for (const [type, body] of [
      ['application/json', Buffer.from('{"title":"caf\xe9"}', 'latin1')],
      ['application/json; charset=utf-16le', Buffer.from('{"title":"x"}', 'utf16le')],
    ] as const) {
      const answer = await fetch(`${site.server.url}/api/tasks`, {
        method: 'POST',
        headers: { ...headersOf(), 'content-type': type },
        body,
      });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'malformed_json']);
    }
  });

  it('does not let a manager say that a task was received', async () => {
    const answer = await site.http('POST', '/api/tasks', { title: 'x', status: 'received' });
    expect([answer.status, answer.body['code']]).toEqual([409, 'illegal_transition']);
  });
});

describe('PUT /api/tasks/:id', () => {
  it('writes any subset', async () => {
    const values = {
      title: 'Sweep both',
      note: null,
      system_id: null,
      priority: 'normal',
      due_at: null,
      status: 'completed',
    };
    const answer = await site.http('PUT', '/api/tasks/1', values);
    expect(answer.status).toBe(200);
    expect(bodyOf(answer).task).toMatchObject({ ...values, version: 2, completed_at: expect.any(String) });
    expect((await site.http('PUT', '/api/tasks/1', {})).body).toEqual(answer.body);
  });

  it('may leave the status as it is, received too', async () => {
    await site.psql.query(`update tasks set status = 'received' where id = 1`);
    expect((await site.http('PUT', '/api/tasks/1', { status: 'received', note: 'same' })).status).toBe(200);
    const moved = await site.http('PUT', '/api/tasks/2', { status: 'received', note: 'moved' });
    expect(moved.status).toBe(409);
    expect(moved.body).toMatchObject({
      code: 'illegal_transition',
      task: { id: 2, status: 'in_progress', version: 1 },
    });
  });

  it('refuses what is not there or not allowed', async () => {
    const before = await fingerprint(site.psql);
    expect((await site.http('PUT', '/api/tasks/99', { note: 'x' })).status).toBe(404);
    expect((await site.http('PUT', '/api/tasks/99', {})).status).toBe(404);
    expect((await site.http('PUT', '/api/tasks/x', {})).status).toBe(400);
    for (const body of [
      { id: 2 },
      { version: 0 },
      { title: null },
      { employee_id: 99 },
      { due_at: '2026-01-01' },
      { note: 'a\ud800' },
    ])
      expect((await site.http('PUT', '/api/tasks/1', body)).status).toBe(400);
    expect(await fingerprint(site.psql)).toBe(before);
  });
});

describe('the steps of a manager', () => {
  it('PUT /status moves anywhere but to received', async () => {
    for (const status of ['sent', 'in_progress', 'not_completed', 'completed', 'pending_approval', 'draft']) {
      expect(bodyOf(await site.http('PUT', '/api/tasks/2/status', { status })).task).toMatchObject({ status });
    }
    expect((await site.http('PUT', '/api/tasks/2/status', { status: 'received' })).body['code']).toBe(
      'illegal_transition',
    );
    expect((await site.http('PUT', '/api/tasks/2/status', {})).status).toBe(400);
    expect((await site.http('PUT', '/api/tasks/99/status', { status: 'sent' })).status).toBe(404);
  });

  it('approve completes what waits for approval, once', async () => {
    expect((await site.http('POST', '/api/tasks/2/approve')).body['code']).toBe('illegal_transition');
    await site.psql.query(`update tasks set status = 'pending_approval' where id = 2`);
    const approved = await site.http('POST', '/api/tasks/2/approve', { version: 2 });
    expect(bodyOf(approved).task).toMatchObject({ status: 'completed', version: 3 });
    expect((await site.http('POST', '/api/tasks/2/approve', { version: 2 })).body).toEqual(approved.body);
    expect((await site.http('POST', '/api/tasks/2/approve', { note: 'x' })).status).toBe(400);
    expect((await site.http('POST', '/api/tasks/99/approve')).status).toBe(404);
  });

  it('approve does not complete what went on since the manager looked', async () => {
    await site.psql.query(`update tasks set status = 'pending_approval' where id = 2`);
    await site.psql.query(`update tasks set status = 'in_progress' where id = 2`);
    await site.psql.query(`update tasks set status = 'pending_approval', note = 'once more' where id = 2`);
    expect((await site.http('POST', '/api/tasks/2/approve', { version: 3 })).body['code']).toBe('stale_version');
    expect((await site.http('POST', '/api/tasks/2/approve', { version: 2 })).status).toBe(200);
  });

  it('send-back gives finished work back with the reason', async () => {
    expect((await site.http('POST', '/api/tasks/3/send-back', { reason: 'why' })).body['code']).toBe(
      'illegal_transition',
    );
    expect((await site.http('POST', '/api/tasks/4/send-back', {})).status).toBe(400);
    const answer = await site.http('POST', '/api/tasks/4/send-back', { reason: 'Pressure is missing', version: 1 });
    expect(bodyOf(answer).task).toMatchObject({
      status: 'in_progress',
      review_note: 'Pressure is missing',
      completed_at: null,
    });
    expect((await site.http('POST', '/api/tasks/99/send-back', { reason: 'why' })).status).toBe(404);
  });

  it('DELETE with a version deletes only what was seen', async () => {
    await site.psql.query(`update tasks set note = 'meanwhile' where id = 4`);
    const stale = await site.http('DELETE', '/api/tasks/4?version=1');
    expect(stale.status).toBe(409);
    expect(stale.body).toMatchObject({ code: 'stale_version', task: { id: 4, version: 2, note: 'meanwhile' } });
    expect((await site.http('DELETE', '/api/tasks/4?version=x')).status).toBe(400);
    expect((await site.http('DELETE', '/api/tasks/4?version=2')).status).toBe(204);
    expect((await site.http('DELETE', '/api/tasks/4')).status).toBe(404);
    expect((await site.http('GET', '/api/tasks/4')).status).toBe(404);
  });
});

describe('GET /api/tasks?include=last_change', () => {
  it('says who changed each task last, also where the change was made in psql', async () => {
    await site.http('PUT', '/api/tasks/1', { priority: 'normal' });
    await site.psql.query(`update tasks set note = 'by hand' where id = 2`);
    const { body } = await site.http('GET', '/api/tasks?include=last_change&limit=2');
    const [first, second] = body['tasks'] as { last_change: object }[];
    expect(first?.last_change).toEqual({ actor: 'manager:1', actor_name: 'Test Manager', at: expect.any(String) });
    expect(second?.last_change).toMatchObject({ actor: expect.stringMatching(/^db:.+ \(psql\)$/) });
    expect((await site.http('GET', '/api/tasks?include=everything')).status).toBe(400);
  });
});

// What the holder of a confirmation link may do, and what nobody else may find out.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { statuses } from '../../src/protocol/task.ts';
import { isLegal } from '../../src/protocol/transitions.ts';
import { createScope } from '../support/scope.ts';
import { bodyOf, fingerprint, openApp, useSite, waiters } from './routes-support.ts';

const scope = createScope();
const site = useSite();
let token: string;

beforeEach(async () => {
  token = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1, 2] })).token;
});

const page = () => site.http('GET', `/api/confirm/${token}`);
const put = (id: number | string, body: unknown, headers?: Record<string, string>) =>
  site.http('PUT', `/api/confirm/${token}/task/${id}`, body, headers);

describe('GET /api/confirm/:token', () => {
  it('shows the tasks that are in the link and still assigned, and writes nothing', async () => {
    await site.psql.query(
      'update tasks set employee_id = 2 where id = 2; update tasks set employee_id = 1 where id = 3',
    );
    await site.psql.query(`update systems set contact_name = 'Priya', phone = '+1 555 0123' where id = 1`);
    const before = await fingerprint(site.psql);
    const answer = await page();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.body).toEqual({
      link: { id: 1, expires_at: expect.any(String), acknowledged_at: null },
      employee: { name: 'Dana Levi', language: 'he' },
      tasks: [bodyOf(await site.http('GET', '/api/tasks/1')).task],
      systems: [{ id: 1, name: 'Boiler 2', location: 'Boiler house', contact_name: 'Priya', phone: '+1 555 0123' }],
      as_of: [expect.any(Number), expect.any(Number)],
    });
    const head = async (path: string) => (await fetch(`${site.server.url}${path}`, { method: 'HEAD' })).status;
    expect([await head(`/api/confirm/${token}`), await head(`/c/${token}/acknowledge`)]).toEqual([200, 404]);
    expect((await site.http('GET', `/api/confirm/${token}/acknowledge`)).status).toBe(404);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('has the place of its snapshot in the feed', async () => {
    const client = await scope.client(site.server.url);
    const first = bodyOf(await page()).as_of;
    await site.psql.query(`update tasks set note = 'later' where id = 1`);
    const event = await client.next('task:updated', ({ task }) => task.note === 'later');
    const second = bodyOf(await page()).as_of;
    expect(first[0]).toBeLessThan(event.as_of[0]);
    expect(event.as_of[0]).toBeLessThanOrEqual(second[0]);
  });

  it('answers unknown and malformed tokens alike', async () => {
    const answers = [];
    for (const other of [
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      `${token}x`,
      'short',
      '%ZZ',
      '%00',
      'generate',
      'é',
    ]) {
      answers.push(await site.http('GET', `/api/confirm/${other}`));
      answers.push(await site.http('POST', `/api/confirm/${other}/acknowledge`));
      answers.push(await site.http('PUT', `/api/confirm/${other}/task/1`, { note: 'x' }));
      answers.push(await site.http('POST', `/c/${other}/acknowledge`));
    }
    for (const { status, text, headers } of answers) {
      expect(status).toBe(404);
      expect(text).toBe(answers[0]?.text);
      expect(headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it('says of an ended link why, and whom to ask', async () => {
    const { url, logged } = await openApp(scope, {
      database: site.database,
      site: { contact: 'Control room, 0110', language: 'ar' },
    });
    const get = async () => bodyOf({ body: await (await fetch(`${url}/api/confirm/${token}`)).json() } as never);
    await site.psql.query('update employees set language = null where id = 1');
    expect((await get()).employee.language).toBe('ar');
    await site.psql.query(`update links set expires_at = now()`);
    expect(await get()).toMatchObject({
      status: 410,
      code: 'link_gone',
      reason: 'expired',
      contact: 'Control room, 0110',
    });
    await site.psql.query(`update links set revoked_at = now()`);
    expect(await get()).toMatchObject({ status: 410, code: 'link_gone', reason: 'revoked' });
    for (const [method, path] of [
      ['POST', 'acknowledge'],
      ['PUT', 'task/1'],
    ] as const)
      expect((await site.http(method, `/api/confirm/${token}/${path}`, method === 'PUT' ? {} : undefined)).status).toBe(
        410,
      );
    expect((await page()).body).toMatchObject({ contact: null });
    expect(logged()).not.toContain(token);
  });

  it('never repeats the token', async () => {
    const { url, logged } = await openApp(scope, { database: site.database });
    const paths = [
      `/api/confirm/${token}/nothing`,
      `/c/${token}`,
      `/C/${token}`,
      `/api//confirm/${token}`,
      `/api/confirm%2F${token}`,
      `/x/${token}`,
      `/api/CONFIRM/${token}/task/x`,
    ];
    for (const path of paths) {
      const answer = await fetch(`${url}${path}`, { method: 'PATCH' });
      const text = await answer.text();
      // What is not quite the way of a link is a way for managers, to whom alone it is said whether there is such a thing.
      expect([path, answer.status]).toEqual([path, /^\/api(\/\/|\/confirm%)/.test(path) ? 401 : 404]);
      expect(text).not.toContain(token);
    }
    // A failure that is logged with everything there is to know about it.
    await site.psql.query('alter table links rename to links_away');
    scope.add(() => site.psql.query('alter table links_away rename to links'));
    expect((await fetch(`${url}/api/confirm/${token}`)).status).toBe(500);
    expect(logged()).toContain('links');
    expect(logged()).not.toContain(token);
  });
});

describe('POST /api/confirm/:token/acknowledge', () => {
  it('makes sent tasks received, once', async () => {
    const answer = await site.http('POST', `/api/confirm/${token}/acknowledge`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      acknowledged_at: expect.any(String),
      tasks: [
        { id: 1, status: 'received', acknowledged_at: expect.any(String) },
        { id: 2, status: 'in_progress' },
      ],
    });
    expect(bodyOf(await site.http('GET', '/api/tasks/1/history')).changes[0]).toMatchObject({
      actor: 'link:1',
      actor_name: 'Dana Levi',
    });
    const { links } = bodyOf(await site.http('GET', '/api/links'));
    expect(links[0]).toMatchObject({
      acknowledged_at: expect.any(String),
      opened_at: expect.any(String),
      last_used_at: expect.any(String),
    });

    const before = await fingerprint(site.psql);
    const again = await site.http('POST', `/api/confirm/${token}/acknowledge`, {});
    expect(again.body).toEqual(answer.body);
    expect((await site.http('POST', `/api/confirm/${token}/acknowledge`, { all: true })).status).toBe(400);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('leaves alone what was assigned to somebody else meanwhile', async () => {
    const holder = await scope.sql(site.database.url);
    await holder.query('begin; update tasks set employee_id = 2 where id = 1');
    const answer = site.http('POST', `/api/confirm/${token}/acknowledge`);
    await waiters(site.psql, 1);
    await holder.query('commit');
    expect(bodyOf(await answer).tasks).toMatchObject([{ id: 2 }]);
    expect(bodyOf(await site.http('GET', '/api/tasks/1')).task.status).toBe('sent');
  });

  it('works from a form of a page without scripts', async () => {
    const answer = await fetch(`${site.server.url}/c/${token}/acknowledge`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'null' },
      body: 'ok=1',
      redirect: 'manual',
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/c/${token}`]);
    expect(bodyOf(await page())).toMatchObject({
      link: { acknowledged_at: expect.any(String) },
      tasks: [{ status: 'received' }, {}],
    });
  });
});

describe('PUT /api/confirm/:token/task/:taskId', () => {
  it('allows exactly the moves of the table', async () => {
    for (const from of statuses) {
      for (const to of statuses) {
        await site.psql.query('update tasks set status = $1 where id = 1', [from]);
        const { status, body } = await put(1, { status: to });
        const wanted = isLegal('link', from, to) ? 200 : 409;
        expect([from, to, status]).toEqual([from, to, wanted]);
        if (wanted === 409) expect(body).toMatchObject({ code: 'illegal_transition', task: { id: 1, status: from } });
      }
    }
  });

  it('writes the note, merging with what others wrote', async () => {
    await site.psql.query(`update tasks set title = 'Renamed' where id = 1`);
    const answer = await put(1, { note: 'Done', status: 'pending_approval', version: 1 });
    expect(answer.body).toMatchObject({ task: { note: 'Done', title: 'Renamed', status: 'pending_approval' } });
    const stale = await put(1, { note: 'Older', version: 1 });
    expect(stale.body).toMatchObject({ code: 'stale_version', task: { note: 'Done' } });
  });

  it('is closed for tasks outside of the link', async () => {
    await site.psql.query(
      'update tasks set employee_id = 1 where id = 3; update tasks set employee_id = 2 where id = 2',
    );
    const before = await fingerprint(site.psql);
    for (const id of [2, 3, 4, 99])
      expect((await put(id, { note: 'x' })).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await put('x', { note: 'x' })).status).toBe(400);
    for (const body of [{ title: 'x' }, { status: 'lost' }, { note: 3 }, { version: 1.5 }, []])
      expect((await put(1, body)).status).toBe(400);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('is closed for a task that is being taken away', async () => {
    const holder = await scope.sql(site.database.url);
    await holder.query('begin; update tasks set employee_id = 2 where id = 1');
    const answer = put(1, { note: 'x' });
    await waiters(site.psql, 1);
    await holder.query('commit');
    expect((await answer).status).toBe(403);
  });
});

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'f7d8-1' };

  it('answers a repetition like the first time, without doing it again', async () => {
    const first = await put(1, { note: 'once', version: 1 }, key);
    expect(first.status).toBe(200);
    await site.psql.query(`update tasks set note = 'meanwhile' where id = 1`);
    const before = await fingerprint(site.psql);
    expect((await put(1, { version: 1, note: 'once' }, key)).text).toBe(first.text);
    expect(await fingerprint(site.psql)).toBe(before);
    const other = await put(1, { note: 'twice', version: 1 }, key);
    expect(other.status).toBe(409);
    expect(other.body).toMatchObject({ code: 'idempotency_conflict', task: { id: 1, note: 'meanwhile' } });
    expect((await put(2, { note: 'once', version: 1 }, key)).status).toBe(409);
    expect((await put(1, { note: 'x' }, { 'idempotency-key': 'two words' })).status).toBe(400);
  });

  it('does the work once for many at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(1, { note: 'once' }, key)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({ task: { note: 'once', version: 2 } });
  });

  it('belongs to its link, forgets after a day, and keeps no errors', async () => {
    expect((await put(1, { status: 'completed' }, key)).status).toBe(409);
    await site.psql.query(`update tasks set status = 'completed' where id = 1`);
    expect((await put(1, { status: 'completed' }, key)).status).toBe(200);
    const other = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] })).token;
    expect((await site.http('PUT', `/api/confirm/${other}/task/1`, { note: 'other' }, key)).status).toBe(200);
    await site.psql.query(`update idempotency_keys set created_at = created_at - interval '24 hours'`);
    expect((await put(1, { note: 'next day' }, key)).body).toMatchObject({ task: { note: 'next day' } });
    expect((await site.psql.query('select link_id, key from idempotency_keys')).rows).toEqual([
      { link_id: 1, key: 'f7d8-1' },
    ]);
  });
});

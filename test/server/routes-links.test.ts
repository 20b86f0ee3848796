// Confirmation links in the hands of managers: issued, listed, revoked, renewed.
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { headersOf } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';
import { bodyOf, fingerprint, openApp, useSite, waiters } from './routes-support.ts';

const scope = createScope();
const site = useSite();

const generate = (body: unknown = { employee_id: 1, task_ids: [1, 2] }) =>
  site.http('POST', '/api/confirm/generate', body);
const statusOf = async (token: string) => (await site.http('GET', `/api/confirm/${token}`)).status;

describe('POST /api/confirm/generate', () => {
  it('answers with a token that is stored as a hash only', async () => {
    const answer = await generate();
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { id, token, url, expires_at } = bodyOf(answer);
    expect(Object.keys(answer.body)).toEqual(['id', 'token', 'url', 'expires_at']);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(url).toBe(`${site.server.url}/c/${token}`);
    const { rows } = await site.psql.query('select * from links');
    expect(rows).toMatchObject([{ id, employee_id: 1, created_by: 'manager:1', revoked_at: null }]);
    expect(rows[0].token_hash.toString('hex')).toBe(createHash('sha256').update(token).digest('hex'));
    expect(Date.parse(expires_at)).toBe(rows[0].expires_at.getTime());
    expect(rows[0].expires_at - rows[0].created_at).toBe(168 * 3_600_000);
    const { rows: stored } = await site.psql.query(
      `select string_agg(j::text, '') as text from taskfeed.change_journal j`,
    );
    expect(stored[0].text).not.toContain(rows[0].token_hash.toString('hex'));
  });

  it('sends the drafts among the tasks', async () => {
    await site.psql.query('update tasks set employee_id = 1');
    await generate({ employee_id: 1, task_ids: [4, 3, 2, 1], expires_in_hours: 1 });
    const { rows } = await site.psql.query('select status, sent_at is not null as sent from tasks order by id');
    expect(rows.map(({ status }) => status)).toEqual(['sent', 'in_progress', 'sent', 'completed']);
    expect(rows[2].sent).toBe(true);
  });

  it('names the tasks that belong to somebody else, or that nobody knows', async () => {
    const before = await fingerprint(site.psql);
    const foreign = await generate({ employee_id: 1, task_ids: [4, 1, 3] });
    expect(foreign.status).toBe(409);
    expect(foreign.body).toMatchObject({
      code: 'not_assigned',
      task_ids: [4, 3],
      tasks: [{ id: 4 }, { id: 3, employee_id: 2 }],
    });
    const unknown = await generate({ employee_id: 1, task_ids: [1, 98, 3, 99] });
    expect(unknown.status).toBe(404);
    expect(unknown.body).toMatchObject({ code: 'not_found', task_ids: [98, 99] });
    expect((await generate({ employee_id: 9, task_ids: [1] })).status).toBe(404);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('judges by what a concurrent writer leaves', async () => {
    const holder = await scope.sql(site.database.url);
    await holder.query('begin; update tasks set employee_id = 2 where id = 1');
    const answer = generate();
    await waiters(site.psql, 1);
    await holder.query('commit');
    expect((await answer).body).toMatchObject({ code: 'not_assigned', task_ids: [1] });
  });

  it('refuses what is not allowed', async () => {
    const good = { employee_id: 1, task_ids: [1] };
    for (const body of [
      {},
      { ...good, task_ids: [] },
      { ...good, task_ids: [1, 1] },
      { ...good, task_ids: Array.from({ length: 201 }, (_, index) => index + 1) },
      { ...good, task_ids: ['1'] },
      { ...good, employee_id: 2_147_483_648 },
      { ...good, expires_in_hours: 0 },
      { ...good, expires_in_hours: 8761 },
      { ...good, expires_in_hours: 1.5 },
      { ...good, token: 'mine' },
    ])
      expect((await generate(body)).status).toBe(400);
  });

  it('points to PUBLIC_URL where there is one', async () => {
    const { url } = await openApp(scope, {
      database: site.database,
      site: { publicUrl: 'https://tasks.example/feed/' },
    });
    const answer = await fetch(`${url}/api/confirm/generate`, {
      method: 'POST',
      headers: { ...headersOf(), 'content-type': 'application/json' },
      body: JSON.stringify({ employee_id: 1, task_ids: [1] }),
    });
    const body = (await answer.json()) as { url: string; token: string };
    expect(body.url).toBe(`https://tasks.example/feed/c/${body.token}`);
  });
});

describe('GET /api/links', () => {
  it('lists the state of links, never a token or hash', async () => {
    const { id } = bodyOf(await generate());
    await generate({ employee_id: 2, task_ids: [3] });
    const page = bodyOf(await site.http('GET', '/api/links?limit=1'));
    expect(page).toMatchObject({
      links: [{ id, employee_id: 1, employee_name: 'Dana Levi', task_ids: [1, 2], opened_at: null, revoked_at: null }],
      next: id,
      cursor: expect.any(String),
    });
    expect(JSON.stringify(page)).not.toMatch(/token|hash/);
    expect(bodyOf(await site.http('GET', `/api/links?after=${id}`))).toMatchObject({
      links: [{ employee_id: 2 }],
      next: null,
    });
    expect((await site.http('GET', '/api/links?state=open')).status).toBe(400);
  });
});

describe('DELETE /api/links/:id', () => {
  it('ends a link at once, and only once', async () => {
    const { id, token } = bodyOf(await generate());
    expect((await site.http('DELETE', `/api/links/${id}`)).status).toBe(204);
    expect(await statusOf(token)).toBe(410);
    const before = await fingerprint(site.psql);
    expect((await site.http('DELETE', `/api/links/${id}`)).status).toBe(204);
    expect(await fingerprint(site.psql)).toBe(before);
    expect((await site.http('DELETE', '/api/links/99')).status).toBe(404);
    expect((await site.http('DELETE', '/api/links/x')).status).toBe(400);
  });

  it('is obeyed by a write of the link that came later, and waits for one that came first', async () => {
    const { id, token } = bodyOf(await generate());
    const holder = await scope.sql(site.database.url);
    await holder.query('begin; select from tasks where id = 1 for update');
    const first = site.http('PUT', `/api/confirm/${token}/task/1`, { note: 'first' });
    await waiters(site.psql, 1);
    const revoked = site.http('DELETE', `/api/links/${id}`);
    await waiters(site.psql, 2);
    const second = site.http('PUT', `/api/confirm/${token}/task/1`, { note: 'second' });
    await waiters(site.psql, 3);
    await holder.query('commit');
    expect([(await first).status, (await revoked).status, (await second).status]).toEqual([200, 204, 410]);
  });
});

describe('POST /api/links/:id/renew', () => {
  it('gives a new link with the same tasks; the old one is revoked at once', async () => {
    const issued = bodyOf(await generate());
    const answer = await site.http('POST', `/api/links/${issued.id}/renew`, { expires_in_hours: 2 });
    expect(answer.status).toBe(201);
    const renewed = bodyOf(answer);
    expect(renewed.id).not.toBe(issued.id);
    expect(renewed).toMatchObject({ url: `${site.server.url}/c/${renewed.token}` });
    expect(await statusOf(issued.token)).toBe(410);
    expect(bodyOf(await site.http('GET', `/api/confirm/${renewed.token}`)).tasks).toHaveLength(2);
    const { rows } = await site.psql.query(
      'select extract(epoch from expires_at - updated_at)::integer as seconds from links where id = $1',
      [renewed.id],
    );
    expect(rows).toEqual([{ seconds: 7200 }]);
  });

  it('revives an expired or revoked link as a new one', async () => {
    const issued = bodyOf(await generate());
    await site.psql.query(`update links set expires_at = now() - interval '1 day', revoked_at = now()`);
    const renewed = bodyOf(await site.http('POST', `/api/links/${issued.id}/renew`));
    expect(await statusOf(renewed.token)).toBe(200);
    expect(await statusOf(issued.token)).toBe(410);
  });

  it('refuses what is not there or not allowed', async () => {
    const { id, token } = bodyOf(await generate());
    expect((await site.http('POST', '/api/links/99/renew')).status).toBe(404);
    expect((await site.http('POST', `/api/links/${id}/renew`, { expires_in_hours: 'long' })).status).toBe(400);
    expect(await statusOf(token)).toBe(200);
    expect((await site.http('POST', `/api/links/${id}/renew`)).status).toBe(201);
  });
});

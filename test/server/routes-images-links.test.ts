// Pictures through a confirmation link: of the tasks in it, by its holder, once per key.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createScope } from '../support/scope.ts';
import { photo, plain, send } from './pictures.ts';
import { bodyOf, fingerprint, useSite, waiters } from './routes-support.ts';

const scope = createScope();
const site = useSite();
let token: string;

beforeEach(async () => {
  token = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1, 2] })).token;
});

const base = () => `/api/confirm/${token}`;
const post = (files: Buffer[], { id = 1 as number | string, key = undefined as string | undefined, by = token } = {}) =>
  send({
    url: `${site.server.url}/api/confirm/${by}/task/${id}/images`,
    files,
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });
const rows = async () => (await site.psql.query('select id, task_id, uploaded_by from task_images order by id')).rows;

describe('POST /api/confirm/:token/task/:taskId/images', () => {
  it('adds pictures as the holder of the link', async () => {
    const client = await scope.client(site.server.url);
    const holder = await scope.client(site.server.url, { link: token });
    const answer = await post([await photo(), await plain(9, 9).png().toBuffer()]);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(answer.body).toEqual({
      task: bodyOf(await site.http('GET', '/api/tasks/1')).task,
      images: [
        {
          id: 1,
          task_id: 1,
          content_type: 'image/webp',
          bytes: expect.any(Number),
          width: 300,
          height: 400,
          sha256: expect.any(String),
          own: true,
          created_at: expect.any(String),
        },
        expect.objectContaining({ id: 2, own: true }),
      ],
    });
    expect((await client.next('task:updated')).change).toMatchObject({ actor: 'link:1', actor_name: 'Dana Levi' });
    expect((await holder.next('task:updated')).task).toMatchObject({ id: 1, image_ids: [1, 2] });
    expect(bodyOf(await site.http('GET', '/api/tasks/1/images')).images[0]).toMatchObject({ uploaded_by: 'link:1' });
    expect(bodyOf(await site.http('GET', '/api/links')).links[0].last_used_at).toEqual(expect.any(String));
  });

  it('is closed for tasks outside of the link, before anything is read', async () => {
    await site.psql.query(
      'update tasks set employee_id = 2 where id = 2; update tasks set employee_id = 1 where id = 3',
    );
    const before = await fingerprint(site.psql);
    for (const id of [2, 3, 4, 99]) {
      const answer = await post([Buffer.from('no picture')], { id });
      expect([id, answer.status, answer.body['code']]).toEqual([id, 403, 'forbidden']);
    }
    expect((await post([await photo()], { id: 'x' })).status).toBe(400);
    expect((await post([await photo()], { key: 'two words' })).status).toBe(400);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('is closed for a task that is taken away while the picture is on its way', async () => {
    const holder = await scope.sql(site.database.url);
    await holder.query('begin; update tasks set employee_id = 2 where id = 1');
    const answer = post([await photo()]);
    await waiters(site.psql, 1);
    await holder.query('commit');
    expect((await answer).status).toBe(403);
    expect(await rows()).toEqual([]);
  });

  it('is closed for links that have ended or never were', async () => {
    const unknown = await site.http('GET', '/api/confirm/short');
    for (const by of ['short', `${token}x`, '%ZZ', '%00']) {
      const { status, text } = await post([await photo()], { by });
      expect([by, status, text]).toEqual([by, 404, unknown.text]);
    }
    await site.psql.query('update links set expires_at = now()');
    expect((await post([await photo()])).status).toBe(410);
    await site.psql.query('update links set revoked_at = now()');
    expect((await post([await photo()])).body).toMatchObject({ status: 410, reason: 'revoked' });
    expect(await rows()).toEqual([]);
  });
});

describe('Idempotency-Key of an upload', () => {
  it('stores once and answers alike, also at the same time', async () => {
    const files = [await photo()];
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(files, { key: 'k1' })));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await rows()).toHaveLength(1);
    // The answer was kept, it is not made anew: what was removed meanwhile stays removed.
    await site.psql.query('delete from task_images');
    expect((await post(files, { key: 'k1' })).text).toBe(answers[0]?.text);
    expect(await rows()).toEqual([]);
  });

  it('is refused for other bytes or another task', async () => {
    const file = await photo();
    expect((await post([file], { key: 'k1' })).status).toBe(201);
    const before = await fingerprint(site.psql);
    // The same picture to look at, in other bytes.
    const other = Buffer.concat([file, Buffer.from('x')]);
    for (const answer of [
      await post([other], { key: 'k1' }),
      await post([file, file], { key: 'k1' }),
      await post([file], { key: 'k1', id: 2 }),
    ])
      expect([answer.status, answer.body['code']]).toEqual([409, 'idempotency_conflict']);
    expect(await fingerprint(site.psql)).toBe(before);
  });
});

describe('a picture behind a link', () => {
  beforeEach(async () => {
    await post([await photo()]);
    await send({ url: `${site.server.url}/api/tasks/2/images`, files: [await photo(50, 40)] });
    await send({ url: `${site.server.url}/api/tasks/3/images`, files: [await photo(60, 40)] });
  });

  it('is shown with its task, and writes nothing', async () => {
    const before = await fingerprint(site.psql);
    for (const id of [1, 2]) {
      const answer = await fetch(`${site.server.url}${base()}/images/${id}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp']);
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      // Kept, but asked for each time: a link can end at any moment.
      expect(answer.headers.get('cache-control')).toBe('private, no-cache');
      const etag = String(answer.headers.get('etag'));
      const again = await fetch(`${site.server.url}${base()}/images/${id}`, { headers: { 'if-none-match': etag } });
      expect(again.status).toBe(304);
      expect((await site.http('GET', `${base()}/images/${id}/thumbnail`)).status).toBe(200);
    }
    expect(bodyOf(await site.http('GET', `${base()}/task/2/images`)).images).toMatchObject([{ id: 2, own: false }]);
    expect(bodyOf(await site.http('GET', `${base()}/task/2/images`)).images[0]).not.toHaveProperty('uploaded_by');
    expect((await site.http('GET', `${base()}/task/3/images`)).status).toBe(403);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('is hidden outside of the scope as if it were not there', async () => {
    const missing = await site.http('GET', `${base()}/images/99`);
    const foreign = await site.http('GET', `${base()}/images/3`);
    expect([missing.status, foreign.status]).toEqual([403, 403]);
    expect(foreign.text).toBe(missing.text.replace('99', '3'));
    expect((await site.http('GET', `${base()}/images/3/thumbnail`)).status).toBe(403);
    await site.psql.query('update tasks set employee_id = 2 where id = 1');
    expect((await site.http('GET', `${base()}/images/1`)).status).toBe(403);
    await site.psql.query('update links set revoked_at = now()');
    for (const path of ['images/2', 'images/2/thumbnail', 'task/2/images'])
      expect([path, (await site.http('GET', `${base()}/${path}`)).status]).toEqual([path, 410]);
    expect((await site.http('GET', '/api/confirm/short/images/2')).text).toBe(
      (await site.http('GET', '/api/confirm/short')).text,
    );
  });

  it('may be taken back through the link that sent it, until the task is completed', async () => {
    const before = await fingerprint(site.psql);
    for (const id of [2, 3, 99]) expect((await site.http('DELETE', `${base()}/images/${id}`)).status).toBe(403);
    const other = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] })).token;
    expect((await site.http('DELETE', `/api/confirm/${other}/images/1`)).status).toBe(403);
    await site.psql.query('delete from links where id = 2');
    await site.psql.query(`update tasks set status = 'completed' where id = 1`);
    const late = await site.http('DELETE', `${base()}/images/1`);
    expect([late.status, late.body['code']]).toEqual([409, 'illegal_transition']);
    expect(await rows()).toHaveLength(3);
    expect(before).not.toBe('');
    await site.psql.query(`update tasks set status = 'in_progress' where id = 1`);
    expect((await site.http('DELETE', `${base()}/images/1`)).status).toBe(204);
    expect(await rows()).toMatchObject([{ id: 2 }, { id: 3 }]);
  });
});

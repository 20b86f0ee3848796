// Pictures of tasks, by managers: what is kept of what was sent, who hears of it, and what is refused.
import { describe, expect, it } from '@jest/globals';
import exifr from 'exifr';
import sharp from 'sharp';
import { headersOf } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';
import { bomb, heic, photo, plain, send, svg } from './pictures.ts';
import { bodyOf, fingerprint, useSite } from './routes-support.ts';

const scope = createScope();
const site = useSite();

const post = (files: Buffer[], id: number | string = 1, field?: string) =>
  send({ url: `${site.server.url}/api/tasks/${id}/images`, files, ...(field ? { field } : {}) });

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${site.server.url}${path}`, { headers: { ...headersOf(), ...headers } });
  return { status: response.status, headers: response.headers, file: Buffer.from(await response.arrayBuffer()) };
};

describe('POST /api/tasks/:id/images', () => {
  it('keeps pictures, in one step, and tells everybody', async () => {
    const client = await scope.client(site.server.url);
    const answer = await post([await photo(), await plain(10, 20).png().toBuffer()]);
    expect(answer.status).toBe(201);
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
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          uploaded_by: expect.any(String),
          created_at: expect.any(String),
        },
        expect.objectContaining({ id: 2, width: 10, height: 20 }),
      ],
    });
    const event = await client.next('task:updated');
    expect(event.task).toMatchObject({ id: 1, image_ids: [1, 2], version: 1 });
    expect(event.change).toMatchObject({
      changed: ['image_ids'],
      count: 0,
      actor: bodyOf(answer).images[0].uploaded_by,
    });
    expect(bodyOf(await site.http('GET', '/api/tasks/1/images')).images).toEqual(bodyOf(answer).images);
  });

  it('turns a photo upright and forgets where it was taken', async () => {
    const sent = await photo(800, 400);
    expect(await exifr.gps(sent)).toEqual({
      latitude: expect.closeTo(32.086, 3),
      longitude: expect.closeTo(34.767, 3),
    });
    expect(sent.includes('Canary Phones')).toBe(true);
    await post([sent]);
    for (const [path, width, height] of [
      ['/api/images/1', 400, 800],
      ['/api/images/1/thumbnail', 160, 320],
    ] as const) {
      const { file } = await get(path);
      const metadata = await sharp(file).metadata();
      expect(metadata).toMatchObject({ format: 'webp', width, height });
      expect(Object.keys(metadata).filter((key) => /^(exif|xmp|icc|iptc|orientation)$/.test(key))).toEqual([]);
      expect(/exif|canary/i.test(file.toString('latin1'))).toBe(false);
    }
  });

  it('takes a large picture and makes it smaller', async () => {
    const answer = await post([await plain(8_000, 6_000).jpeg().toBuffer()]);
    expect([answer.status, bodyOf(answer).images]).toMatchObject([201, [{ width: 1600, height: 1200 }]]);
  });

  it('takes every format that browsers show, of an animated one the first frame', async () => {
    const frames = await sharp([await plain(8, 8).png().toBuffer(), await plain(8, 8).negate().png().toBuffer()], {
      join: { animated: true },
    })
      .gif()
      .toBuffer();
    expect((await sharp(frames, { pages: -1 }).metadata()).pages).toBe(2);
    const files = [
      frames,
      await plain(9, 8).webp().toBuffer(),
      await plain(10, 8).avif({ effort: 0 }).toBuffer(),
      await plain(11, 8, 4).png().toBuffer(),
    ];
    const answer = await post(files);
    expect([answer.status, bodyOf(answer).images]).toMatchObject([
      201,
      [
        { width: 8, height: 8 },
        { width: 9, height: 8 },
        { width: 10, height: 8 },
        { width: 11, height: 8 },
      ],
    ]);
  });

  it('does not keep the same picture of a task twice', async () => {
    const sent = await photo();
    const first = await post([sent, sent]);
    expect(bodyOf(first).images).toHaveLength(1);
    const before = await fingerprint(site.psql);
    const again = await post([sent]);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(await fingerprint(site.psql)).toBe(before);
    expect((await post([sent], 2)).body).toMatchObject({ images: [{ id: 2, task_id: 2 }] });
  });
});

describe('a picture that is refused', () => {
  const refused = async (files: Buffer[], wanted: [number, string], id?: number | string, field?: string) => {
    const before = await fingerprint(site.psql);
    const { status, body, headers } = await post(files, id, field);
    expect([status, body['code']]).toEqual(wanted);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(await fingerprint(site.psql)).toBe(before);
    return body;
  };

  it('has more pixels than can be drawn, whatever its size on the wire', async () => {
    const sent = bomb(30_000, 30_000);
    expect(sent.length).toBeLessThan(200_000);
    const body = await refused([sent], [422, 'image_pixels']);
    expect(body['detail']).toContain('30000 × 30000');
    expect((await post([bomb(3_000, 3_000)])).status).toBe(201);
  });

  it('is HEIC, with a word on what to do', async () => {
    const { detail } = await refused([heic], [415, 'image_type']);
    expect(detail).toContain('Most Compatible');
  });

  it('is no picture, or one that can carry scripts', async () => {
    for (const file of [svg, Buffer.from('<html>'), Buffer.from('x'), Buffer.from('%PDF-1.7 %%EOF')])
      await refused([file], [415, 'image_type']);
    await refused([await plain(5, 5).tiff().toBuffer()], [415, 'image_type']);
  });

  it('is damaged or cut short', async () => {
    const whole = await photo(600, 600);
    const noise = sharp(Buffer.alloc(300 * 300 * 3, 'noise'), { raw: { width: 300, height: 300, channels: 3 } });
    const [jpeg, png, webp] = [
      await noise.clone().jpeg().toBuffer(),
      await noise.clone().png().toBuffer(),
      await noise.clone().webp().toBuffer(),
    ];
    for (const file of [whole, jpeg, png, webp]) {
      expect((await post([file], 2)).status).toBe(201);
      for (const part of [0.1, 0.5, 0.9])
        await refused([file.subarray(0, Math.floor(file.length * part))], [422, 'image_broken']);
    }
    const spoilt = Buffer.from(png);
    spoilt.fill(0, 60, 200);
    await refused([spoilt], [422, 'image_broken']);
    // The first bytes say JPEG, the others nothing.
    await refused([Buffer.concat([whole.subarray(0, 4), Buffer.alloc(5_000, 1)])], [422, 'image_broken']);
  });

  it('takes the others with it and is named', async () => {
    const body = await refused([await photo(), svg, await photo(20, 20)], [415, 'image_type']);
    expect(body['errors']).toEqual([{ path: 'images.1', message: body['detail'] }]);
  });

  it('is too large, one of too many, or one too many for the task', async () => {
    const tiny = (index: number) =>
      plain(5, 5 + index)
        .png()
        .toBuffer();
    const tenMb = Buffer.concat([await photo(), Buffer.alloc(10 * 1024 * 1024)]).subarray(0, 10 * 1024 * 1024);
    await refused([Buffer.concat([tenMb, Buffer.alloc(1)])], [413, 'image_too_large']);
    await refused(
      Array.from({ length: 6 }, () => tenMb),
      [413, 'image_too_large'],
    );
    expect((await post([tenMb])).status).toBe(201);
    await refused(await Promise.all(Array.from({ length: 6 }, (_, index) => tiny(index))), [413, 'too_many_files']);

    await site.psql.query(
      `insert into task_images (task_id, content) select 1, n::text::bytea from generate_series(1, 28) n`,
    );
    const body = await refused([await tiny(0), await tiny(1)], [409, 'too_many_images']);
    expect(body['detail']).toContain('at most 30');
    expect((await post([await tiny(0)])).status).toBe(201);
    // What is there already needs no room.
    expect((await post([await tiny(0)])).status).toBe(201);
  });

  it('is for no task, or in no file field', async () => {
    await refused([await photo()], [404, 'not_found'], 99);
    await refused([await photo()], [400, 'invalid_request'], 'x');
    await refused([await photo()], [400, 'invalid_request'], 1, 'files');
    await refused([], [400, 'invalid_request']);
    const sent = await site.http('POST', '/api/tasks/1/images', { images: [] });
    expect([sent.status, sent.body['code']]).toEqual([415, 'unsupported_media_type']);
    const multipart = { 'content-type': 'multipart/form-data; boundary=x' };
    for (const body of [
      '',
      '--x\r\n',
      'nonsense',
      '--x\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n\r\ncut',
    ]) {
      const answer = await site.http('POST', '/api/tasks/1/images', body, multipart);
      expect([body, answer.status, answer.body['code']]).toEqual([body, 400, 'invalid_request']);
    }
    // Only the routes of images read files.
    const other = await site.http('POST', '/api/tasks/1/approve', '--x--', multipart);
    expect([other.status, other.body['code']]).toEqual([415, 'unsupported_media_type']);
  });
});

describe('GET /api/images/:id', () => {
  it('serves a picture as what it is and nothing else', async () => {
    await post([await photo()]);
    const [{ sha256, bytes }] = bodyOf(await site.http('GET', '/api/tasks/1/images')).images;
    const { status, headers, file } = await get('/api/images/1');
    expect([status, file.length]).toEqual([200, bytes]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/webp',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'inline; filename="task-1-image-1.webp"',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-cache',
      etag: `"${sha256}"`,
    });
    expect((await get('/api/images/9')).status).toBe(404);
    expect((await get('/api/images/x')).status).toBe(400);
    expect((await get('/api/images/1?v=x')).status).toBe(400);
  });

  it('is kept for good under its hash, and asked for again without it', async () => {
    await post([await photo()]);
    const [{ sha256 }] = bodyOf(await site.http('GET', '/api/tasks/1/images')).images;
    for (const path of ['/api/images/1', '/api/images/1/thumbnail']) {
      const first = await get(`${path}?v=${sha256}`);
      expect(first.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
      const etag = String(first.headers.get('etag'));
      const again = await get(path, { 'if-none-match': `"x", W/${etag}` });
      expect([again.status, again.file.length, again.headers.get('etag')]).toEqual([304, 0, etag]);
      expect((await get(path, { 'if-none-match': `"${'0'.repeat(64)}"` })).status).toBe(200);
      // Another picture under the same id, which SQL may put there.
      await site.psql.query(`update task_images set content = content || '\\x00', thumbnail = thumbnail || '\\x00'`);
      const changed = await get(path, { 'if-none-match': etag });
      expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
      expect((await get(`${path}?v=${sha256}`)).headers.get('cache-control')).toBe('private, no-cache');
      await site.psql.query('delete from task_images where id <> 1');
      await site.psql.query(
        `update task_images set content = substr(content, 1, bytes - 1), thumbnail = substr(thumbnail, 1, octet_length(thumbnail) - 1)`,
      );
    }
  });

  it('has what SQL has put there, but shows no kind that could do something', async () => {
    await site.psql.query(
      `insert into task_images (task_id, content, content_type) values (1, $1, 'image/svg+xml'), (1, 'jpeg', 'image/jpeg')`,
      [svg],
    );
    expect(bodyOf(await site.http('GET', '/api/tasks/1')).task.image_ids).toEqual([1, 2]);
    for (const path of ['/api/images/1', '/api/images/1/thumbnail']) {
      const { headers, file } = await get(path);
      expect([file.equals(svg), headers.get('content-type')]).toEqual([true, 'application/octet-stream']);
      expect(headers.get('content-disposition')).toContain('attachment');
    }
    expect((await get('/api/images/2/thumbnail')).headers.get('content-type')).toBe('image/jpeg');
  });
});

it('DELETE /api/images/:id removes a picture and tells everybody', async () => {
  await post([await photo()]);
  const client = await scope.client(site.server.url);
  expect((await site.http('DELETE', '/api/images/1')).status).toBe(204);
  expect((await client.next('task:updated')).task).toMatchObject({ id: 1, image_ids: [] });
  expect((await site.http('DELETE', '/api/images/1')).status).toBe(404);
});

// However much is sent at once, only so much of it is in memory, and nobody can take all the room.
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { UploadBudget } from '../../src/server/upload-budget.ts';
import { eventually } from '../support/eventually.ts';
import { photo, send } from './pictures.ts';
import { bodyOf, useSite } from './routes-support.ts';

const never = new AbortController().signal;

/** A budget and a protocol of what began and ended. */
function watched(options: { bytes: number; bytesPerOwner: number; waiting: number }) {
  const budget = new UploadBudget(options);
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const begin = (name: string, bytes: number, signal = never) =>
    budget.hold({ owner: name.slice(0, 1), bytes, signal }, () => {
      log.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const end = async (name: string, work: Promise<void>) => {
    ends.get(name)?.();
    await work;
  };
  return { log, begin, end };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the budget of uploads', () => {
  it('lets in what fits, and the rest in the order in which it came', async () => {
    const { log, begin, end } = watched({ bytes: 100, bytesPerOwner: 100, waiting: 9 });
    const [a, b] = [begin('a', 60), begin('b', 40)];
    const [c, d] = [begin('c', 60), begin('d', 10)];
    await settled();
    expect(log).toEqual(['a', 'b']);
    await end('b', b);
    // There would be room for d, but c came first.
    expect(log).toEqual(['a', 'b']);
    await end('a', a);
    await settled();
    expect(log).toEqual(['a', 'b', 'c', 'd']);
    await Promise.all([end('c', c), end('d', d)]);
    const whole = begin('e', 100);
    await settled();
    expect(log.at(-1)).toBe('e');
    await end('e', whole);
  });

  it('keeps an owner to its share without holding up others', async () => {
    const { log, begin, end } = watched({ bytes: 100, bytesPerOwner: 50, waiting: 9 });
    const work = [begin('a1', 50), begin('a2', 50), begin('b1', 50)];
    await settled();
    expect(log).toEqual(['a1', 'b1']);
    await end('a1', work[0] as Promise<void>);
    await settled();
    expect(log).toEqual(['a1', 'b1', 'a2']);
  });

  it('gives room back after a failure, and the place in the line of who gave up', async () => {
    const { log, begin, end } = watched({ bytes: 10, bytesPerOwner: 10, waiting: 9 });
    const budget = new UploadBudget({ bytes: 10, bytesPerOwner: 10, waiting: 9 });
    const claim = { owner: 'a', bytes: 10, signal: never };
    await expect(budget.hold(claim, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await budget.hold(claim, async () => 'room')).toBe('room');

    const a = begin('a', 10);
    const abort = new AbortController();
    const gone = begin('b', 10, abort.signal);
    const c = begin('c', 10);
    abort.abort();
    await expect(gone).rejects.toMatchObject({ code: 'busy' });
    await end('a', a);
    await settled();
    expect(log).toEqual(['a', 'c']);
    await end('c', c);
  });

  it('turns away whom it cannot even let wait', async () => {
    const { begin } = watched({ bytes: 10, bytesPerOwner: 10, waiting: 1 });
    void begin('a', 10);
    void begin('b', 10);
    await expect(begin('c', 10)).rejects.toMatchObject({ code: 'busy' });
  });
});

describe('an upload that does not end', () => {
  const site = useSite();

  it('holds up the one who sends it, nobody else, and no longer than it lasts', async () => {
    const generate = { employee_id: 1, task_ids: [1] };
    const token = bodyOf(await site.http('POST', '/api/confirm/generate', generate)).token;
    const file = await photo();
    const byManager = async (id: number) =>
      (await send({ url: `${site.server.url}/api/tasks/${id}/images`, files: [file] })).status;
    const path = `/api/confirm/${token}/task/1/images`;
    // As much as one owner may have in memory at all.
    const slow = httpRequest({
      port: site.server.server.port,
      method: 'POST',
      path,
      headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 50 * 1024 * 1024 + 64 * 1024 },
    });
    slow.on('error', () => undefined);
    slow.write('--x\r\nContent-Disposition: form-data; name="images"; filename="a"\r\n\r\n');
    // Others of the same link have to wait once its turn has come; the time for ten of somebody else's is what they have.
    const waiting = await eventually('the next one of this link waits', async () => {
      let isAnswered = false;
      const answer = send({ url: `${site.server.url}${path}`, files: [file] }).finally(() => {
        isAnswered = true;
      });
      for (let others = 0; others < 10 && !isAnswered; others += 1) expect(await byManager(2)).toBe(201);
      return isAnswered ? undefined : { answer };
    });
    slow.destroy();
    expect((await waiting.answer).status).toBe(201);
    await eventually('both pictures', async () => (await site.psql.query('select from task_images')).rowCount === 2);
  });
});

// A herd's equal questions are asked once, and nobody is answered from before they came.
import { expect, it } from '@jest/globals';
import { SharedReads } from '../../src/server/shared-reads.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

/** A question whose answers are given by hand. */
function question() {
  const open: { resolve: (answer: string) => void; reject: (error: Error) => void }[] = [];
  const ask = () => new Promise<string>((resolve, reject) => open.push({ resolve, reject }));
  return { ask, open, answer: (text: string) => open.shift()?.resolve(text) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('asks once for all who come while another question is under way, and gives none of them its answer', async () => {
  const reads = new SharedReads<string>({ mostRestMs: 0 });
  const { ask, open, answer } = question();
  const first = reads.read('list', ask);
  const later = [reads.read('list', ask), reads.read('list', ask), reads.read('list', ask)];
  await settled();
  expect(open).toHaveLength(1);
  answer('before they came');
  expect(await first).toBe('before they came');
  await settled();
  expect(open).toHaveLength(1);
  // The second is under way: who comes now waits for a third.
  const last = reads.read('list', ask);
  answer('after');
  expect(await Promise.all(later)).toEqual(['after', 'after', 'after']);
  await eventually('the next question', () => open.length > 0);
  answer('later still');
  expect(await last).toBe('later still');
  expect(reads.asked).toBe(3);
});

it('asks different questions at the same time', async () => {
  const reads = new SharedReads<string>();
  const [one, two] = [question(), question()];
  const both = [reads.read('one', one.ask), reads.read('two', two.ask)];
  two.answer('2');
  one.answer('1');
  expect(await Promise.all(both)).toEqual(['1', '2']);
});

it('rests after an answer that several shared, never after one that was for one alone', async () => {
  const reads = new SharedReads<string>({ restFactor: 1e9, mostRestMs: 2_000 });
  const answered = () => Promise.resolve('answer');
  for (let turn = 1; turn <= 20; turn += 1) {
    await reads.read('list', answered);
    await settled();
  }
  expect(reads.asked).toBe(20);
  const began = performance.now();
  await Promise.all([1, 2, 3].map(() => reads.read('list', answered)));
  expect(reads.asked).toBe(22);
  await settled();
  await Promise.all(Array.from({ length: 50 }, () => reads.read('list', answered)));
  expect(reads.asked).toBe(23);
  // The rest lies between; a timer may be a little early.
  expect(performance.now() - began).toBeGreaterThan(1_950);
});

it('tells an error to those who shared the question, and asks again for those after them', async () => {
  const reads = new SharedReads<string>();
  const { ask, open, answer } = question();
  const first = reads.read('list', ask);
  const second = reads.read('list', ask);
  open.shift()?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await eventually('the next question', () => open.length > 0);
  answer('back');
  expect(await second).toBe('back');
});

it('lets everybody who writes and then loads the list read what they wrote, however many do', async () => {
  const server = await scope.server(await scope.database());
  const people = Array.from({ length: 30 }, async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      const { body } = await server.http('POST', '/api/tasks', { title: 'mine' });
      const { id } = body['task'] as { id: number };
      const list = await server.http('GET', '/api/tasks?limit=1000');
      expect((list.body['tasks'] as { id: number }[]).map((task) => task.id)).toContain(id);
    }
  });
  await Promise.all(people);
});

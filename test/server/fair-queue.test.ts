// Who may do dear work, and who waits or is turned away.
import { expect, it } from '@jest/globals';
import { TaskfeedError } from '../../src/protocol/errors.ts';
import { FairQueue } from '../../src/server/fair-queue.ts';

/** A queue whose work lasts until it is ended by hand; `log` has what began, and what was refused as `-name`. */
function queue(waiting: number) {
  const fair = new FairQueue({ atOnce: 2, waiting });
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string) => {
    const work = () => {
      log.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    };
    return fair.run(name.charAt(0), work).catch((error: unknown) => {
      log.push(error instanceof TaskfeedError && error.code === 'busy' ? `-${name}` : String(error));
    });
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const end = async (name: string) => {
    ends.get(name)?.();
    await settle();
  };
  const askAll = async (...names: string[]) => {
    for (const name of names) void ask(name);
    await settle();
  };
  return { fair, log, ask: askAll, end };
}

it('takes owners in turn, however much one of them asks for', async () => {
  const { log, ask, end } = queue(10);
  await ask('a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'c1', 'b2');
  expect(log).toEqual(['a1', 'a2']);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'a4']) await end(name);
  expect(log).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2', 'a5']);
});

it('turns away the last one of whoever has most waiting, and a newcomer who would have as many', async () => {
  const { log, ask, end } = queue(4);
  await ask('x1', 'x2', 'a1', 'a2', 'a3', 'b1');
  await ask('c1', 'a4', 'c2', 'd1');
  expect(log).toEqual(['x1', 'x2', '-a3', '-a4', '-c2', '-a2']);
  await ask('e1');
  expect(log.at(-1)).toBe('-e1');
  for (const name of ['x1', 'x2', 'a1', 'b1']) await end(name);
  expect(log.slice(-4)).toEqual(['a1', 'b1', 'c1', 'd1']);
});

it('goes on after work that fails, and is empty again in the end', async () => {
  const { fair, log, ask, end } = queue(1);
  await expect(fair.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await ask('a1', 'a2', 'a3', 'b1');
  expect(log).toEqual(['a1', 'a2', '-b1']);
  for (const name of ['a1', 'a2', 'a3']) await end(name);
  await ask('c1', 'c2');
  expect(log.slice(-2)).toEqual(['c1', 'c2']);
});

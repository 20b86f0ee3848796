// Contenders on a busy machine: every step of theirs may be held up between two steps of another one.
import * as real from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';

/** A small generator with a seed, so that a failure comes again. */
let state = 1;
const holdUp = () => {
  state = (state * 48_271) % 2_147_483_647;
  return setTimeout(state % 8 === 0 ? 15 : 0);
};

jest.unstable_mockModule('node:fs/promises', () => ({
  ...real,
  open: async (...args: Parameters<typeof real.open>) => {
    await holdUp();
    return real.open(...args);
  },
  readFile: async (...args: Parameters<typeof real.readFile>) => {
    await holdUp();
    return real.readFile(...args);
  },
}));
const { ProcessLock, takeLock } = await import('../../src/postgres/process-lock.ts');

describe('a lock file whose contenders are held up', () => {
  let folder = '';
  afterEach(() => real.rm(folder, { recursive: true }));

  it('has one holder at a time, also when its dead holder is replaced', async () => {
    folder = await real.mkdtemp(join(tmpdir(), 'taskfeed-lock-'));
    const path = join(folder, 'lock');
    for (let round = 0; round < 15; round += 1) {
      await real.writeFile(path, JSON.stringify({ pid: 2 ** 30, started: '', nonce: `a${round}`, note: {} }));
      const all = await Promise.all(Array.from({ length: 30 }, () => takeLock(path)));
      const locks = all.filter((taken) => taken instanceof ProcessLock);
      expect([round, locks.length]).toEqual([round, 1]);
      await locks[0]?.release();
      expect(await real.readdir(folder)).toEqual([]);
    }
  });
});

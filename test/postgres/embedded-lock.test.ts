import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identify } from '../../src/postgres/process-identity.ts';
import { ProcessLock, takeLock } from '../../src/postgres/process-lock.ts';
import { namesIn, Stage } from './embedded-support.ts';

describe('a lock file', () => {
  let stage: Stage;
  let path: string;
  beforeEach(() => {
    stage = new Stage();
    path = join(stage.root, 'lock');
  });
  afterEach(() => stage.end());

  const holderFile = (holder: { pid: number; started: string; nonce?: string }) =>
    writeFile(path, JSON.stringify({ nonce: 'a1', note: {}, ...holder }));
  const winners = async (count: number) => {
    const all = await Promise.all(Array.from({ length: count }, () => takeLock(path)));
    return all.filter((taken) => taken instanceof ProcessLock);
  };

  it('has one holder, whose note the others read, and is free after release', async () => {
    const lock = await takeLock(path, { port: 1 });
    if (!(lock instanceof ProcessLock)) throw new Error('not taken');
    expect(await takeLock(path)).toMatchObject({ pid: process.pid, note: { port: 1 } });
    await lock.setNote({ port: 2 });
    expect(await takeLock(path)).toMatchObject({ note: { port: 2 } });
    await lock.release();
    await lock.release();
    expect(await takeLock(path)).toBeInstanceOf(ProcessLock);
  });

  it('has one winner when many want it at once', async () => {
    expect(await winners(50)).toHaveLength(1);
  });

  it('has one winner when many see the same dead holder, and leaves nothing else behind', async () => {
    for (let round = 0; round < 20; round += 1) {
      await holderFile({ pid: 2 ** 30, started: '', nonce: `a${round}` });
      const [lock, ...more] = await winners(20);
      expect(more).toHaveLength(0);
      expect(await namesIn(stage.root)).toEqual(['lock']);
      await lock?.release();
    }
  });

  it('is not held by a program that has got the pid of its dead holder', async () => {
    const pid = stage.spawn('sleep', ['1000']);
    await holderFile({ pid, started: 'long ago' });
    expect(await takeLock(path)).toBeInstanceOf(ProcessLock);
  });

  it('is held as long as that very process lives', async () => {
    const pid = stage.spawn('sleep', ['1000']);
    await holderFile({ pid, started: identify(pid)?.started ?? 'unknown' });
    expect(await takeLock(path)).toMatchObject({ pid });
  });

  it('is taken over also when the one who was taking it over has died', async () => {
    await holderFile({ pid: 2 ** 30, started: '', nonce: 'a1' });
    await writeFile(`${path}.a1`, await readFile(path, 'utf8'));
    expect(await winners(20)).toHaveLength(1);
    expect(await namesIn(stage.root)).toEqual(['lock']);
  });

  it('is free when its maker died before writing into it', async () => {
    await writeFile(path, '');
    await utimes(path, new Date(0), new Date(0));
    expect(await winners(20)).toHaveLength(1);
  });

  it('is not given back by one who no longer has it', async () => {
    const lock = await takeLock(path);
    if (!(lock instanceof ProcessLock)) throw new Error('not taken');
    await holderFile({ pid: process.pid, started: '' });
    await lock.release();
    expect(await namesIn(stage.root)).toEqual(['lock']);
  });
});

describe('two starts at once', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.end());

  it('make one server, also in two processes: the second waits and attaches', async () => {
    const outcomes = await Promise.all([stage.app().outcome, stage.app().outcome]);
    const [one, two] = outcomes.map((facts) => {
      if (!('pid' in facts)) throw new Error(facts.message);
      return facts;
    });
    expect(one?.pid).toBe(two?.pid);
    expect([one?.attached, two?.attached].sort()).toEqual([false, true]);
  });

  it('say who is in the way when the other one takes too long', async () => {
    await takeLock(`${stage.dataDir}.lock`);
    expect(await stage.refusal({ startTimeoutMs: 50 })).toMatch(
      new RegExp(
        `^PostgresError: Process ${process.pid} has been starting the database in \\S+ for 50 ms\\. Wait for it`,
      ),
    );
    expect(stage.log).toEqual([`Process ${process.pid} is starting the same database; waiting for it`]);
  });
});

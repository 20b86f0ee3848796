// Listeners in processes of their own, ended as processes end: killed, or frozen with their connections open. Another
// process takes over and no change is lost, without a safety poll.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { heldWriter, observe } from './duty-support.ts';

const scope = createScope();
const script = fileURLToPath(new URL('listener-child.ts', import.meta.url));
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
});

/** A listener in another process, hot when this resolves. */
async function hotProcess(): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, database.appUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  scope.add(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines: string[] = [];
  child.stdout?.on('data', (data: Buffer) => lines.push(...data.toString().trim().split('\n')));
  await eventually('the other process is hot', () => lines.at(-1) === 'hot');
  return { child, lines };
}

describe('a process that ends while it is hot', () => {
  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'by %s: the follower takes over and delivers what was not rung',
    async (signal) => {
      const { child, lines } = await hotProcess();
      const follower = observe(scope, database.appUrl);
      await follower.listener.start();
      expect(follower.listener.state).toBe('following');
      const writer = await heldWriter(scope, database.url, 'held');

      child.kill(signal);
      // Frozen, it holds K until the server notices that its session is idle.
      await follower.reach('settling');
      await writer.commit();
      await follower.delivers('held');
      await follower.reach('asleep');
      await psql.query(`insert into tasks (title) values ('later')`);
      await follower.delivers('later');
      expect(follower.seen.polls).toBe(0);
      expect(follower.titles()).toEqual(['held', 'later']);

      if (signal === 'SIGKILL') return;
      // Thawed, it finds its session gone, follows, and has missed nothing either.
      child.kill('SIGCONT');
      await eventually(
        'both are delivered there',
        () => lines.includes('delivered held') && lines.includes('delivered later'),
      );
      await psql.query(`insert into tasks (title) values ('after thaw')`);
      await follower.delivers('after thaw');
      await eventually('a later one too', () => lines.includes('delivered after thaw'));
    },
  );

  it('frozen: writers go on at once and do not wait for anything', async () => {
    const { child } = await hotProcess();
    child.kill('SIGSTOP');
    await psql.query(`set lock_timeout = '1s'`);
    for (let row = 0; row < 20; row += 1) await psql.query(`insert into tasks (title) values ('not held up')`);
    const follower = observe(scope, database.appUrl);
    await follower.listener.start();
    await follower.reach('asleep');
    expect(follower.listener.state).toBe('asleep');
  });
});

// Ending a process: the first signal stops everything in order, a second one or the deadline ends it at once.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
const file = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));

interface Run {
  child: ChildProcess;
  /** What it logged, and what was left behind. */
  lines: () => string[];
  ended: Promise<number | null>;
}

/** A process with two services, `inner` and around it `outer`, that says what becomes of them. */
async function run(inner: string, { deadlineMs = 15_000, also = '' } = {}): Promise<Run> {
  const script = `
    import { writeSync } from 'node:fs';
    import { createLogger } from ${file('logger.ts')};
    import { Shutdown } from ${file('cli/shutdown.ts')};
    // At once, since what is under way when the process ends would come in another order.
    const logger = createLogger({ level: 'info', destination: { write: (line) => writeSync(1, line) } });
    const shutdown = new Shutdown(logger, ${deadlineMs});
    shutdown.listen();
    shutdown.add('outer', async () => logger.info('outer stopped'));
    shutdown.add('inner', async () => { logger.info('inner stops'); ${inner} });
    setInterval(() => {}, 1000);
    process.on('message', () => { ${also} });
    console.log('ready');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  scope.add(async () => void child.kill('SIGKILL'));
  let out = '';
  child.stdout?.on('data', (bytes) => {
    out += String(bytes);
  });
  const lines = () =>
    out
      .split('\n')
      .filter((line) => line !== '' && line !== 'ready')
      .map((line) => {
        const { msg, left } = JSON.parse(line);
        return left ? `${msg} (${left})` : msg;
      });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  await eventually('it runs', () => out.includes('ready'));
  return { child, lines, ended };
}

describe('the first signal', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s stops what was started last first', async (signal) => {
    const { child, lines, ended } = await run('');
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(lines()).toEqual([`${signal}: stopping`, 'inner stops', 'outer stopped']);
  });

  it('stops the others, too, where one fails', async () => {
    const { child, lines, ended } = await run(`throw new Error('no');`);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines()).toEqual(['SIGTERM: stopping', 'inner stops', 'could not be stopped cleanly', 'outer stopped']);
  });
});

describe('what does not stop', () => {
  const hangs = 'await new Promise(() => {});';

  it('is left behind at a second signal, and named', async () => {
    const { child, lines, ended } = await run(hangs);
    child.kill('SIGTERM');
    await eventually('it stops', () => lines().includes('inner stops'));
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    expect(lines()).toEqual(['SIGTERM: stopping', 'inner stops', 'SIGINT again: ending at once (outer)']);
  });

  it('is left behind at the deadline, and named', async () => {
    const { child, lines, ended } = await run(hangs, { deadlineMs: 50 });
    child.kill('SIGTERM');
    expect(await ended).toBe(1);
    expect(lines()).toEqual(['SIGTERM: stopping', 'inner stops', 'stopping took too long (outer)']);
  });
});

it.each([
  ['uncaughtException', `throw new Error('nobody catches this');`],
  ['unhandledRejection', `void Promise.reject(new Error('nobody catches this'));`],
])('a fault that nobody has caught (%s) stops everything in order, and is no success', async (name, also) => {
  const { child, lines, ended } = await run('', { also });
  child.send('go');
  expect(await ended).toBe(1);
  expect(lines()).toEqual([name, 'inner stops', 'outer stopped']);
});

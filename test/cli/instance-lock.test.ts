import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { acquireInstance } from '../../src/cli/instance-lock.ts';

const source = fileURLToPath(new URL('../../src/cli/instance-lock.ts', import.meta.url));

describe('one app per data folder', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'taskfeed-instance-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await end(child);
    rmSync(folder, { recursive: true, force: true });
  });

  const end = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  /** Another app, which has the folder when this resolves. */
  const otherApp = async (port: number) => {
    const script = `
      import { acquireInstance } from ${JSON.stringify(source)};
      const lock = await acquireInstance(${JSON.stringify(folder)}, { port: 0 });
      await lock.setPort(${port});
      process.stdout.write('has it');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  };

  it('tells a second start which process and port serve the folder', async () => {
    const child = await otherApp(3005);
    await expect(acquireInstance(folder, { port: 3001 })).rejects.toThrow(
      `Taskfeed already runs on this data folder: pid ${child.pid}, http://127.0.0.1:3005. ` +
        'Stop it, or set DATA_DIR to another folder.',
    );
  });

  it('lets the next one start after kill -9', async () => {
    await end(await otherApp(3005));
    const lock = await acquireInstance(folder, { port: 3001 });
    await lock.release();
  });

  it('lets the next one start when the pid of the killed one is another program now', async () => {
    await end(await otherApp(3005));
    const path = join(folder, 'taskfeed.lock');
    const left = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...left, pid: process.pid }));
    const lock = await acquireInstance(folder, { port: 3001 });
    await lock.release();
  });

  it('is free again after release, which may be called twice, and needs no port yet', async () => {
    const lock = await acquireInstance(join(folder, 'made', 'by it'), { port: 0 });
    await expect(acquireInstance(join(folder, 'made', 'by it'), { port: 3001 })).rejects.toThrow(
      `pid ${process.pid}. Stop it`,
    );
    await lock.release();
    await lock.release();
    await (await acquireInstance(join(folder, 'made', 'by it'), { port: 3001 })).release();
  });
});

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive } from '../../src/postgres/process-identity.ts';
import { eventually } from '../support/eventually.ts';
import { namesIn, query, removeTemplate, Stage } from './embedded-support.ts';

describe('the embedded server after a crash', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage.end());
  afterAll(removeTemplate);

  const pidFile = () => join(stage.dataDir, 'postmaster.pid');
  /** Replaces lines of postmaster.pid, as a crash and the time after it would. */
  const forgePidFile = async (text: string, changes: Record<number, string>) => {
    const lines = text.split('\n').map((line, index) => changes[index] ?? line);
    await writeFile(pidFile(), lines.join('\n'));
  };
  /** As the server's own user, because PostgreSQL itself passes over a pid of somebody else's. */
  const stranger = async () => {
    const { uid, gid } = await stat(stage.dataDir);
    return stage.spawn('sleep', ['1000'], { uid, gid });
  };

  it('outlives a kill -9 of the app, and the next start attaches to it', async () => {
    await stage.seed();
    const app = stage.app();
    const facts = await app.outcome;
    if (!('pid' in facts)) throw new Error(facts.message);
    await query(facts.ownerUrl, 'create table kept as select 42 as answer');
    app.process.kill('SIGKILL');
    await eventually('the end of the app', () => app.process.signalCode ?? undefined);
    const server = await stage.start();
    expect([server.attached, server.pid, server.port]).toEqual([true, facts.pid, facts.port]);
    expect(await query(server.ownerUrl, 'select answer from kept')).toEqual({ answer: 42 });
  });

  it('does not hear the Ctrl-C that the app gets', async () => {
    await stage.seed();
    const app = stage.app();
    const facts = await app.outcome;
    if (!('pid' in facts)) throw new Error(facts.message);
    process.kill(-(app.process.pid ?? 0), 'SIGINT');
    await eventually('the end of the app', () => app.process.signalCode ?? app.process.exitCode ?? undefined);
    expect(await query(facts.ownerUrl, 'select 1 as one')).toEqual({ one: 1 });
  });

  it('recovers what was committed when the server itself was killed', async () => {
    await stage.seed();
    const first = await stage.start();
    await query(first.ownerUrl, 'create table kept as select 42 as answer');
    process.kill(first.pid, 'SIGKILL');
    await eventually('the end of the server', () => !isAlive(first.pid));
    const second = await stage.start();
    expect([second.attached, second.port]).toEqual([false, first.port]);
    expect(await query(second.ownerUrl, 'select answer from kept')).toEqual({ answer: 42 });
    expect(stage.log.join('\n')).toContain('was not shut down properly');
  });

  it('waits for a process of the killed server that has not noticed yet', async () => {
    await stage.seed();
    let frozen = 0;
    const log = (line: string) => {
      stage.log.push(line);
      if (line.includes('last processes of the killed server')) process.kill(frozen, 'SIGKILL');
    };
    const first = await stage.start({ log });
    frozen = await stage.freezeSession(first);
    process.kill(first.pid, 'SIGKILL');
    await eventually('the end of the server', () => !isAlive(first.pid));
    expect((await stage.start({ log })).attached).toBe(false);
    expect(stage.log).toContain('Waiting for the last processes of the killed server to end');
  });

  it('starts although the pid of the crashed server is another program now', async () => {
    await stage.seed();
    const first = await stage.start();
    const text = await readFile(pidFile(), 'utf8');
    await first.stop();
    const pid = await stranger();
    await forgePidFile(text, { 0: String(pid) });
    expect((await stage.start()).attached).toBe(false);
    expect(stage.log.join('\n')).toContain(`its pid ${pid} is another program now`);
    expect(isAlive(pid)).toBe(true);
  });

  it('does not take the server of another folder for its own', async () => {
    await stage.seed();
    await stage.seed(join(stage.root, 'other'));
    const other = await stage.start({ dataDir: join(stage.root, 'other', 'postgres') });
    const first = await stage.start();
    const text = await readFile(pidFile(), 'utf8');
    await first.stop();
    await forgePidFile(text, { 0: String(other.pid), 3: String(other.port) });
    const second = await stage.start();
    expect(second.attached).toBe(false);
    expect(second.pid).not.toBe(other.pid);
    expect(await query(other.ownerUrl, 'select 1 as one')).toEqual({ one: 1 });
  });

  it('starts with the empty pid file that a full disk leaves', async () => {
    await stage.seed();
    await writeFile(pidFile(), '');
    expect((await stage.start()).attached).toBe(false);
    expect(stage.log.join('\n')).toContain('postmaster.pid is damaged');
  });

  it('waits for a server that is about to stop, and starts a new one', async () => {
    await stage.seed();
    const first = await stage.start();
    const stopping = first.stop();
    const second = await stage.start();
    await stopping;
    expect([second.attached, second.port]).toEqual([false, first.port]);
    expect(await query(second.ownerUrl, 'select 1 as one')).toEqual({ one: 1 });
  });

  it('begins anew when the app was killed in the middle of the first start', async () => {
    const app = stage.app();
    await eventually('a half-made folder', async () => {
      const name = (await readdir(stage.root)).find((entry) => entry.startsWith('postgres.init-'));
      return name !== undefined && existsSync(join(stage.root, name, 'data', 'base'));
    });
    app.process.kill('SIGKILL');
    await eventually('the end of the app', () => app.process.signalCode ?? undefined);
    // Another one for sure, in case initdb has still cleared up its own.
    await mkdir(join(stage.root, 'postgres.init-killed', 'data', 'base'), { recursive: true });
    const server = await stage.start();
    expect(await query(server.ownerUrl, 'select current_database() as name')).toEqual({ name: 'taskfeed' });
    expect(await namesIn(stage.root)).toEqual(['postgres', 'postgres.json', 'postgres.log']);
  });

  it('makes what is missing when the app was killed between the first start and the first database', async () => {
    await stage.seed();
    const first = await stage.start();
    await query(first.url('postgres'), 'drop database taskfeed');
    await query(first.url('postgres'), 'drop role taskfeed_app');
    const second = await stage.start();
    expect(await query(second.appUrl, 'select current_user as name')).toEqual({ name: 'taskfeed_app' });
  });
});

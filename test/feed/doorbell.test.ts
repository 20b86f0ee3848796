// The doorbell says what is true of it: listening when a ring of its own comes back, deaf when it does not.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { openProxy } from '../support/proxy.ts';
import { createScope } from '../support/scope.ts';
import { bellName, ring } from './doorbell-support.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
});

async function proxied() {
  const proxy = await openProxy(database.url);
  scope.add(proxy.close);
  return proxy;
}

const kill = () =>
  psql.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = $2', [
    bellName,
    database.name,
  ]);

describe('the doorbell', () => {
  it('rings for every NOTIFY, whatever the payload, and for none of its own probes', async () => {
    const proxy = await proxied();
    const bell = ring(scope, proxy.through(database.url));
    await bell.says('listening');
    await eventually('several heartbeats', () => proxy.statements(bellName).length > 5);
    expect(bell.heard).toEqual(['listening']);
    await psql.query(
      `select pg_notify('taskfeed', p) from unnest(array['', 'not json {', '{"a":1}', repeat('x', 7000)]) p`,
    );
    await eventually('four rings', () => bell.count('rang') === 4);
    expect(bell.errors).toEqual([]);
  });

  it('comes back after its backend is killed, again and again, and says that it was deaf', async () => {
    const bell = ring(scope, database.url);
    for (let times = 1; times <= 3; times += 1) {
      await eventually('listening', () => bell.count('listening') === times);
      await kill();
      await eventually('deaf', () => bell.heard.filter((word) => word.startsWith('deaf')).length === times);
    }
    await eventually('listening', () => bell.count('listening') === 4);
    await psql.query('notify taskfeed');
    await eventually('a ring', () => bell.count('rang') === 1);
  });

  it('keeps trying while the server refuses it, and leaves nothing behind when it is stopped', async () => {
    const missing = new URL(database.url);
    missing.pathname = '/taskfeed_test_not_there_yet';
    const bell = ring(scope, missing.href);
    await eventually('deaf several times', () => bell.heard.length >= 5);
    expect(bell.heard.every((word) => word.startsWith('deaf'))).toBe(true);
    await bell.doorbell.stop();
    const heard = bell.heard.length;
    await psql.query('notify taskfeed');
    expect(bell.heard).toHaveLength(heard);
    expect(bell.doorbell.state).toBe('deaf');
  });

  it('may be stopped twice, or without having been started', async () => {
    const bell = ring(scope, database.url);
    await Promise.all([bell.doorbell.stop(), bell.doorbell.stop()]);
    await bell.doorbell.stop();
  });

  it('leaves nothing behind by its heartbeats and its cut lines: it may listen for months', async () => {
    const script = fileURLToPath(new URL('doorbell-child.ts', import.meta.url));
    const args = ['--expose-gc', '--import', 'tsx', script, database.url];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    expect(stderr).not.toContain('MaxListenersExceeded');
    // Waiting for the next thing or the end of the line with Promise.race left 1,000 bytes each time.
    expect(Number.parseFloat(stdout)).toBeLessThan(500);
  });

  it('notices that its session does not listen any more, and listens again', async () => {
    const proxy = await proxied();
    const bell = ring(scope, proxy.through(database.url), { deadlineMs: 2_000 });
    await bell.says('listening');
    await proxy.inject(bellName, 'UNLISTEN *');
    await bell.says('deaf: The listening session answers but does not listen any more');
    await eventually('listening', () => bell.count('listening') === 2);
    await psql.query('notify taskfeed');
    await eventually('a ring', () => bell.count('rang') === 1);
  });
});

describe('a NOTIFY queue that begins with what was vacuumed away', () => {
  const stuck = { message: 'could not access status of transaction 4242' };

  it.each(['58P01', 'XX000'])('is moved on when LISTEN stumbles over it (%s), and LISTEN works', async (code) => {
    const proxy = await proxied();
    proxy.failOnce(/^LISTEN/, { ...stuck, code });
    const bell = ring(scope, proxy.through(database.url));
    await bell.says('listening');
    expect(bell.heard).toEqual(['listening']);
    const listened = proxy.statements(bellName).slice(0, 3);
    expect(listened).toEqual(['LISTEN taskfeed', 'UNLISTEN taskfeed', 'LISTEN taskfeed']);
    expect(proxy.statements(`${bellName} probe`)[0]).toBe('select pg_notification_queue_usage()');
    await psql.query('notify taskfeed');
    await eventually('a ring', () => bell.count('rang') === 1);
  });

  it('is left alone when LISTEN fails for another reason', async () => {
    const proxy = await proxied();
    proxy.failOnce(/^LISTEN/, { code: '53200', message: 'out of memory' });
    const bell = ring(scope, proxy.through(database.url));
    await bell.says('listening');
    expect(bell.heard).toEqual(['deaf: out of memory', 'listening']);
    expect(proxy.statements(`${bellName} probe`).join()).not.toContain('queue_usage');
  });
});

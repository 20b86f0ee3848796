// Why the doorbell does not leave more to pg-listen 1.7.0: what that does when it is on its own. These tests keep the
// reasons visible; if one fails after an update, something in doorbell.ts may go.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import pgListen, { type Options } from 'pg-listen';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { openProxy, type PostgresProxy } from '../support/proxy.ts';
import { createScope } from '../support/scope.ts';
import { ring } from './doorbell-support.ts';

const scope = createScope();
const name = 'test library';
let database: TestDatabase;
let psql: pg.Client;
let proxy: PostgresProxy;
let url: string;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  proxy = await openProxy(database.url);
  scope.add(proxy.close);
  url = proxy.through(database.url);
});

/** A bare subscriber. Its loops cannot be closed, so each has a way out that only these tests know. */
function library(options: Options = {}) {
  let isOver = false;
  const retryInterval = () => {
    if (isOver) throw new Error('over');
    return 5;
  };
  const subscriber = pgListen.default(
    { connectionString: url, application_name: name },
    { retryInterval, paranoidChecking: false, ...options },
  );
  const errors: Error[] = [];
  const reconnects: number[] = [];
  subscriber.events.on('error', (error) => errors.push(error));
  subscriber.events.on('reconnect', (attempt) => reconnects.push(attempt));
  scope.add(async () => {
    isOver = true;
    await subscriber.close().catch(() => undefined);
  });
  return { subscriber, errors, reconnects };
}

const kill = () =>
  psql.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = $2', [
    name,
    database.name,
  ]);

/** A program that listens and has no handler for `error`; resolves with how it ended. */
async function program(afterwards: () => Promise<unknown>, options: string) {
  const connection = JSON.stringify({ connectionString: url, application_name: name });
  const script = `
    import pgListen from 'pg-listen';
    const subscriber = pgListen.default(${connection}, ${options});
    await subscriber.connect();
    await subscriber.listenTo('taskfeed');
    console.log('listening');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  scope.add(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await once(child.stdout, 'data');
  await afterwards();
  await ended;
  return { code: child.exitCode, said };
}

describe('pg-listen on its own', () => {
  it('gives up after its retryTimeout, 3 s by default, and does not come back when the server does', async () => {
    const { subscriber, errors } = library({ retryTimeout: 100 });
    await subscriber.connect();
    proxy.refuse();
    await eventually('it gives up', () => errors.length > 0);
    expect(errors[0]?.message).toContain('Stopping PostgreSQL reconnection attempts after 100ms');
    proxy.accept();
    const tried = proxy.accepted;
    const bell = ring(scope, url);
    await bell.says('listening');
    expect(proxy.statements(name)).toEqual([]);
    // Both are the doorbell's own: its line and its probe.
    expect(proxy.accepted - tried).toBe(2);
  });

  it('lets any role that may connect kill a program without a handler for `error`, by a NOTIFY', async () => {
    const { code, said } = await program(() => psql.query(`notify taskfeed, 'not json'`), '{}');
    expect(code).not.toBe(0);
    expect(said).toContain('Error parsing PostgreSQL notification payload');
  });

  it('kills a program without a handler for `error` when it gives up', async () => {
    const { code, said } = await program(kill, '{ retryLimit: 1 }');
    expect(code).not.toBe(0);
    expect(said).toContain('Re-initializing the PostgreSQL notification client after connection loss failed');
  });

  it('goes on connecting after a first connect() that failed, and also after close()', async () => {
    proxy.refuse();
    const { subscriber, reconnects } = library({ retryTimeout: 0 });
    await expect(subscriber.connect()).rejects.toThrow(/ECONNRESET|terminated/);
    await eventually('a ghost', () => reconnects.length >= 3);
    await subscriber.close().catch(() => undefined);
    const tried = proxy.accepted;
    await eventually('the ghost lives', () => proxy.accepted >= tried + 3);
    proxy.accept();
    // It ends up with a session that nobody has asked for and nobody holds.
    await eventually('a session', async () => {
      const { rowCount } = await psql.query(
        'select from pg_stat_activity where application_name = $1 and datname = $2',
        [name, database.name],
      );
      return rowCount === 1;
    });
    await kill();
  });

  it('says `connected` before the first LISTEN, but after a repeated one', async () => {
    const { subscriber } = library({ retryTimeout: 0 });
    const listens: number[] = [];
    subscriber.events.on('connected', () => {
      listens.push(proxy.statements(name).filter((text) => text.startsWith('LISTEN')).length);
    });
    await subscriber.connect();
    await subscriber.listenTo('taskfeed');
    expect(listens).toEqual([0]);
    await kill();
    await eventually('connected again', () => listens.length === 2);
    expect(listens).toEqual([0, 2]);
  });

  it('does not notice a half-open connection: its check has no deadline', async () => {
    const { subscriber, errors, reconnects } = library({ paranoidChecking: 10 });
    const bell = ring(scope, url, { deadlineMs: 2_000 });
    await subscriber.connect();
    await bell.says('listening');
    await eventually('its checks', () => proxy.statements(name).length > 2);
    proxy.silence();
    await bell.says('deaf');
    expect({ errors, reconnects }).toEqual({ errors: [], reconnects: [] });
    proxy.speak();
  });

  it('takes a LISTEN that failed for done: asked again, it sends nothing', async () => {
    proxy.failOnce(/^LISTEN/, { code: '58P01', message: 'could not access status of transaction 4242' });
    const { subscriber } = library();
    await subscriber.connect();
    await expect(subscriber.listenTo('taskfeed')).rejects.toThrow('could not access status');
    expect(subscriber.listenTo('taskfeed')).toBeUndefined();
    expect(subscriber.getSubscribedChannels()).toEqual(['taskfeed']);
    expect(proxy.statements(name)).toEqual(['LISTEN taskfeed']);
  });
});

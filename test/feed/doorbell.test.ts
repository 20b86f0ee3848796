// The doorbell says what is true of it: listening when a ring of its own comes back, deaf when it does not.
import { describe, expect, it } from '@jest/globals';
import { Doorbell } from '../../src/feed/doorbell.ts';
import { Backoff } from '../../src/feed/retry.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

function ring(url: string, channel = 'taskfeed') {
  const heard: string[] = [];
  const errors: unknown[] = [];
  const doorbell = new Doorbell({
    connection: { connectionString: url },
    channel,
    applicationName: 'test doorbell',
    heartbeatMs: 50,
    deadlineMs: 1_000,
    onError: (error) => errors.push(error),
    backoff: new Backoff({ firstMs: 10, capMs: 50 }),
  });
  doorbell.on('doorbell:rang', () => heard.push('rang'));
  doorbell.on('doorbell:listening', () => heard.push('listening'));
  doorbell.on('doorbell:deaf', (reason) => heard.push(`deaf: ${reason.message}`));
  doorbell.start();
  scope.add(() => doorbell.stop());
  return { doorbell, heard, errors, count: (what: string) => heard.filter((word) => word === what).length };
}

describe('the doorbell', () => {
  it('rings for every NOTIFY, whatever the payload, and for none of its own probes', async () => {
    const database = await scope.database();
    const psql = await scope.sql(database.url);
    const bell = ring(database.url);
    await eventually('listening', () => bell.doorbell.state === 'listening');
    // Several heartbeats pass without a ring.
    await eventually('probes', async () => {
      const { rows } = await psql.query(
        `select state_change - backend_start > interval '200 milliseconds' as probed from pg_stat_activity
         where application_name = 'test doorbell'`,
      );
      return rows[0]?.probed;
    });
    expect(bell.heard).toEqual(['listening']);
    await psql.query(
      `select pg_notify('taskfeed', p) from unnest(array['', 'not json {', '{"a":1}', repeat('x', 7000)]) p`,
    );
    await eventually('four rings', () => bell.count('rang') === 4);
    expect(bell.errors).toEqual([]);
  });

  it('comes back after its backend is killed, again and again, and says that it was deaf', async () => {
    const database = await scope.database();
    const psql = await scope.sql(database.url);
    const bell = ring(database.url);
    for (let times = 1; times <= 3; times += 1) {
      await eventually('listening', () => bell.count('listening') === times);
      await psql.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test doorbell'`,
      );
      await eventually('deaf', () => bell.heard.at(-1)?.startsWith('deaf') || bell.count('listening') > times);
    }
    await eventually('listening', () => bell.count('listening') === 4);
    await psql.query('notify taskfeed');
    await eventually('a ring', () => bell.count('rang') === 1);
  });

  it('keeps trying while the server refuses it, and leaves nothing behind when it is stopped', async () => {
    const database = await scope.database();
    const psql = await scope.sql(database.url);
    const missing = new URL(database.url);
    missing.pathname = '/taskfeed_test_not_there_yet';
    const bell = ring(missing.href);
    await eventually('deaf several times', () => bell.heard.length >= 5);
    expect(bell.heard.every((word) => word.startsWith('deaf'))).toBe(true);
    await bell.doorbell.stop();
    const heard = bell.heard.length;
    await psql.query('notify taskfeed');
    expect(bell.heard).toHaveLength(heard);
    expect(bell.doorbell.state).toBe('deaf');
  });

  it('may be stopped twice, or without having been started', async () => {
    const database = await scope.database();
    const bell = ring(database.url);
    await Promise.all([bell.doorbell.stop(), bell.doorbell.stop()]);
    await bell.doorbell.stop();
  });
});

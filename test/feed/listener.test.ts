// The listener on its own, without HTTP or sockets: it delivers every commit once, whatever happens to its sessions.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Batch } from '../../src/feed/drain-session.ts';
import { Listener, type ListenerOptions } from '../../src/feed/listener.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { testServer } from '../support/server.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
});

function listen(options: Partial<ListenerOptions> = {}) {
  const listener = new Listener({
    connection: { connectionString: database.appUrl },
    topics,
    actorName,
    bulkLimit: 5_000,
    safetyPollMs: 0,
    ...options,
  });
  const batches: Batch[] = [];
  const health: string[] = [];
  let drains = 0;
  listener.on('batch:drained', (batch) => batches.push(batch));
  listener.on('health:changed', (state) => health.push(state));
  listener.on('drain:done', () => {
    drains += 1;
  });
  scope.add(() => listener.stop());
  const titles = () => batches.flatMap(({ events }) => events.map(({ row }) => row['title']));
  return { listener, batches, health, titles, drains: () => drains };
}

const insert = (title: string) => psql.query('insert into tasks (title) values ($1)', [title]);
const kill = (name: string) =>
  psql.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = $2', [
    name,
    database.name,
  ]);

describe('the listener', () => {
  it('drains after a ring, without any poll', async () => {
    const { listener, titles, health } = listen();
    await listener.start();
    await insert('one');
    await eventually('one', () => titles().length === 1);
    expect(health).toEqual(['live']);
  });

  it('delivers by its safety poll what was written without a ring', async () => {
    const { listener, titles } = listen({ safetyPollMs: 50 });
    await listener.start();
    await psql.query('set taskfeed.ring = off');
    await insert('quiet');
    await eventually('quiet', () => titles().includes('quiet'));
  });

  it('does not deliver it without that poll, until somebody rings', async () => {
    const { listener, titles } = listen();
    await listener.start();
    await psql.query('set taskfeed.ring = off');
    await insert('quiet');
    await psql.query('set taskfeed.ring = on');
    await insert('loud');
    await eventually('loud', () => titles().includes('loud'));
    expect(titles()).toEqual(['quiet', 'loud']);
  });

  it.each(['taskfeed listener', 'taskfeed listener doorbell'])(
    'loses nothing when the session "%s" is killed, again and again',
    async (session) => {
      const { listener, titles, batches } = listen();
      await listener.start();
      for (let times = 0; times < 5; times += 1) {
        await kill(session);
        await insert(`after kill ${times}`);
        await eventually('delivery', () => titles().length === times + 1);
      }
      expect(titles()).toEqual([0, 1, 2, 3, 4].map((times) => `after kill ${times}`));
      for (const [index, batch] of batches.entries()) {
        if (index > 0) expect(batch.from).toBe(batches[index - 1]?.to);
      }
    },
  );

  it('is deaf while LISTEN does not work, delivers by polling fast, and is live again', async () => {
    const { listener, titles, health } = listen({ deafPollMs: 10 });
    await listener.start();
    // The doorbell's new sessions are turned away for a while; the drain session stays.
    const admin = await scope.sql(testServer().adminUrl);
    await admin.query(`alter database ${database.name} with allow_connections false`);
    await kill('taskfeed listener doorbell');
    await eventually('deaf', () => listener.health === 'deaf');
    await psql.query('set taskfeed.ring = off');
    await insert('while deaf');
    await eventually('delivery', () => titles().includes('while deaf'));
    await admin.query(`alter database ${database.name} with allow_connections true`);
    await eventually('live', () => listener.health === 'live');
    expect(health).toEqual(['live', 'deaf', 'live']);
  });

  it('refuses to start where it cannot work, and says why', async () => {
    const empty = await scope.database({ isEmpty: true });
    const { listener } = listen({ connection: { connectionString: empty.url } });
    await expect(listener.start()).rejects.toThrow(/taskfeed/);
    const nobody = listen({ connection: { connectionString: 'postgresql://nobody@127.0.0.1:1/none' } });
    await expect(nobody.listener.start()).rejects.toThrow(/ECONNREFUSED/);
  });

  it('a subscriber that throws hurts nobody', async () => {
    const { listener, titles } = listen();
    const failures: unknown[] = [];
    listener.on('subscriber:failed', (error) => failures.push(error));
    listener.on('batch:drained', () => {
      throw new Error('mine');
    });
    await listener.start();
    await insert('one');
    await insert('two');
    await eventually('both', () => titles().includes('two'));
    expect(failures.length).toBeGreaterThan(0);
  });

  it('starts and stops many times, also without having been started, and leaves no session', async () => {
    const { listener } = listen();
    await listener.stop();
    for (let times = 0; times < 10; times += 1) {
      await listener.start();
      await Promise.all([listener.stop(), listener.stop()]);
    }
    await eventually('no session is left', async () => {
      const { rowCount } = await psql.query(
        `select from pg_stat_activity where datname = $1 and application_name like 'taskfeed%'`,
        [database.name],
      );
      return rowCount === 0;
    });
  });
});

// Servers that restart, crash, replay another one's changes, or stand behind a pooler.
import { describe, expect, it } from '@jest/globals';
import { type EmbeddedServer, startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { isAlive } from '../../src/postgres/process-identity.ts';
import { createDataDir } from '../support/data-dir.ts';
import { eventually } from '../support/eventually.ts';
import { admitTestManager } from '../support/identity.ts';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { openProxy } from '../support/proxy.ts';
import { createScope } from '../support/scope.ts';
import { startWithStandby } from '../support/standby.ts';
import { ring } from './doorbell-support.ts';
import { observe } from './duty-support.ts';

const scope = createScope();

async function once(url: string, sql: string): Promise<void> {
  const session = await scope.sql(url);
  session.on('error', () => undefined);
  await session.query(sql);
  await session.end();
}

const insert = (url: string, title: string) => once(url, `insert into tasks (title) values ('${title}')`);

/** A server of its own, a whole Taskfeed before it and a client; the proxy between them can hold Taskfeed off. */
async function ownSite() {
  const { dataDir, remove } = await createDataDir();
  scope.add(remove);
  const start = () => startEmbedded({ dataDir, settings: { fsync: 'off' }, initSync: false });
  let postgres: EmbeddedServer = await start();
  scope.add(() => postgres.stop());
  await migrate({ url: postgres.ownerUrl, applicationRole: 'taskfeed_app' });
  await admitTestManager(postgres.ownerUrl);
  const proxy = await openProxy(postgres.appUrl);
  scope.add(proxy.close);
  const place = { name: 'taskfeed', url: postgres.ownerUrl, appUrl: proxy.through(postgres.appUrl) };
  const server = await scope.server({ ...place, drop: () => Promise.resolve() }, { safetyPollMs: 0 });
  const client = await scope.client(server.url);
  const { port } = postgres;
  return {
    proxy,
    server,
    client,
    url: postgres.ownerUrl,
    epoch: () => server.server.feed.listener.cursor?.split('.')[0],
    stop: () => postgres.stop(),
    crash: async () => {
      process.kill(postgres.pid, 'SIGKILL');
      await eventually('the end of the server', () => !isAlive(postgres.pid));
    },
    startAgain: async () => {
      postgres = await start();
      expect(postgres.port).toBe(port);
    },
  };
}

describe('a server that restarts', () => {
  it('properly: the feed is back in the same epoch, and what was written meanwhile is delivered', async () => {
    const site = await ownSite();
    const epoch = site.epoch();
    await insert(site.url, 'before');
    await site.client.next('task:created');
    site.proxy.refuse();
    await insert(site.url, 'unheard');
    await site.stop();
    await site.client.next('feed:pulse', ({ state }) => state === 'behind');
    await site.startAgain();
    await insert(site.url, 'after');
    site.proxy.accept();
    await site.client.next('feed:pulse', ({ state }) => state === 'live');
    await insert(site.url, 'live again');
    await site.client.next('task:created', ({ task }) => task.title === 'live again');
    const titles = site.client.events.map(({ data }) => data.task.title);
    expect(titles).toEqual(['before', 'unheard', 'after', 'live again']);
    expect(site.client.packets.filter(({ name }) => name === 'feed:reset')).toEqual([]);
    expect(site.epoch()).toBe(epoch);
  });

  it('after kill -9: what the feed had not told by then is told by a reset, in a new epoch', async () => {
    const site = await ownSite();
    const epoch = site.epoch();
    await insert(site.url, 'before');
    await site.client.next('task:created');
    site.proxy.refuse();
    await insert(site.url, 'unheard');
    await site.crash();
    await site.startAgain();
    site.proxy.accept();
    expect(await site.client.next('feed:reset')).toMatchObject({ reason: 'epoch' });
    await eventually('live', () => site.server.server.feed.listener.health === 'live');
    expect(site.epoch()).not.toBe(epoch);
    const { body } = await site.server.http('GET', '/api/tasks');
    expect(JSON.stringify(body)).toContain('unheard');
    await insert(site.url, 'live again');
    await site.client.next('task:created', ({ task }) => task.title === 'live again');
  });
});

describe('a standby', () => {
  it('is refused with a clear word; promoted, it is heard, in an epoch of its own', async () => {
    const { primary, standby } = await startWithStandby(scope);
    const proxy = await openProxy(primary.appUrl);
    scope.add(proxy.close);
    const moved = observe(scope, proxy.through(primary.appUrl));
    await moved.listener.start();
    const epoch = moved.listener.cursor?.split('.')[0];
    const bell = ring(scope, standby.appUrl);
    await bell.says('deaf: This server is a standby');
    const late = observe(scope, standby.appUrl);
    await expect(late.listener.start()).rejects.toThrow(/standby.*primary/);

    // The address moves to the standby, as in a failover, before that is a primary.
    const failures: string[] = [];
    moved.listener.on('drain:failed', ({ message }) => failures.push(message));
    proxy.pointAt(standby.appUrl);
    proxy.cut();
    await eventually('behind', () => moved.listener.health === 'behind');
    await eventually('the reason', () => failures.some((message) => /standby.*primary/.test(message)));
    await once(standby.ownerUrl, 'select pg_promote()');
    await bell.says('listening');
    await eventually('a reset', () => moved.seen.batches.some(({ reset }) => reset?.reason === 'epoch'));
    await late.listener.start();
    await insert(standby.ownerUrl, 'promoted');
    await Promise.all([moved, late].map((observed) => observed.delivers('promoted')));
    for (const { listener } of [moved, late]) expect(listener.cursor?.split('.')[0]).not.toBe(epoch);
    await eventually('a ring', () => bell.count('rang') > 0);
    await eventually('live', () => [moved, late].every(({ listener }) => listener.health === 'live'));
  });
});

describe('PgBouncer in transaction mode', () => {
  it('is never taken for a server that listens: the message names DATABASE_DIRECT_URL', async () => {
    const database = await scope.database();
    const bouncer = await startPgBouncer(database.appUrl);
    if (!bouncer) return;
    scope.add(bouncer.stop);
    const bell = ring(scope, bouncer.url, { deadlineMs: 2_000 });
    await bell.says('deaf');
    const psql = await scope.sql(database.url);
    await psql.query('notify taskfeed');
    const observed = observe(scope, bouncer.url);
    await expect(observed.listener.start()).rejects.toThrow(/PgBouncer.*DATABASE_DIRECT_URL/);
    expect(bell.count('listening')).toBe(0);
    expect(new Set(bell.heard.map((word) => /DATABASE_DIRECT_URL/.test(word)))).toEqual(new Set([true]));

    // Nothing of the attempt sticks to the sessions that PgBouncer hands to others.
    const other = await scope.sql(bouncer.url);
    const { rows } = await other.query(`select current_setting('search_path') as path`);
    expect(rows[0].path).not.toBe('pg_catalog');
    const direct = observe(scope, database.appUrl);
    await direct.listener.start();
    await direct.reach('asleep');
  });
});

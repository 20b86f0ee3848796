// Sessions are read once for all who show the same cookie together, and nobody is let in by what was read before they came.
import { beforeEach, expect, it } from '@jest/globals';
import type { SessionData } from 'express-session';
import type pg from 'pg';
import { createLogger } from '../../src/logger.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { SessionStore } from '../../src/server/session-store.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { openProxy, type PostgresProxy } from '../support/proxy.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;
let proxy: PostgresProxy;
let store: SessionStore;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  proxy = await openProxy(database.appUrl);
  scope.add(() => proxy.close());
  const knex = createPool({ url: proxy.through(database.appUrl) });
  scope.add(() => knex.destroy());
  store = new SessionStore({ knex, logger: createLogger({ level: 'silent', isTerminal: false }) });
  scope.add(async () => store.close());
  await psql.query(
    `insert into sessions (sid, sess, expire) values ('mine', '{"cookie": {}, "manager_id": 1}', now() + interval '1 day')`,
  );
});

function get(sid: string): Promise<SessionData | null | undefined> {
  return new Promise((resolve, reject) => {
    store.get(sid, (error, session) => (error ? reject(error) : resolve(session)));
  });
}

const asked = () => proxy.statements('taskfeed').filter((sql) => /select sess /i.test(sql)).length;

it('reads the session of a herd twice, whatever its size, and gives everybody one of their own', async () => {
  const sessions = await Promise.all(Array.from({ length: 200 }, () => get('mine')));
  expect(asked()).toBe(2);
  expect(new Set(sessions).size).toBe(200);
  expect(sessions[7]).toEqual({ cookie: {}, manager_id: 1 });
  expect(await get('unknown')).toBeNull();
});

it('lets nobody in who comes after the session ended, though what was read before is still on its way', async () => {
  const watcher = await scope.sql(database.url);
  const backend = async () => {
    const { rows } = await watcher.query(
      `select state, wait_event_type from pg_stat_activity
       where datname = $1 and application_name = 'taskfeed' and query ilike 'select sess %'`,
      [database.name],
    );
    return rows[0];
  };
  await psql.query('begin; lock table sessions in access exclusive mode');
  const before = get('mine');
  await eventually('it waits for the lock', async () => (await backend())?.wait_event_type === 'Lock');
  proxy.silence('taskfeed');
  await psql.query('commit');
  await eventually('it has read the session', async () => (await backend())?.state === 'idle');
  await psql.query('delete from sessions');
  const after = get('mine');
  proxy.speak();
  expect(await before).toMatchObject({ manager_id: 1 });
  expect(await after).toBeNull();
});

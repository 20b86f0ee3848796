// A site to ask the routes about: a database with a few rows, the real server on it, and an administrator's session.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import pg from 'pg';
import { pino } from 'pino';
import { createPool } from '../../src/postgres/pool.ts';
import { createApp, type Site as SiteSettings } from '../../src/server/app.ts';
import { Doors } from '../../src/server/session.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { testSecret } from '../support/identity.ts';
import { type Answer, type RunningServer, runServer } from '../support/run-server.ts';
import type { Scope } from '../support/scope.ts';
import { appRole } from '../support/server.ts';

export interface Site {
  database: TestDatabase;
  server: RunningServer;
  psql: pg.Client;
  http: RunningServer['http'];
}

const rows = `
  insert into systems (name, location) values ('Boiler 2', 'Boiler house'), ('Pump P1', 'Bay 1');
  insert into employees (name, language) values ('Dana Levi', 'he'), ('Marcus Webb', null);
  insert into tasks (title, description, note, priority, status, system_id, employee_id) values
    ('Sweep chimney', 'Wear a mask', null, 'urgent', 'sent', 1, 1),
    ('Change seal', null, '100% worn_out', 'normal', 'in_progress', 2, 1),
    ('Grease bearings', null, null, 'optional', 'draft', 2, 2),
    ('Read meters', null, null, 'normal', 'completed', null, null);`;

// The identities begin anew, so that tests may name rows by number. Rows are deleted and not truncated: TRUNCATE of many
// tables and a drain that reads them can wait for each other, and the server then cancels one of them.
const tables = ['idempotency_keys', 'link_tasks', 'links', 'task_images', 'tasks', 'employees', 'systems'];
const emptied = `
  ${tables.map((table) => `delete from public.${table}; select setval('public.${table}_id_seq', 1, false);`).join('\n')}
  delete from taskfeed.change_journal;`;

/**
 * One site for all tests of a file. Before each of them it has systems 1 and 2, employees 1 and 2, and tasks 1 to 4,
 * whose creation is in the journal, and nothing else.
 */
export function useSite(): Site {
  const site = {} as Site;
  beforeAll(async () => {
    const database = await createDatabase();
    const server = await runServer(database);
    const psql = new pg.Client({ connectionString: database.url, application_name: 'psql' });
    await psql.connect();
    Object.assign(site, { database, server, psql, http: server.http });
  });
  beforeEach(() => site.psql.query(`${emptied}${rows}`));
  afterAll(async () => {
    await site.psql.end();
    await site.server.stop();
    await site.database.drop();
  });
  return site;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers as a stranger's script does
export function bodyOf(answer: Answer): any {
  return answer.body;
}

/** Everything that is stored, in one text: equal before and after means that nothing was written. */
export async function fingerprint(psql: pg.Client): Promise<string> {
  const { rows: tables } = await psql.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('public', 'taskfeed') and tablename <> 'snapshots' order by 1`,
  );
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as hash from ${name} t`,
  );
  const { rows: hashes } = await psql.query(parts.join(' union all '));
  return JSON.stringify(hashes);
}

/** Resolves when this many sessions of the role, the server's unless another is named, wait for a lock. */
export async function waiters(psql: pg.Client, count: number, role = appRole): Promise<void> {
  await eventually(`${count} sessions wait for a lock`, async () => {
    const { rows: waiting } = await psql.query(
      `select from pg_stat_activity where datname = current_database() and usename = $1 and wait_event_type = 'Lock'`,
      [role],
    );
    return waiting.length === count;
  });
}

/** The application alone, with settings of its own, and what it logs. */
export async function openApp(
  scope: Scope,
  { database, site = {} }: { database: TestDatabase; site?: Partial<SiteSettings> },
): Promise<{ url: string; logged: () => string }> {
  const lines: string[] = [];
  const log = { write: (line: string) => lines.push(line) } as unknown as Writable;
  const knex = createPool({ url: database.appUrl });
  const readiness = async () => ({ isReady: true, reasons: [] });
  const logger = pino({ level: 'trace' }, log);
  const doors = new Doors({ knex, logger, sessionSecret: testSecret });
  const app = createApp({ knex, doors, logger, readiness, site });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.add(async () => {
    doors.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await knex.destroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, logged: () => lines.join('') };
}

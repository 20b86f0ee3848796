// The server and its databases: one PostgreSQL, one database per column, all with the same tasks.
import pg from 'pg';
import { type EmbeddedServer, startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createDataDir } from '../support/data-dir.ts';
import { admitTestManager } from '../support/identity.ts';
import { withDatabase } from '../support/server.ts';
import { type Column, columns, taskCount } from './plan.ts';

/** The same for all columns, and printed. */
export const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'logical',
  shared_buffers: '256MB',
  max_connections: '300',
  // No checkpoint falls into a round by chance.
  checkpoint_timeout: '1h',
  max_wal_size: '8GB',
};

const appRole = 'taskfeed_app';

const rowTrigger = (channel: string, payload: string) => `
  create function public.tell() returns trigger language plpgsql as
    $$ begin perform pg_notify('${channel}', ${payload}); return null; end $$;
  create trigger tell after insert or update on public.tasks for each row execute function public.tell()`;

/** What makes a migrated database into that of a column. */
const changes: Record<string, string> & Record<Column, string> = {
  bare: `call taskfeed.unwatch('public.tasks');
    drop trigger zz_taskfeed_stamp on public.tasks; drop trigger zz_taskfeed_stamp_insert on public.tasks`,
  row: `call taskfeed.unwatch('public.tasks'); ${rowTrigger('rows', 'to_json(new)::text')}`,
  id: `call taskfeed.unwatch('public.tasks'); ${rowTrigger('ids', 'new.id::text')}`,
  decoded: `call taskfeed.unwatch('public.tasks'); create publication bench for table public.tasks`,
  batched: `call taskfeed.unwatch('public.tasks'); create publication bench for table public.tasks`,
  listen: `call taskfeed.unwatch('public.tasks'); ${rowTrigger('notes', 'new.note')}`,
  emit: `call taskfeed.unwatch('public.tasks')`,
  taskfeed: 'select 1',
};

export interface Site {
  server: EmbeddedServer;
  version: string;
  /** The owner's URL of a column's database. */
  url(column: string): string;
  /** The same as the application's role. */
  appUrl(column: string): string;
  /** One query in a column's database, on a connection that stays open. */
  query(column: string, sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** Any other name than that of a column gets a database as Taskfeed makes it. */
export async function openSite(wanted: readonly string[] = columns): Promise<Site> {
  const { dataDir, remove } = await createDataDir();
  const server = await startEmbedded({ dataDir, settings });
  const clients = new Map<string, pg.Client>();
  const close = async () => {
    await Promise.all([...clients.values()].map((client) => client.end().catch(() => undefined)));
    await server.stop();
    await remove();
  };
  try {
    const url = (column: string) => server.url(`bench_${column}`);
    await cheapenPasswords(server);
    await createDatabases(server, wanted);
    for (const column of wanted) {
      const client = new pg.Client({ connectionString: url(column), application_name: 'bench' });
      clients.set(column, client);
      await client.connect();
      await client.query(changes[column] ?? 'select 1');
    }
    const query: Site['query'] = async (column, sql, values = []) => {
      const client = clients.get(column);
      if (!client) throw new Error(`${column} has no database`);
      return (await client.query(sql, values)).rows;
    };
    const first = wanted[0] ?? 'bare';
    const version = String((await query(first, 'select version()'))[0]?.['version']);
    const appUrl = (column: string) => withDatabase(server.appUrl, `bench_${column}`);
    return { server, version, url, appUrl, query, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * A writer's password is hashed 4,096 times when it connects, which took pgbench a tenth of both processors in a round of
 * 64 writers. That is nothing to compare: once will do.
 */
async function cheapenPasswords(server: EmbeddedServer): Promise<void> {
  const admin = new pg.Client({ connectionString: server.ownerUrl });
  await admin.connect();
  try {
    const password = decodeURIComponent(new URL(server.ownerUrl).password);
    await admin.query('set scram_iterations = 1');
    await admin.query(`alter role current_user password ${admin.escapeLiteral(password)}`);
  } finally {
    await admin.end();
  }
}

async function createDatabases(server: EmbeddedServer, wanted: readonly string[]): Promise<void> {
  const admin = new pg.Client({ connectionString: server.ownerUrl });
  await admin.connect();
  try {
    await admin.query('create database bench_template');
    await migrate({ url: server.url('bench_template'), applicationRole: appRole });
    await admitTestManager(server.url('bench_template'));
    const template = new pg.Client({ connectionString: server.url('bench_template') });
    await template.connect();
    await template.query(
      `insert into public.tasks (title, note) select 'task ' || n, 'as it was' from generate_series(1, ${taskCount}) n`,
    );
    await template.query('truncate taskfeed.change_journal');
    await template.query('vacuum analyze');
    await template.end();
    for (const column of wanted) await admin.query(`create database bench_${column} template bench_template`);
  } finally {
    await admin.end();
  }
}

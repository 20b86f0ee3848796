// Brings a database to the schema of this version, or back. Any number of processes may try at once: they queue for an
// advisory lock. A database in which a table of ours already exists that we did not make is refused, unchanged; so is one
// whose migrations were not those of this version: a file that is edited after it ran would never run again, and every
// database would be another one.
//
// Nothing waits long for a table: a change of a table that waits behind a long transaction lets nobody else at it.
import knexModule, { type Knex } from 'knex';
import pg from 'pg';
import { connectionOf, explainConnection } from './connection.ts';
import { isHeldUp, lockTimeoutMs } from './held-up.ts';
import { migrationsTable, SqlMigrations } from './migrations.ts';

/** The database cannot be migrated; `message` says why and what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

export interface MigrateOptions {
  /** The owner's URL: it creates tables, functions and triggers. */
  url: string;
  /** The role that the application signs in as, if it is another one. */
  applicationRole?: string;
  /** Folder with the .sql files; the project's own if not given. */
  folder?: string;
}

const ours = [
  'systems',
  'employees',
  'tasks',
  'task_images',
  'links',
  'link_tasks',
  'idempotency_keys',
  'managers',
  'sessions',
  'api_tokens',
  'setup_links',
  'task_details',
  'link_details',
  'task_history',
];

/** Applies what is missing. Resolves with the names of the migrations that ran; rejects if it is held up (held-up.ts). */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const source = new SqlMigrations(options.folder);
  return await locked(options, async (knex, client) => {
    await refuseForeignTables(client);
    await refuseOtherMigrations(client, source);
    const [, names] = (await knex.migrate.latest()) as [number, string[]];
    // Without a checksum are those that ran just now, and those of a database from before there were any.
    const unnoted = (await appliedMigrations(client)).filter(({ checksum }) => checksum === null);
    const role = options.applicationRole ?? (await client.query('select session_user as role')).rows[0].role;
    await admit(client, role, { isRequired: unnoted.length > 0 });
    if (unnoted.length > 0) await noteChecksums(client, source, unnoted);
    return names;
  });
}

// GRANT waits for whoever holds a table. A role that was admitted to this very schema before does not need it, so its
// server starts nevertheless: the feed is behind until the table is let go.
async function admit(client: pg.Client, role: string, { isRequired }: { isRequired: boolean }): Promise<void> {
  await client.query('call taskfeed.admit($1)', [role]).catch(async (error: unknown) => {
    if (isRequired || !isHeldUp(error)) throw error;
    const known = 'select from taskfeed.application_roles where role_name = $1';
    if ((await client.query(known, [role])).rowCount === 0) throw error;
  });
}

/** Takes back the last migration, or all of them. Resolves with their names. */
export async function rollback(options: MigrateOptions & { all?: boolean }): Promise<string[]> {
  return await locked(options, async (knex) => {
    if (options.all) return ((await knex.migrate.rollback(undefined, true)) as [number, string[]])[1];
    return ((await knex.migrate.down()) as [number, string[]])[1];
  });
}

/** Whether every migration of this version has been applied. */
export async function isMigrated(knex: Knex): Promise<boolean> {
  const wanted = await new SqlMigrations().getMigrations();
  const { tableName, schemaName } = migrationsTable;
  if (!(await knex.schema.withSchema(schemaName).hasTable(tableName))) return false;
  const applied = new Set(await knex(tableName).withSchema(schemaName).pluck('name'));
  return wanted.every((name) => applied.has(name));
}

const bounded = `set lock_timeout = ${lockTimeoutMs}`;

async function locked<T>(
  { url, folder }: MigrateOptions,
  work: (knex: Knex, client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...connectionOf(url), application_name: 'taskfeed migrate' });
  await client.connect().catch((error: unknown) => {
    throw explainConnection(error);
  });
  const knex = knexModule({
    client: 'pg',
    connection: { ...connectionOf(url), application_name: 'taskfeed migrate' } as Knex.PgConnectionConfig,
    // What cannot be applied is thrown; knex would also write it between the lines of the log.
    log: { warn: () => undefined, error: () => undefined },
    pool: {
      min: 0,
      max: 2,
      afterCreate(connection: pg.Client, done: (error: unknown, connection: unknown) => void) {
        connection.query(bounded).then(
          () => done(null, connection),
          (error: unknown) => done(error, connection),
        );
      },
    },
    migrations: { migrationSource: new SqlMigrations(folder), ...migrationsTable },
  });
  try {
    await client.query('select pg_advisory_lock(1952541798, 2)');
    await client.query(bounded);
    // We hold the real lock, so a mark that knex has left behind belongs to a process that died half-way.
    const { tableName, schemaName } = migrationsTable;
    if (await knex.schema.withSchema(schemaName).hasTable(`${tableName}_lock`))
      await knex.migrate.forceFreeMigrationsLock();
    return await work(knex, client);
  } finally {
    await knex.destroy();
    await client.end();
  }
}

async function refuseForeignTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select n as name from unnest($1::text[]) n
     where to_regclass('public.' || n) is not null
       and (to_regclass('public.${migrationsTable.tableName}') is null or to_regclass('taskfeed.change_journal') is null)
     order by n`,
    [ours],
  );
  if (rows.length === 0) return;
  const names = rows.map((row) => row.name).join(', ');
  throw new MigrationError(
    `This database already has ${names}, which Taskfeed did not make. Nothing was changed. Use an empty database, or move those tables away.`,
  );
}

const { tableName, schemaName } = migrationsTable;
const table = `${schemaName}.${tableName}`;

async function refuseOtherMigrations(client: pg.Client, source: SqlMigrations): Promise<void> {
  const known = new Set(await source.getMigrations());
  for (const { name, checksum } of await appliedMigrations(client)) {
    if (!known.has(name))
      throw new MigrationError(
        `This database has been migrated by another version of Taskfeed: this one has no ${name}.up.sql. Nothing was changed. Start the version that migrated it, or a later one.`,
      );
    if (checksum !== null && checksum !== (await source.checksum(name)))
      throw new MigrationError(
        `The migration ${name}.up.sql has been changed since it was applied to this database. Nothing was changed. Put the file back as it was, and what is new into a new migration.`,
      );
  }
}

async function noteChecksums(client: pg.Client, source: SqlMigrations, unnoted: { name: string }[]): Promise<void> {
  await client.query(`alter table ${table} add column if not exists checksum text`);
  for (const { name } of unnoted) {
    await client.query(`update ${table} set checksum = $2 where name = $1`, [name, await source.checksum(name)]);
  }
}

// The row as a whole, since the column may not be there yet.
async function appliedMigrations(client: pg.Client): Promise<{ name: string; checksum: string | null }[]> {
  const { rows: found } = await client.query(`select to_regclass($1) is not null as exists`, [table]);
  if (!found[0].exists) return [];
  const { rows } = await client.query<{ name: string; checksum: string | null }>(
    `select m.name, to_jsonb(m) ->> 'checksum' as checksum from ${table} m order by m.id`,
  );
  return rows;
}

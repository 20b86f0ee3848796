// What is asked of the running server itself: whether it is ours, and that our database and role are in it.
import pg from 'pg';
import * as z from 'zod/mini';
import { ownerRole } from './embedded-cluster.ts';
import { PostgresError } from './embedded-error.ts';
import type { Files, Secrets } from './embedded-files.ts';

export const databaseName = 'taskfeed';
export const appRole = 'taskfeed_app';

export function serverUrl(port: number, login: { role: string; password: string; database: string }): string {
  return `postgresql://${login.role}:${login.password}@127.0.0.1:${port}/${encodeURIComponent(login.database)}`;
}

const identitySchema = z.object({ folder: z.string(), pid_file: z.string() });

export interface Answer {
  readonly folder: string;
  readonly pid: number;
}

/** Which folder the server on this port serves, and as which process; undefined while it does not answer. */
export async function askIdentity(port: number, secrets: Secrets, files: Files): Promise<Answer | undefined> {
  try {
    return await withOwner(port, secrets, 'postgres', async (client) => {
      const { rows } = await client.query(
        `select current_setting('data_directory') as folder, pg_read_file('postmaster.pid') as pid_file`,
      );
      const row = identitySchema.parse(rows[0]);
      return { folder: row.folder, pid: Number.parseInt(row.pid_file, 10) };
    });
  } catch (error) {
    // 28P01 wrong password, 28000 no such role or not allowed
    if (!(error instanceof pg.DatabaseError) || (error.code !== '28P01' && error.code !== '28000')) return undefined;
    throw new PostgresError(
      `The running database refuses the password of ${files.secrets} (${error.message}). ` +
        'Put back the file that belongs to this database folder.',
      { cause: error },
    );
  }
}

/** Makes the database and the application's role if they are missing; a crash may have come before the first time. */
export async function ensureDatabase(port: number, secrets: Secrets): Promise<void> {
  await withOwner(port, secrets, 'postgres', async (client) => {
    const { rowCount: hasRole } = await client.query('select from pg_roles where rolname = $1', [appRole]);
    if (hasRole === 0) {
      await client.query(`create role ${appRole} login password ${client.escapeLiteral(secrets.appPassword)}`);
    }
    const { rowCount: hasDatabase } = await client.query('select from pg_database where datname = $1', [databaseName]);
    if (hasDatabase === 0) await client.query(`create database ${databaseName} owner ${ownerRole}`);
    // The owner's name is also that of the journal's schema, where "$user" would put an administrator's own tables.
    await client.query(`alter role ${ownerRole} in database ${databaseName} set search_path = public`);
  });
}

async function withOwner<T>(
  port: number,
  secrets: Secrets,
  database: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: serverUrl(port, { role: ownerRole, password: secrets.ownerPassword, database }),
    application_name: 'taskfeed embedded',
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  // Without a listener a connection that breaks while idle would end the whole process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

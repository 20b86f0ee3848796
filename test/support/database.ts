// A database of a test's own, cloned from the migrated template.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { eventually } from './eventually.ts';
import { appRole, testServer, withDatabase, withRole } from './server.ts';

export interface TestDatabase {
  name: string;
  /** The owner's URL: what an administrator in psql uses. */
  url: string;
  /** The application's role. */
  appUrl: string;
  /** Fails if a session is left, so that nothing forgets to close its connections. */
  drop(): Promise<void>;
}

/** `isEmpty`: not even migrated. */
export async function createDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const { adminUrl, template, run } = testServer();
  const name = `taskfeed_test_${run}_${randomBytes(6).toString('hex')}`;
  await asAdmin((admin) => admin.query(`create database ${name}${isEmpty ? '' : ` template ${template}`}`));
  const url = withDatabase(adminUrl, name);
  return { name, url, appUrl: withRole(url, appRole), drop: () => asAdmin((admin) => dropUnused(admin, name)) };
}

async function dropUnused(admin: pg.Client, name: string): Promise<void> {
  const sessions = async () => {
    const { rows } = await admin.query<{ application_name: string; query: string }>(
      `select application_name, query from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    return rows;
  };
  // A closed connection's backend takes a moment to leave.
  await eventually('every session of the test database has ended', async () => (await sessions()).length === 0).catch(
    async (error: unknown) => {
      const left = JSON.stringify(await sessions());
      await admin.query(`drop database ${name} with (force)`);
      throw new Error(`sessions were left behind: ${left}`, { cause: error });
    },
  );
  await admin.query(`drop database ${name} with (force)`);
}

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: testServer().adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

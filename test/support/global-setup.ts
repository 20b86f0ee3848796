// One PostgreSQL server for the whole run, with a migrated template database; every test file clones its own from it.
// TEST_DATABASE_URL names a server to use instead; only databases called taskfeed_test_* are created and dropped there.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../src/postgres/migrate.ts';
import { admitTestManager } from './identity.ts';
import { startOwnServer } from './own-server.ts';
import { appRole, type TestServer, withDatabase } from './server.ts';

export default async function setUp(): Promise<void> {
  const given = process.env['TEST_DATABASE_URL'];
  const server = given ? { adminUrl: given, stop: undefined } : await startOwnServer();
  const run = randomBytes(4).toString('hex');
  const template = `taskfeed_test_${run}_template`;
  // Open as long as the run: it tells other runs on the same server whose databases are still in use.
  const admin = new pg.Client({ connectionString: server.adminUrl, application_name: `taskfeed_test_${run}` });
  await admin.connect();
  await dropLeftovers(admin);
  await admin.query(
    `do $$ begin create role ${appRole} login password '${appRole}'; exception when duplicate_object then null; end $$`,
  );
  await admin.query(`create database ${template}`);
  await migrate({ url: withDatabase(server.adminUrl, template), applicationRole: appRole });
  await admitTestManager(withDatabase(server.adminUrl, template));
  const shared: TestServer = { run, adminUrl: server.adminUrl, template };
  process.env['TASKFEED_TEST_SERVER'] = JSON.stringify(shared);
  (globalThis as Record<string, unknown>)['taskfeedTestRun'] = { admin, stop: server.stop };
}

// A run that was killed leaves its databases behind.
async function dropLeftovers(admin: pg.Client): Promise<void> {
  const { rows } = await admin.query<{ datname: string }>(
    `select d.datname from pg_database d where d.datname ~ '^taskfeed_test_[0-9a-f]{8}_' and not exists (
       select from pg_stat_activity a where a.application_name = substr(d.datname, 1, 22))`,
  );
  for (const { datname } of rows) await admin.query(`drop database if exists ${datname}`);
}

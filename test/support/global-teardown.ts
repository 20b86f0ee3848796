// Drops the template and stops the server that the run started.
import pg from 'pg';
import { testServer } from './server.ts';

export default async function tearDown(): Promise<void> {
  const { adminUrl, template } = testServer();
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`drop database if exists ${template}`);
  await admin.end();
  const stop = (globalThis as Record<string, unknown>)['taskfeedTestServerStop'];
  if (typeof stop === 'function') await stop();
}

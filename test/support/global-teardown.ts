// Drops the template and stops the server that the run started.
import type pg from 'pg';
import { testServer } from './server.ts';

interface Run {
  admin: pg.Client;
  stop?: () => Promise<void>;
}

export default async function tearDown(): Promise<void> {
  const { admin, stop } = (globalThis as Record<string, unknown>)['taskfeedTestRun'] as Run;
  await admin.query(`drop database if exists ${testServer().template}`);
  await admin.end();
  await stop?.();
}

// The demo rows. They go into an empty site only, so that nobody's data is ever mixed with invented ones.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { connectionOf } from './connection.ts';

const demo = fileURLToPath(new URL('../../db/seeds/demo.sql', import.meta.url));

/** Inserts the demo site. Resolves with false, having changed nothing, where there are rows already. */
export async function seedDemo(options: { url: string; timezone: string }): Promise<boolean> {
  const client = new pg.Client({ ...connectionOf(options.url), application_name: 'taskfeed seed' });
  await client.connect();
  try {
    await client.query('begin');
    await client.query('lock table public.systems, public.employees, public.tasks in share row exclusive mode');
    const { rows } = await client.query<{ empty: boolean }>(
      `select not exists (select from public.systems) and not exists (select from public.employees)
          and not exists (select from public.tasks) as empty`,
    );
    if (!rows[0]?.empty) {
      await client.query('rollback');
      return false;
    }
    await client.query(`select set_config('taskfeed.site_timezone', $1, true)`, [options.timezone]);
    await client.query(await readFile(demo, 'utf8'));
    await client.query('commit');
    return true;
  } finally {
    await client.end();
  }
}

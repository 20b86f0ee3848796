// A gap held open: the statements of one session wait in the middle, with their snapshot already taken.
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { Scope } from '../support/scope.ts';

export interface Hold {
  /** Resolves when a statement is held. */
  reached(): Promise<unknown>;
  release(): Promise<unknown>;
}

/** Makes the statements of one session wait where they read a full task, after their snapshot, until they are released. */
export async function hold(scope: Scope, database: TestDatabase, applicationName: string): Promise<Hold> {
  const psql: pg.Client = await scope.sql(database.url);
  await psql.query(`
    create or replace function public.hold() returns boolean language plpgsql volatile set lock_timeout = 0 as $$
    begin
      if current_setting('application_name') = '${applicationName}' then
        perform pg_advisory_lock_shared(42);
        perform pg_advisory_unlock_shared(42);
      end if;
      return true;
    end $$;
    select pg_advisory_lock(42);
    do $$ begin
      execute 'create or replace view public.task_details as '
        || rtrim(pg_get_viewdef('public.task_details'), ';') || ' where public.hold()';
    end $$`);
  const isHeld = async () => {
    const { rowCount } = await psql.query(
      `select from pg_stat_activity where application_name = $1 and wait_event = 'advisory' and datname = $2`,
      [applicationName, database.name],
    );
    return rowCount === 1;
  };
  return {
    reached: () => eventually('the statement is held', isHeld),
    release: () => psql.query('select pg_advisory_unlock(42)'),
  };
}

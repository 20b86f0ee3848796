// What a start does while somebody holds a table that it needs: it says who, and tries again until the table is let go.
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { connectionOf } from './connection.ts';

/** How long a start waits for a lock before it lets others pass, ms. */
export const lockTimeoutMs = 2_000;

/** Whether `lock_timeout` has ended a wait for a lock. */
export function isHeldUp(error: unknown): boolean {
  return (error as { code?: unknown } | null | undefined)?.code === '55P03';
}

export interface HeldUpOptions {
  /** Whom to ask who is in the way. */
  url: string;
  /** Told once. */
  tell: (line: string) => void;
}

/** Does `work`, again and again as long as it is held up. */
export async function untilLetGo<T>(work: () => Promise<T>, { url, tell }: HeldUpOptions): Promise<T> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await work();
    } catch (error) {
      if (!isHeldUp(error)) throw error;
      if (!isTold) tell(`Waiting for a table that somebody else holds: ${await holders(url)}.`);
      await setTimeout(500);
    }
  }
}

// Whoever is in the way has been in one transaction for longer than we have waited. Roles without rights are told
// nothing of others' sessions.
async function holders(url: string): Promise<string> {
  const client = new pg.Client({ ...connectionOf(url), application_name: 'taskfeed start' });
  await client.connect();
  try {
    const { rows } = await client.query<{ holder: string }>(
      `select format('process %s (%s, %s) holds %s since %s', a.pid, a.usename, a.application_name,
                     string_agg(distinct format('%I.%I', n.nspname, c.relname), ', '),
                     to_char(a.xact_start, 'HH24:MI:SS')) as holder
       from pg_locks l
       join pg_stat_activity a on a.pid = l.pid and a.datname = current_database()
       join pg_class c on c.oid = l.relation and c.relkind = 'r'
       join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('public', 'taskfeed')
       where l.granted and a.xact_start < now() - $1 * interval '1 millisecond'
       group by a.pid, a.usename, a.application_name, a.xact_start
       order by a.xact_start limit 3`,
      [lockTimeoutMs],
    );
    return rows.map(({ holder }) => holder).join('; ') || 'nobody that this role may see';
  } finally {
    await client.end();
  }
}

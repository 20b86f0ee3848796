// Sessions as rows: whom a session belongs to, and which of many are still good.
import type { Knex } from 'knex';
import type { Manager } from '../protocol/manager.ts';

export interface SessionHolder {
  sessionId: number;
  manager: Manager;
  /** When the session ends unless it is used meanwhile, ms. */
  expiresAt: number;
}

/** Who is signed in with this session now. */
export async function findSessionHolder(knex: Knex, sid: string): Promise<SessionHolder | undefined> {
  const { rows } = await knex.raw<{ rows: (Manager & { session_id: number; expire: Date })[] }>(
    `select s.id as session_id, s.expire, m.id, m.email, m.name
     from public.sessions s join public.managers m on m.id = s.manager_id
     where s.sid = ? and s.expire > now() and m.disabled_at is null`,
    [sid],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { session_id, expire, ...manager } = row;
  return { sessionId: session_id, manager, expiresAt: expire.getTime() };
}

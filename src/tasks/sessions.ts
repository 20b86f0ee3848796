// What a manager's connection rests on: whom a session belongs to, and which of many sessions and tokens are still good.
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

/** A session or a token, as a connection holds it. */
export interface Held {
  by: 'session' | 'token';
  id: number;
  managerId: number;
}

export interface Standing extends Held {
  /** Why it is good no more; null while it is good. */
  end: 'signed_out' | 'revoked' | 'disabled' | 'expired' | null;
  /** When it ends by itself, ms. */
  expiresAt: number | undefined;
}

/** How each of these stands now, in one question. */
export async function readStandings(knex: Knex, held: Held[]): Promise<Standing[]> {
  type Row = Omit<Standing, 'expiresAt'> & { expires_at: Date | number | null };
  const { rows } = await knex.raw<{ rows: Row[] }>(
    `select h.by, h.id, h."managerId", coalesce(s.expire, t.expires_at) as expires_at, case
       when m.id is null or m.disabled_at is not null then 'disabled'
       when h.by = 'session' and s.id is null then 'signed_out'
       when h.by = 'token' and (t.id is null or t.revoked_at is not null) then 'revoked'
       when coalesce(s.expire, t.expires_at) <= now() then 'expired'
     end as end
     from json_to_recordset(?) as h (by text, id integer, "managerId" integer)
     left join public.managers m on m.id = h."managerId"
     left join public.sessions s on h.by = 'session' and s.id = h.id and s.manager_id = h."managerId"
     left join public.api_tokens t on h.by = 'token' and t.id = h.id and t.manager_id = h."managerId"`,
    [JSON.stringify(held)],
  );
  return rows.map(({ expires_at, ...row }) => ({
    ...row,
    expiresAt: expires_at instanceof Date ? expires_at.getTime() : undefined,
  }));
}

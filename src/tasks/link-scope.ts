// What a link's holder may see, read in one statement: the link's own state, the tasks in its scope, and the place of
// that snapshot in the feed, from which on the feed's events keep the scope true.
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';

export interface LinkScope {
  cursor: string;
  link: { id: number; employee_id: number; expires_at: string; revoked_at: string | null; is_expired: boolean };
  /** What its holder may see: each task's id, and the system it is at. */
  tasks: [id: number, systemId: number | null][];
}

/** The hash under which a token is kept. The token itself is nowhere in the database. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The scope of the link with this token, or undefined for a token that is not known. */
export async function readLinkScope(knex: Knex, token: string): Promise<LinkScope | undefined> {
  const { rows } = await knex.raw<{ rows: [LinkScope & { cursor: string | null }] | [] }>(
    `select taskfeed.current_cursor() as cursor,
            json_build_object('id', l.id, 'employee_id', l.employee_id, 'expires_at', l.expires_at,
              'revoked_at', l.revoked_at, 'is_expired', l.expires_at <= now()) as link,
            (select coalesce(json_agg(json_build_array(t.id, t.system_id)), '[]')
             from public.link_tasks lt join public.tasks t on t.id = lt.task_id
             where lt.link_id = l.id and t.employee_id = l.employee_id) as tasks
     from public.links l where l.token_hash = ?`,
    [hashToken(token)],
  );
  const scope = rows[0];
  return scope?.cursor ? scope : undefined;
}

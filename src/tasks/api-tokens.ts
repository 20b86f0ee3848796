// Tokens for programs. A token acts as its manager and ends with it; the clear text is shown once, when it is made.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Manager } from '../protocol/manager.ts';
import { asActor } from './database.ts';
import { hashToken } from './link-scope.ts';
import { createToken } from './link-token.ts';

const beginning = 'taskfeed_';

/** Whether the text could be a token at all. */
function isApiToken(text: string): boolean {
  return /^taskfeed_[A-Za-z0-9_-]{43}$/.test(text);
}

/** Enough to tell one from another, too little to guess the rest. */
function prefixOf(token: string): string {
  return token.slice(0, beginning.length + 6);
}

export interface ApiTokenRow {
  id: number;
  email: string;
  name: string;
  prefix: string;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
  created_at: Date;
}

export interface NewApiToken {
  managerId: number;
  name: string;
  expiresInDays?: number | undefined;
}

export async function createApiToken(
  knex: Knex,
  actor: string,
  { managerId, name, expiresInDays }: NewApiToken,
): Promise<{ id: number; token: string }> {
  const token = `${beginning}${createToken()}`;
  return await asActor(knex, actor, async (trx) => {
    const [row] = await trx('public.api_tokens')
      .insert({
        manager_id: managerId,
        name,
        prefix: prefixOf(token),
        token_hash: hashToken(token),
        expires_at: expiresInDays === undefined ? null : trx.raw('now() + make_interval(days => ?)', [expiresInDays]),
      })
      .returning('id');
    return { id: row.id, token };
  });
}

export function listApiTokens(knex: Knex): Promise<ApiTokenRow[]> {
  return knex('public.api_tokens as t')
    .join('public.managers as m', 'm.id', 't.manager_id')
    .select('t.id', 'm.email', 't.name', 't.prefix', 't.expires_at', 't.revoked_at', 't.last_used_at', 't.created_at')
    .orderBy('t.id');
}

/** The token ends now. Doing it twice is fine; the first time stays. Throws `not_found`. */
export async function revokeApiToken(knex: Knex, actor: string, id: number): Promise<void> {
  const found = await asActor(knex, actor, (trx) =>
    trx('public.api_tokens')
      .where({ id })
      .update({ revoked_at: trx.raw('coalesce(revoked_at, now())') }),
  );
  if (found === 0) throw new TaskfeedError('not_found', { detail: `There is no token ${id}.` });
}

export interface TokenHolder {
  tokenId: number;
  manager: Manager;
  /** When the token ends by itself, ms. */
  expiresAt: number | undefined;
}

/** Who may use this token now. Its use is noted, once in five minutes. */
export async function findTokenHolder(knex: Knex, token: string): Promise<TokenHolder | undefined> {
  if (!isApiToken(token)) return undefined;
  const { rows } = await knex.raw<{
    rows: (Manager & { token_id: number; expires_at: Date | null; is_noted: boolean })[];
  }>(
    `select t.id as token_id, t.expires_at, m.id, m.email, m.name,
            t.last_used_at is not null and t.last_used_at > now() - interval '5 minutes' as is_noted
     from public.api_tokens t join public.managers m on m.id = t.manager_id
     where t.token_hash = ? and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
       and m.disabled_at is null`,
    [hashToken(token)],
  );
  const [row] = rows;
  if (!row) return undefined;
  if (!row.is_noted)
    await knex('public.api_tokens').where({ id: row.token_id }).update({ last_used_at: knex.fn.now() });
  const { token_id, expires_at, is_noted: _, ...manager } = row;
  return { tokenId: token_id, manager, expiresAt: expires_at?.getTime() };
}

// Requests that a client may repeat without knowing whether the first one arrived (a phone in a basement). The answer
// is kept in the transaction that did the work: either both are there or neither. Errors are not kept: they changed
// nothing, so a repetition is judged anew.
import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import { inTransaction } from './database.ts';

export interface Once {
  /** Whose key it is. The caller holds a lock on this link, so two uses of a key never run at the same time. */
  linkId: number;
  /** Without one, the work is simply done. */
  key: string | undefined;
  /** What is asked for: another request under the same key is refused. */
  request: unknown;
  /** What a refusal carries: the state as it is now. */
  current: () => Promise<Record<string, unknown>>;
}

/** Does `work` once in 24 hours for this key and answers repetitions with what it returned. */
export async function once<T>(trx: Knex.Transaction, wanted: Once, work: () => Promise<T>): Promise<T> {
  const { linkId, key, request, current } = wanted;
  if (key === undefined) return await work();
  const requestHash = hashOf(request);
  const { rows } = await trx.raw<{ rows: { is_same: boolean; answer: T }[] }>(
    `select k.request_hash = ? as is_same, k.answer from public.idempotency_keys k
     where k.link_id = ? and k.key = ? and k.created_at > now() - interval '24 hours'`,
    [requestHash, linkId, key],
  );
  const [kept] = rows;
  if (kept && !kept.is_same) throw new TaskfeedError('idempotency_conflict', { members: await current() });
  if (kept) return kept.answer;
  const answer = await work();
  await keep(trx, [linkId, key, requestHash, JSON.stringify(answer)]);
  return answer;
}

export interface OnceByManager {
  managerId: number;
  key: string | undefined;
  request: unknown;
}

/**
 * The same for a manager, who holds no lock: the key is claimed before the work is done, and another use of it waits for
 * the end of the transaction that has claimed it.
 */
export async function onceByManager<T extends object>(
  knex: Knex,
  { managerId, key, request }: OnceByManager,
  work: (knex: Knex) => Promise<T>,
): Promise<T> {
  if (key === undefined) return await work(knex);
  const requestHash = hashOf(request);
  return await inTransaction(knex, async (trx) => {
    await forgetOutdated(trx);
    const claimed = await trx.raw<{ rows: { id: number }[] }>(
      `insert into public.idempotency_keys as k (manager_id, key, request_hash, answer) values (?, ?, ?, 'null')
       on conflict (manager_id, key) do update
         set request_hash = excluded.request_hash, answer = excluded.answer, created_at = excluded.created_at
         where k.created_at <= now() - interval '24 hours'
       returning k.id`,
      [managerId, key, requestHash],
    );
    const [claim] = claimed.rows;
    if (!claim) return await keptAnswer<T>(trx, { managerId, key, requestHash });
    const answer = await work(trx);
    await trx('public.idempotency_keys')
      .where(claim)
      .update({ answer: JSON.stringify(answer) });
    return answer;
  });
}

async function keptAnswer<T>(
  trx: Knex.Transaction,
  { managerId, key, requestHash }: { managerId: number; key: string; requestHash: Buffer },
): Promise<T> {
  const { rows } = await trx.raw<{ rows: { is_same: boolean; answer: T }[] }>(
    'select k.request_hash = ? as is_same, k.answer from public.idempotency_keys k where k.manager_id = ? and k.key = ?',
    [requestHash, managerId, key],
  );
  const [kept] = rows;
  if (kept && !kept.is_same) throw new TaskfeedError('idempotency_conflict');
  // Deleted since a moment ago: the request may be repeated.
  if (!kept) throw new TaskfeedError('unavailable', { detail: 'The change met another one; try again.' });
  return kept.answer;
}

function hashOf(request: unknown): Buffer {
  return createHash('sha256').update(JSON.stringify(request)).digest();
}

// Whoever comes by takes some of the outdated ones away; those another one is taking are left to it.
async function forgetOutdated(trx: Knex.Transaction): Promise<void> {
  await trx.raw(
    `delete from public.idempotency_keys where id in (
       select k.id from public.idempotency_keys k where k.created_at <= now() - interval '24 hours'
       order by k.created_at limit 100 for update skip locked)`,
  );
}

async function keep(trx: Knex.Transaction, row: [number, string, Buffer, string]): Promise<void> {
  await forgetOutdated(trx);
  await trx.raw(
    `insert into public.idempotency_keys (link_id, key, request_hash, answer) values (?, ?, ?, ?)
     on conflict (link_id, key) do update
       set request_hash = excluded.request_hash, answer = excluded.answer, created_at = excluded.created_at`,
    row,
  );
}

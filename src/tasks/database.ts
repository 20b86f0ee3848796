// How the domain talks to PostgreSQL: writes run in a transaction that says who is acting, lists come with the cursor
// of their own snapshot. Rows leave the database as JSON, so that routes and events show the same text.
import type { Knex } from 'knex';
import { type ProblemCode, TaskfeedError } from '../protocol/errors.ts';

/** Runs `work` in a transaction whose changes are journaled as made by `actor`. */
export function asActor<T>(knex: Knex, actor: string, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  return inTransaction(knex, async (trx) => {
    await trx.raw(`select set_config('taskfeed.actor', ?, true)`, [actor]);
    return await work(trx);
  });
}

/** How often a transaction is tried that the server keeps ending because it waits in a circle with others. */
const tries = 3;

/**
 * Runs `work` in a transaction. Two that lock the same rows in another order (an employee is deleted while one of their
 * tasks is given to somebody else) wait for each other, and the server ends one of them. Nothing of it was done and the
 * other one goes on, so it is done again: `work` must have no effect but on the database.
 */
export async function inTransaction<T>(
  knex: Knex,
  work: (trx: Knex.Transaction) => Promise<T>,
  left = tries,
): Promise<T> {
  try {
    return await knex.transaction(work);
  } catch (error) {
    if (left <= 1 || !isCollision(error)) throw error;
    return await inTransaction(knex, work, left - 1);
  }
}

function isCollision(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === '40P01' || code === '40001';
}

export interface Page<Row> {
  rows: Row[];
  /** The place of this page's snapshot in the feed: everything committed later will come as an event. */
  cursor: string;
  /** What to ask for next (`after`), or null at the end. */
  next: number | null;
}

interface Snapshot<Row> {
  cursor: string | null;
  standby: boolean;
  rows: Row[];
}

/**
 * One page of `rows` (a query over a view or table with key `id`), with the cursor of the very snapshot it was read
 * in. It runs outside of any transaction that has written: a transaction's own id would be missing from its snapshot.
 */
export async function readPage<Row extends { id: number }>(
  knex: Knex,
  rows: Knex.QueryBuilder,
  { limit, after }: { limit: number; after?: number | undefined },
): Promise<Page<Row>> {
  const page = rows
    .clone()
    .orderBy('id')
    .limit(limit + 1);
  if (after !== undefined) page.where('id', '>', after);
  const read = async () => {
    const result = await knex.raw<{ rows: Snapshot<Row>[] }>(
      `select taskfeed.current_cursor() as cursor, pg_is_in_recovery() as standby,
              coalesce((select json_agg(p order by p.id) from ? p), '[]'::json) as rows`,
      [page],
    );
    return result.rows[0];
  };
  let snapshot = await read();
  if (snapshot?.cursor === null && !snapshot.standby) {
    await knex.raw('select taskfeed.begin_epoch()');
    snapshot = await read();
  }
  if (!snapshot?.cursor) throw new TaskfeedError('unavailable', { detail: 'This database is a standby.' });
  const isMore = snapshot.rows.length > limit;
  const shown = isMore ? snapshot.rows.slice(0, limit) : snapshot.rows;
  return { rows: shown, cursor: snapshot.cursor, next: isMore ? (shown.at(-1)?.id ?? null) : null };
}

/** One row of a view or table as JSON, or undefined. */
export async function readRow<Row>(knex: Knex, source: string, id: number): Promise<Row | undefined> {
  const result = await knex.raw<{ rows: { row: Row }[] }>('select to_json(d) as row from ?? d where d.id = ?', [
    source,
    id,
  ]);
  return result.rows[0]?.row;
}

export function notFound(what: string, id: number): TaskfeedError {
  return new TaskfeedError('not_found', { detail: `There is no ${what} ${id}.` });
}

// What PostgreSQL objects to is often the request's fault; its codes are stable, its texts are not shown.
const byCode: Record<string, { code: ProblemCode; detail: string }> = {
  '22001': { code: 'invalid_request', detail: 'A text is too long.' },
  '22003': { code: 'invalid_request', detail: 'A number is out of range.' },
  '22007': { code: 'invalid_request', detail: 'A time is not valid.' },
  '22008': { code: 'invalid_request', detail: 'A time is out of range.' },
  '22009': { code: 'invalid_request', detail: 'The offset of a time is out of range.' },
  '22021': { code: 'invalid_request', detail: 'A text has characters that cannot be stored.' },
  '22P05': { code: 'invalid_request', detail: 'A text has characters that cannot be stored.' },
  '23502': { code: 'invalid_request', detail: 'A required value is missing.' },
  '23505': { code: 'conflict', detail: 'Something with this key exists already.' },
  '25006': { code: 'unavailable', detail: 'The database takes no changes at the moment.' },
  '40001': { code: 'unavailable', detail: 'The change met another one; try again.' },
  '40P01': { code: 'unavailable', detail: 'The change met another one; try again.' },
  '55P03': { code: 'unavailable', detail: 'The data is locked by somebody else; try again.' },
  '57014': { code: 'unavailable', detail: 'The database took too long; try again.' },
};

/** The error of ours behind an error of the database, or undefined where it is none of the request's business. */
export function fromDatabaseError(error: unknown): TaskfeedError | undefined {
  const { code, constraint, name, message } = (error ?? {}) as Record<string, unknown>;
  // The pool's and the driver's own errors have no code.
  if (name === 'KnexTimeoutError' || /^Connection terminated/.test(String(message))) {
    return new TaskfeedError('unavailable', { cause: error });
  }
  if (typeof code !== 'string') return undefined;
  if (code === '23503') {
    const field = String(constraint ?? '').match(/_((?:system|employee|task|link)_id)_fkey$/)?.[1];
    const members = field ? { errors: [{ path: field, message: 'does not exist' }] } : {};
    return new TaskfeedError('invalid_request', { detail: 'Something that is referred to does not exist.', members });
  }
  if (code === '23514') {
    return new TaskfeedError('invalid_request', { detail: `The rule ${constraint ?? 'of the table'} is broken.` });
  }
  const known = byCode[code];
  if (known) return new TaskfeedError(known.code, { detail: known.detail, cause: error });
  const isConnection =
    code.startsWith('08') || code.startsWith('57P') || code.startsWith('53') || /^E[A-Z]+$/.test(code);
  return isConnection ? new TaskfeedError('unavailable', { cause: error }) : undefined;
}

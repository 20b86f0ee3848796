// Managers: the people who may sign in. What ends an account's way in (another password, being disabled) deletes its
// sessions by trigger, so that the same holds for an administrator's SQL.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Manager, NewManager, SignIn } from '../protocol/manager.ts';
import { asActor } from './database.ts';
import { type CheckPassword, checkPassword, dummyHash, hashPassword } from './passwords.ts';

export interface ManagerRow extends Manager {
  disabled_at: Date | null;
  last_sign_in_at: Date | null;
  created_at: Date;
}

const columns = ['id', 'email', 'name', 'disabled_at', 'last_sign_in_at', 'created_at'] as const;

export function listManagers(knex: Knex): Promise<ManagerRow[]> {
  return knex<ManagerRow>('public.managers')
    .select(...columns)
    .orderBy('id');
}

/** Whether anybody could sign in at all. */
export async function hasManagers(knex: Knex): Promise<boolean> {
  return (await knex('public.managers').first('id')) !== undefined;
}

/** By e-mail address, upper and lower case alike. Throws `not_found`. */
export async function findManager(knex: Knex, email: string): Promise<ManagerRow> {
  const row = await knex<ManagerRow>('public.managers')
    .select(...columns)
    .whereRaw('lower(email) = lower(?)', [email])
    .first();
  if (!row) throw new TaskfeedError('not_found', { detail: `There is no manager ${email}.` });
  return row;
}

/** Throws `conflict` if the address is taken. */
export async function addManager(knex: Knex, actor: string, { email, name, password }: NewManager): Promise<Manager> {
  const password_hash = await hashPassword(password);
  return await asActor(knex, actor, async (trx) => {
    const [row] = await trx('public.managers')
      .insert({ email, name, password_hash })
      .onConflict(trx.raw('(lower(email))'))
      .ignore()
      .returning(['id', 'email', 'name']);
    if (!row) throw new TaskfeedError('conflict', { detail: `There is a manager ${email} already.` });
    return row;
  });
}

/** Ends all sessions of the manager. */
export async function setPassword(knex: Knex, actor: string, id: number, password: string): Promise<void> {
  const password_hash = await hashPassword(password);
  await asActor(knex, actor, (trx) => trx('public.managers').where({ id }).update({ password_hash }));
}

/** Disabling ends all sessions, and no token of the manager works meanwhile. */
export async function setDisabled(knex: Knex, actor: string, id: number, isDisabled: boolean): Promise<void> {
  await asActor(knex, actor, (trx) =>
    trx('public.managers')
      .where({ id })
      .update({ disabled_at: isDisabled ? trx.raw('coalesce(disabled_at, now())') : null }),
  );
}

/**
 * The manager with this address and password who is not disabled, or undefined. Whether there is such an account shows
 * neither in the answer nor in the work it takes.
 */
export async function authenticate(
  knex: Knex,
  { email, password }: SignIn,
  check: CheckPassword = checkPassword,
): Promise<Manager | undefined> {
  const row = await knex('public.managers')
    .select('id', 'email', 'name', 'password_hash', 'disabled_at')
    .whereRaw('lower(email) = lower(?)', [email.trim().replaceAll('\0', '')])
    .first();
  const isRight = await check(row?.password_hash ?? (await dummyHash()), password);
  if (!row?.password_hash || !isRight || row.disabled_at) return undefined;
  return { id: row.id, email: row.email, name: row.name };
}

export async function noteSignIn(knex: Knex, id: number): Promise<void> {
  await knex('public.managers').where({ id }).update({ last_sign_in_at: knex.fn.now() });
}

/** The manager of the settings: made, or given this password and enabled again. An equal password changes nothing. */
export async function ensureManager(
  knex: Knex,
  { email, password }: SignIn,
): Promise<'made' | 'updated' | 'unchanged'> {
  const actor = 'db:settings (taskfeed)';
  const row = await knex('public.managers')
    .select('id', 'password_hash', 'disabled_at')
    .whereRaw('lower(email) = lower(?)', [email])
    .first();
  if (!row) {
    await addManager(knex, actor, { email, name: email.split('@')[0] ?? email, password });
    return 'made';
  }
  const isSame = row.password_hash !== null && (await checkPassword(row.password_hash, password));
  if (isSame && row.disabled_at === null) return 'unchanged';
  if (!isSame) await setPassword(knex, actor, row.id, password);
  await setDisabled(knex, actor, row.id, false);
  return 'updated';
}

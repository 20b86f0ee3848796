// The way in where there is no manager yet: a link that is printed at the start, works once and for a day, and makes
// the first manager. Only its hash is kept.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Manager, NewManager } from '../protocol/manager.ts';
import { asActor } from './database.ts';
import { hashToken } from './link-scope.ts';
import { createToken, isToken } from './link-token.ts';
import { hashPassword } from './passwords.ts';

const noManager = 'not exists (select from public.managers)';

/** A new link, or undefined where there is a manager already. */
export async function createSetupLink(knex: Knex): Promise<string | undefined> {
  const token = createToken();
  await knex('public.setup_links').where('expires_at', '<=', knex.fn.now()).delete();
  const made = await knex.raw<{ rows: unknown[] }>(
    `insert into public.setup_links (token_hash, expires_at)
     select ?, now() + interval '24 hours' where ${noManager} returning id`,
    [hashToken(token)],
  );
  return made.rows.length > 0 ? token : undefined;
}

/** Whether the link still works. */
export async function isSetupLink(knex: Knex, token: string): Promise<boolean> {
  if (!isToken(token)) return false;
  const { rows } = await knex.raw<{ rows: unknown[] }>(
    `select id from public.setup_links where token_hash = ? and expires_at > now() and ${noManager}`,
    [hashToken(token)],
  );
  return rows.length > 0;
}

/** Makes the first manager and ends all set-up links. Throws `not_found` if the link does not work any more. */
export async function useSetupLink(knex: Knex, token: string, { email, name, password }: NewManager): Promise<Manager> {
  const password_hash = await hashPassword(password);
  return await asActor(knex, 'db:set-up (taskfeed)', async (trx) => {
    // Two people with two links: the second one waits here and then finds a manager.
    await trx.raw('lock table public.managers in share row exclusive mode');
    if (!(await isSetupLink(trx, token))) throw new TaskfeedError('not_found');
    await trx('public.setup_links').delete();
    const [row] = await trx('public.managers')
      .insert({ email, name, password_hash })
      .returning(['id', 'email', 'name']);
    return row;
  });
}

// How somebody gets in at the start: the manager of the settings, those there are, or a link to make the first one.
import type { Knex } from 'knex';
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import { ensureManager, listManagers } from '../tasks/managers.ts';
import { createSetupLink } from '../tasks/setup-links.ts';

export async function firstManager(config: Config, knex: Knex, logger: Logger): Promise<void> {
  const { MANAGER_EMAIL: email, MANAGER_PASSWORD: password } = config;
  if (email === undefined || password === undefined) return;
  const done = await ensureManager(knex, { email, password });
  if (done !== 'unchanged') logger.info({ email, done }, 'manager of the settings');
}

/** What the banner says about signing in. A set-up link is printed here, once, and written nowhere. */
export async function signInLine(config: Config, knex: Knex, page: string): Promise<string> {
  const token = await createSetupLink(knex);
  if (token !== undefined) {
    const base = (config.PUBLIC_URL ?? page).replace(/\/+$/, '');
    return `${base}/set-up/${token}\n               (make the first manager: works once, for 24 hours)`;
  }
  const names = (await listManagers(knex)).filter(({ disabled_at }) => disabled_at === null).map(({ email }) => email);
  if (names.length === 0) return 'every manager is disabled: npx taskfeed manager enable <email>';
  const others = names.length > 1 ? ` and ${names.length - 1} more` : '';
  return `as ${names[0]}${others}; forgotten: npx taskfeed manager reset-password ${names[0]}`;
}

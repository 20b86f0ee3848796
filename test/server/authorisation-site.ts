// A site with somebody of every kind: who they are, what they show at the door, and what is there to be seen.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createDatabase } from '../support/database.ts';
import { signIn, testManager } from '../support/identity.ts';
import { type RunningServer, type RunningServerOptions, runServer } from '../support/run-server.ts';

export const everyone = [
  'anonymous',
  'manager',
  'disabled manager',
  'API token',
  'revoked API token',
  'token of a disabled manager',
  'link A',
  'link B',
  'expired link',
  'revoked link',
] as const;
export type Who = (typeof everyone)[number];

export const links = { 'link A': 'A', 'link B': 'B', 'expired link': 'E', 'revoked link': 'R' } as const;
export const unknownToken = 'U'.repeat(43);
const api = { 'revoked API token': 'r', 'token of a disabled manager': 'd' } as const;

/** What each of them has in the path of a link. */
export function linkTokenOf(who: Who): string {
  return who in links ? links[who as keyof typeof links].repeat(43) : unknownToken;
}

export function apiTokenOf(who: Who): string | undefined {
  if (who === 'API token') return testManager.token;
  return who in api ? `taskfeed_${api[who as keyof typeof api].repeat(43)}` : undefined;
}

const sha = (token: string) => `'\\x${createHash('sha256').update(token).digest('hex')}'`;

// Tasks 1 and 2 are in link A, and in the ended links as well; task 3 is in link B; task 4 is nobody's.
const rows = `
  insert into systems (id, name) values (1, 'Boiler'), (2, 'Spare');
  insert into employees (id, name) values (1, 'Dana'), (2, 'Marcus'), (3, 'Nobody');
  insert into tasks (id, title, status, system_id, employee_id) values
    (1, 'One', 'sent', 1, 1), (2, 'Two', 'in_progress', 1, 1), (3, 'Three', 'sent', null, 2), (4, 'Four', 'draft', null, null);
  insert into task_images (id, task_id, content, bytes, sha256, uploaded_by) values
    (1, 1, '\\x52494646', 4, '', 'link:1'), (2, 4, '\\x52494646', 4, '', 'manager:1');
  insert into links (id, employee_id, token_hash, expires_at, revoked_at) values
    (1, 1, ${sha('A'.repeat(43))}, now() + interval '1 day', null), (2, 2, ${sha('B'.repeat(43))}, now() + interval '1 day', null),
    (3, 1, ${sha('E'.repeat(43))}, now() - interval '1 day', null), (4, 1, ${sha('R'.repeat(43))}, now() + interval '1 day', now());
  insert into link_tasks (link_id, task_id) values (1, 1), (1, 2), (2, 3), (3, 1), (4, 1);`;

const tables = ['systems', 'employees', 'tasks', 'task_images', 'links', 'link_tasks'];
const emptied = ['idempotency_keys', ...tables.toReversed()].map((table) => `delete from public.${table};`).join('\n');
const counted = tables
  .filter((table) => table !== 'link_tasks')
  .map((table) => `select setval('public.${table}_id_seq', 100);`)
  .join('\n');

export interface Site {
  server: RunningServer;
  psql: pg.Client;
  /** Puts everything back. */
  reset(): Promise<void>;
  /** Credentials that a request carries, besides what is in its path. */
  headersOf(who: Who): Record<string, string>;
  close(): Promise<void>;
}

export async function openSite(options: Pick<RunningServerOptions, 'log'> = {}): Promise<Site> {
  const database = await createDatabase();
  const pages = await mkdtemp(join(tmpdir(), 'taskfeed-pages-'));
  await writeFile(join(pages, 'index.html'), '<!doctype html><html><head></head><body></body></html>');
  // With a proxy in front nobody is taken for a program on this machine.
  const server = await runServer(database, {
    pages,
    trustProxy: 1,
    linkLimits: { perAddress: 1e9, perLink: 1e9 },
    ...options,
  });
  const psql = new pg.Client({ connectionString: database.url, application_name: 'psql' });
  await psql.connect();
  await psql.query(`
    insert into managers (email, name, password_hash)
      select 'disabled@taskfeed.test', 'Disabled', password_hash from managers where id = 1;
    insert into api_tokens (manager_id, name, prefix, token_hash, last_used_at, revoked_at) values
      (1, 'revoked', 'x', ${sha(`taskfeed_${'r'.repeat(43)}`)}, 'infinity', now()),
      (2, 'disabled', 'x', ${sha(`taskfeed_${'d'.repeat(43)}`)}, 'infinity', null);`);
  let session: string | null | undefined;
  const cookies = {
    manager: '',
    'disabled manager': (await signIn(server.url, { ...testManager, email: 'disabled@taskfeed.test' })).header,
  };
  await psql.query('update managers set disabled_at = now() where id = 2');
  return {
    server,
    psql,
    reset: async () => {
      await psql.query(`${emptied}${rows}${counted}`);
      const mine = `select string_agg(id::text, ' ') as ids from sessions where manager_id = 1`;
      const sessions = async () => (await psql.query<{ ids: string | null }>(mine)).rows[0]?.ids;
      if (session !== undefined && (await sessions()) === session) return;
      await psql.query('delete from sessions where manager_id = 1');
      cookies.manager = (await signIn(server.url)).header;
      session = await sessions();
    },
    headersOf: (who) => {
      if (who === 'manager' || who === 'disabled manager') return { cookie: cookies[who], origin: server.url };
      // Whoever has a link only tries with it, too.
      const token = apiTokenOf(who) ?? (who in links ? linkTokenOf(who) : undefined);
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    },
    close: async () => {
      await psql.end();
      await server.stop();
      await database.drop();
      await rm(pages, { recursive: true });
    },
  };
}

/**
 * Everything that is stored, but sessions, which being used keeps alive, and tries to sign in, which are counted. The
 * journal only grows, so its end says enough.
 */
export async function stored(psql: pg.Client): Promise<string> {
  const { rows: found } = await psql.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'taskfeed')
     and tablename not in ('snapshots', 'sessions', 'change_journal', 'sign_in_tries') order by 1`,
  );
  const parts = found.map(
    ({ name }) => `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from ${name} t`,
  );
  parts.push('select max(seq)::text from taskfeed.change_journal');
  return JSON.stringify((await psql.query({ text: parts.join(' union all '), rowMode: 'array' })).rows);
}

// Who tests are: a manager that the template database has, signed in by an API token, unless they say otherwise.
import pg from 'pg';
import { hashPassword } from '../../src/tasks/passwords.ts';

export const testManager = {
  id: 1,
  email: 'manager@taskfeed.test',
  name: 'Test Manager',
  password: 'correct horse battery',
  token: `taskfeed_${'test-token'.padEnd(43, '-')}`,
};

export const testSecret = 'a secret for tests, long enough to sign with';

/** `manager` by default; an API token or a cookie of one's own; nothing at all. */
export type TestIdentity = 'manager' | 'anonymous' | { token: string } | { cookie: string };

/** Makes the manager of the tests in a migrated database. Its token's use counts as noted, so that tests write nothing by asking. */
export async function admitTestManager(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { email, name, password, token } = testManager;
  await client.query(
    `insert into public.managers (email, name, password_hash) values ('${email}', '${name}', '${await hashPassword(password)}');
     insert into public.api_tokens (manager_id, name, prefix, token_hash, last_used_at)
     values (1, 'tests', 'taskfeed_test-t', sha256('${token}'), 'infinity')`,
  );
  await client.end();
}

export function headersOf(identity: TestIdentity = 'manager'): Record<string, string> {
  if (identity === 'anonymous') return {};
  if (identity === 'manager') return { authorization: `Bearer ${testManager.token}` };
  return 'token' in identity ? { authorization: `Bearer ${identity.token}` } : { cookie: identity.cookie };
}

/** Signs in as a browser would; resolves with the cookie, as a header and as a browser takes it. */
export async function signIn(
  url: string,
  { email, password }: { email: string; password: string } = testManager,
): Promise<{ name: string; value: string; url: string; header: string }> {
  const answer = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password }),
  });
  const header = /^[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0];
  if (!answer.ok || !header) throw new Error(`could not sign in: ${answer.status} ${await answer.text()}`);
  const [name = '', value = ''] = header.split('=');
  return { name, value, url, header };
}

// `taskfeed manager` and `taskfeed token` as real processes, on a database of one's own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { signIn } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const scope = createScope();

it('managers and tokens are made and ended on the command line, while a server runs', async () => {
  const database = await scope.database();
  const server = await scope.server(database);
  const taskfeed = async (words: string[], input = '') => {
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...words], {
      env: { ...process.env, DATABASE_URL: database.appUrl, NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (bytes) => {
      out += String(bytes);
    });
    child.stderr.on('data', (bytes) => {
      err += String(bytes);
    });
    child.stdin.end(input);
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, out: out.trim(), err: err.trim() };
  };

  const email = 'dana@example.org';
  const added = await taskfeed(['manager', 'add', 'Dana@example.org', '--name', 'Dana'], 'four words are enough\n');
  expect([added.code, added.out]).toEqual([0, 'manager 2 added: Dana@example.org']);
  const { header: cookie } = await signIn(server.url, { email, password: 'four words are enough' });
  const page = await scope.client(server.url, { identity: { cookie } });

  const [again, short, made] = await Promise.all([
    taskfeed(['manager', 'add', email], 'four words are enough\n'),
    taskfeed(['manager', 'reset-password', email], 'short\n'),
    taskfeed(['token', 'create', 'script', '--manager', email, '--days', '7']),
  ]);
  expect(again).toMatchObject({ code: 1, out: '', err: `taskfeed: There is a manager ${email} already.` });
  expect(short).toMatchObject({ code: 1, out: '', err: 'taskfeed: The password needs 10 characters.' });
  expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^taskfeed_[\w-]{43}$/)]);
  const program = await scope.client(server.url, { identity: { token: made.out } });

  const [managers, tokens] = await Promise.all([taskfeed(['manager', 'list']), taskfeed(['token', 'list'])]);
  expect(managers.out).toMatch(/^2 +Dana@example\.org +Dana +\d{4}-/m);
  expect(tokens.out).toContain(made.out.slice(0, 15));
  expect(tokens.out).not.toContain(made.out);

  expect((await taskfeed(['manager', 'disable', email])).out).toBe('Dana@example.org is disabled');
  for (const client of [page, program]) expect(await client.next('feed:end')).toEqual({ code: 'disabled' });
});

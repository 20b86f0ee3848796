// The pages for signing in and setting up, as a browser without scripts uses them, and what keeps guessers out.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createPool } from '../../src/postgres/pool.ts';
import { ownPath } from '../../src/server/routes/sign-in-pages.ts';
import { createSetupLink } from '../../src/tasks/setup-links.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { testManager } from '../support/identity.ts';
import type { Answer, RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { waiters } from './routes-support.ts';

const scope = createScope();
let database: TestDatabase;
let server: RunningServer;
let psql: pg.Client;
let checks: string[];

beforeEach(async () => {
  database = await scope.database();
  checks = [];
  server = await scope.server(database, {
    pages: '/nowhere',
    trustProxy: 1,
    // Hundreds of real checks would be minutes of work; session.test.ts has the real one.
    checkPassword: async (stored, given) => {
      checks.push(stored.replace(/\$[^$]+\$[^$]+$/, ''));
      return given === testManager.password;
    },
  });
  psql = await scope.sql(database.url);
});

const { email, password } = testManager;

async function form(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: server.url, ...headers },
    body: new URLSearchParams(fields),
  });
  const cookie = answer.headers.get('set-cookie');
  return { status: answer.status, location: answer.headers.get('location'), cookie, html: await answer.text() };
}

const attempt = (body: { email: string; password: string }, address = '192.0.2.1') =>
  server.as('anonymous')('POST', '/api/session', body, { 'x-forwarded-for': address });

describe('the page of the board', () => {
  it('sends who is not signed in to sign in, and back to where they wanted', async () => {
    const asked = await fetch(`${server.url}/board?system=2`, { redirect: 'manual' });
    expect([asked.status, asked.headers.get('location')]).toEqual([303, '/sign-in?next=%2Fboard%3Fsystem%3D2']);
    const page = await (await fetch(`${server.url}${asked.headers.get('location')}`)).text();
    expect(page).toContain('<input type="hidden" name="next" value="/board?system=2">');
    const { status, location, cookie } = await form('/sign-in', { email, password, next: '/board?system=2' });
    expect([status, location]).toEqual([303, '/board?system=2']);
    const header = /^[^;]+/.exec(cookie ?? '')?.[0] ?? '';
    const again = await fetch(`${server.url}/sign-in`, { redirect: 'manual', headers: { cookie: header } });
    expect([again.status, again.headers.get('location')]).toEqual([303, '/']);
  });

  it.each([
    ['/board?x=1#y', '/board?x=1#y'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['/.//evil.example', '/'],
    ['/\t/evil.example', '/'],
    ['https://evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    ['/sign-in?next=/sign-in', '/'],
    [undefined, '/'],
    [['/a', '/b'], '/'],
  ])('comes back from %j to %s', (wanted, path) => {
    expect(ownPath(wanted)).toBe(path);
  });

  it('repeats what was typed as text only', async () => {
    const { status, html } = await form('/sign-in', { email: '"><script>alert(1)</script>', password: 'wrong' });
    expect(status).toBe(401);
    expect(html).not.toContain('<script>');
    expect(html).toContain('role="alert"');
  });

  it('takes no form of another site', async () => {
    expect((await form('/sign-in', { email, password }, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await form('/sign-in', { email, password }, { origin: 'null' })).status).toBe(403);
  });
});

describe('the cookie', () => {
  it('is for this server alone, unseen by scripts, and secure behind TLS', async () => {
    const plain = (await form('/sign-in', { email, password })).cookie;
    expect(plain).toMatch(/^taskfeed_session=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    const secure = (await form('/sign-in', { email, password }, { 'x-forwarded-proto': 'https' })).cookie;
    expect(secure).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
  });
});

describe('guessing', () => {
  it('is told nothing: unknown, disabled, without a password and wrong are one answer and one work', async () => {
    await psql.query(`
      insert into managers (email, name, password_hash, disabled_at)
        select 'gone@x.example', 'x', password_hash, now() from managers where id = 1;
      insert into managers (email, name) values ('none@x.example', 'x')`);
    const tries = [
      { email, password: 'wrong password' },
      { email: 'nobody@x.example', password },
      { email: 'gone@x.example', password },
      { email: 'none@x.example', password },
      { email: '\0', password },
    ];
    const answers = [];
    for (const body of tries) {
      const { status, text, headers } = await attempt(body);
      answers.push({ status, text, names: [...headers.keys()].sort() });
    }
    expect(answers[0]?.status).toBe(401);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(checks).toEqual(tries.map(() => '$argon2id$v=19$m=19456,t=2,p=1'));
  });

  it('is stopped at one account, whether it exists or not, and its manager still gets in from elsewhere', async () => {
    for (const who of [email, 'nobody@x.example']) {
      const statuses = await Promise.all(
        Array.from({ length: 14 }, (_, n) => attempt({ email: who, password: `guess number ${n}` })),
      );
      const by = (status: number) => statuses.filter((answer) => answer.status === status);
      expect([by(401).length, by(429).length]).toEqual([10, 4]);
      expect(by(429)[0]?.body['code']).toBe('too_many_requests');
      expect(Number(by(429)[0]?.headers.get('retry-after'))).toBeGreaterThan(60);
    }
    // The right password does not help who has guessed too often, else guessing could go on.
    expect((await attempt({ email, password })).status).toBe(429);
    expect((await attempt({ email, password }, '192.0.2.2')).status).toBe(200);
  });

  it('from many addresses leaves each of them three tries, and the manager the first ones', async () => {
    for (let n = 0; n < 50; n += 1) await attempt({ email, password: 'wrong password' }, `198.51.100.${n}`);
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await attempt({ email, password: 'wrong' }, '203.0.113.1')).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await attempt({ email, password }, '203.0.113.2')).status).toBe(200);
  });

  it('is counted by all processes together, and not forgotten when one starts anew', async () => {
    const options = { trustProxy: 1, checkPassword: async () => false };
    const other = await scope.server(database, options);
    const guess = (url: RunningServer) =>
      url.as('anonymous')('POST', '/api/session', { email, password: 'x' }, { 'x-forwarded-for': '192.0.2.9' });
    const statuses = [];
    for (let n = 0; n < 10; n += 1) statuses.push((await guess(n % 2 ? server : other)).status);
    expect(statuses).toEqual(Array(10).fill(401));
    expect([(await guess(server)).status, (await guess(other)).status]).toEqual([429, 429]);
    expect((await guess(await scope.server(database, options))).status).toBe(429);
    await psql.query(`insert into taskfeed.sign_in_tries values ('old', 1, now())`);
    // Their time is over, or an administrator forgives them.
    await psql.query('update taskfeed.sign_in_tries set ends_at = now()');
    expect((await guess(other)).status).toBe(401);
    expect((await psql.query('select from taskfeed.sign_in_tries where ends_at <= now()')).rowCount).toBe(0);
  });

  it('begins anew for an address that has signed in', async () => {
    for (const given of [...Array(9).fill('x'), password, ...Array(9).fill('x')]) {
      expect((await attempt({ email, password: given })).status).toBe(given === password ? 200 : 401);
    }
  });

  it('at many accounts from one network is stopped', async () => {
    const statuses = [];
    for (let n = 0; n < 101; n += 1) {
      const address = `2001:db8::${n.toString(16)}`;
      statuses.push((await attempt({ email: `user${n}@x.example`, password: 'x' }, address)).status);
    }
    expect([statuses[99], statuses[100]]).toEqual([401, 429]);
  });
});

describe('looking at passwords', () => {
  let release: () => void;
  let running = 0;
  let most = 0;

  /** Looks at no password until it is released. */
  async function slow(): Promise<RunningServer> {
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    return await scope.server(database, {
      trustProxy: 1,
      checkPassword: async (_stored, given) => {
        running += 1;
        most = Math.max(most, running);
        await gate;
        running -= 1;
        return given === password;
      },
    });
  }

  it('is done twice at once, and one address that floods turns away its own and not the manager elsewhere', async () => {
    const flooded = await slow();
    const answers: Promise<Answer>[] = [];
    const settled: number[] = [];
    const ask = (body: { email: string; password: string }, address: string) => {
      const answer = flooded.as('anonymous')('POST', '/api/session', body, { 'x-forwarded-for': address });
      answers.push(answer.finally(() => settled.push(answers.length)));
      return answer;
    };
    const refused: Promise<Answer>[] = [];
    for (let n = 0; n < 70; n += 1) refused.push(ask({ email: `user${n}@x.example`, password: 'x' }, '192.0.2.1'));
    // Two are looked at, 60 wait, eight are told to come back.
    await eventually('the queue is full', () => settled.length === 8);
    const right = ask({ email, password }, '192.0.2.2');
    await eventually('the manager has taken the place of a guess', () => settled.length === 9);
    release();
    expect((await right).status).toBe(200);
    const statuses = (await Promise.all(refused)).map(({ status }) => status);
    expect([401, 503].map((wanted) => statuses.filter((status) => status === wanted).length)).toEqual([61, 9]);
    const busy = (await Promise.all(refused)).find(({ status }) => status === 503);
    expect([busy?.body['code'], busy?.headers.get('retry-after')]).toEqual(['busy', '1']);
    expect(most).toBe(2);
  });
});

describe('a set-up link', () => {
  const first = { email: 'dana@example.org', name: 'Dana', password: 'four words are enough' };

  async function link(): Promise<string | undefined> {
    const knex = createPool({ url: database.appUrl });
    scope.add(() => knex.destroy());
    return await createSetupLink(knex);
  }

  it('is not made where there is a manager, and none works any more then', async () => {
    expect(await link()).toBeUndefined();
    await psql.query('delete from managers');
    const token = await link();
    expect((await fetch(`${server.url}/set-up/${token}`)).status).toBe(200);
    await psql.query(`insert into managers (email, name) values ('a@b', 'x')`);
    expect((await fetch(`${server.url}/set-up/${token}`)).status).toBe(404);
    expect((await form(`/set-up/${token}`, first)).status).toBe(404);
  });

  it('makes the first manager once, also when two use it at the same time', async () => {
    await psql.query('delete from managers');
    const [token, other] = [await link(), await link()];
    const { rows: stored } = await psql.query(`select string_agg(s::text, '') as text from setup_links s`);
    expect(stored[0].text).not.toContain(token);
    const wrong = await form(`/set-up/${token}`, { ...first, email: 'nobody', password: 'short' });
    expect([wrong.status, wrong.html.match(/aria-invalid=/g)?.length]).toEqual([400, 2]);
    // Held until both have seen that there is no manager yet, or one waits for the other.
    const holder = await scope.sql(database.url);
    await holder.query('begin; lock table public.setup_links in share mode');
    const sent = [form(`/set-up/${token}`, first), form(`/set-up/${other}`, { ...first, email: 'second@example.org' })];
    await waiters(psql, 2);
    await holder.query('commit');
    const both = await Promise.all(sent);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 404]);
    const cookie = /^[^;]+/.exec(both.find(({ status }) => status === 303)?.cookie ?? '')?.[0] ?? '';
    expect((await server.as({ cookie })('GET', '/api/session')).body['manager']).toMatchObject({ name: 'Dana' });
    expect((await psql.query('select from managers')).rowCount).toBe(1);
    expect((await form(`/set-up/${token}`, first)).status).toBe(404);
  });

  it('ends', async () => {
    await psql.query('delete from managers');
    const token = await link();
    await psql.query('update setup_links set expires_at = now()');
    expect((await fetch(`${server.url}/set-up/${token}`)).status).toBe(404);
    expect((await fetch(`${server.url}/set-up/nonsense`)).status).toBe(404);
  });
});

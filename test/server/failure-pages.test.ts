// What people see when the database is away: a page in words at every address that they open, and no page for programs.
import { beforeEach, expect, it } from '@jest/globals';
import { signIn } from '../support/identity.ts';
import { openProxy, type PostgresProxy } from '../support/proxy.ts';
import type { RunningServer, RunningServerOptions } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let proxy: PostgresProxy;
let start: (options?: RunningServerOptions) => Promise<RunningServer>;

beforeEach(async () => {
  const database = await scope.database();
  proxy = await openProxy(database.appUrl);
  scope.add(() => proxy.close());
  const through = { ...database, appUrl: proxy.through(database.appUrl) };
  start = (options = {}) => scope.server(through, { pages: '/nowhere', ...options });
});

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'accept-language': 'he' };

async function open(url: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  const answer = await fetch(url, { redirect: 'manual', ...init, headers: { ...browser, ...headers } });
  const html = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    retry: answer.headers.get('retry-after'),
    kept: answer.headers.get('cache-control'),
    heading: /<h1>(.*?)<\/h1>/.exec(html)?.[1],
    alert: /role="alert">(.*?)</.exec(html)?.[1],
    html,
  };
}

it('is a page in the language of the site, or of whoever looks at a link', async () => {
  const [server, hebrew] = [await start(), await start({ site: { language: 'he' } })];
  const { header: cookie } = await signIn(server.url);
  proxy.refuse();
  const form = { method: 'POST', body: new URLSearchParams({ email: 'a@b.example', password: 'x' }) };
  const own = { origin: server.url };
  const seen = await Promise.all([
    open(`${server.url}/`, { cookie }),
    open(`${server.url}/table`, { cookie }),
    open(`${server.url}/sign-in`),
    open(`${server.url}/set-up/${'x'.repeat(43)}`),
    open(`${hebrew.url}/sign-in`),
    open(`${server.url}/c/${'x'.repeat(43)}`),
    open(`${server.url}/c/${'x'.repeat(43)}/acknowledge?lang=en`, own, { method: 'POST' }),
  ]);
  const [board, table, signInPage, setUp, signInHebrew, link, acknowledged] = seen;
  for (const page of seen) {
    expect(page).toMatchObject({ status: 503, type: 'text/html; charset=utf-8', retry: '1', kept: 'no-store' });
    expect(page.html).not.toMatch(/ECONN|stack|<style>/);
  }
  for (const page of [board, table, signInPage, setUp]) {
    expect(page?.heading).toBe('This does not work right now');
    expect(page?.html).toContain('cannot reach its database');
  }
  expect(signInHebrew).toMatchObject({ heading: 'זה לא עובד כרגע', html: expect.stringContaining('dir="rtl"') });
  expect(link).toMatchObject({ heading: 'זה לא עובד כרגע', html: expect.stringContaining('dir="rtl"') });
  expect(acknowledged?.heading).toBe('This does not work right now');
  // A form keeps what was typed.
  const posted = await open(`${server.url}/sign-in`, own, form);
  expect(posted).toMatchObject({ status: 503, alert: 'The database does not answer. Try again in a moment.' });
  expect(posted.html).toContain('value="a@b.example"');
});

it('is a problem document for programs', async () => {
  const server = await start();
  proxy.refuse();
  const answers = await Promise.all([
    server.http('GET', '/api/tasks', undefined, browser),
    server.as('anonymous')('GET', '/sign-in', undefined, { accept: '*/*' }),
    server.as('anonymous')('GET', `/c/${'x'.repeat(43)}`, undefined, { accept: 'application/json' }),
  ]);
  for (const { status, body, headers } of answers) {
    expect([status, body['code'], headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
  }
});

it('says that something went wrong where it was not the database’s absence, and the log says what', async () => {
  const lines: string[] = [];
  const server = await start({ log: (line) => lines.push(line) });
  proxy.failOnce(/from "public"."managers"/, { code: '42P01', message: 'relation is gone' });
  const page = await open(`${server.url}/sign-in`);
  expect(page).toMatchObject({ status: 500, heading: 'This does not work right now' });
  expect(page.html).toContain('Something went wrong on the server');
  expect(page.html).not.toContain('relation is gone');
  expect(lines.filter((line) => line.includes('request failed'))).toEqual([
    expect.stringContaining('relation is gone'),
  ]);
});

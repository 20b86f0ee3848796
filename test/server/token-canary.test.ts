// The token of a link is in no log, metric, problem document, database, Referer or error, in no spelling. A search that
// finds nothing proves nothing, so each place is first seen to be searched: something planted there is found.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, it } from '@jest/globals';
import type pg from 'pg';
import { openBrowser } from '../support/browser-file.ts';
import type { FeedClient } from '../support/feed-client.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
const planted = '192.0.2.77';
const opened = openBrowser();
let server: RunningServer;
let psql: pg.Client;
let token: string;
let manager: FeedClient;
const lines: string[] = [];
const output: string[] = [];
const answers: string[] = [];

beforeEach(async () => {
  for (const capture of [lines, output, answers]) capture.length = 0;
  captureOutput();
  const database = await scope.database();
  server = await scope.server(database, { trustProxy: 1, log: (line) => lines.push(line) });
  psql = await scope.sql(database.url);
  await psql.query(`insert into employees (name) values ('Dana'), ('Marcus');
    insert into tasks (title, status, employee_id) values ('${planted}', 'sent', 1), ('other', 'sent', 2);`);
  manager = await scope.client(server.url);
  const { body } = await server.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] });
  token = String(body['token']);
});

function captureOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { write } = stream;
    stream.write = ((text: string | Uint8Array) => output.push(String(text)) > 0) as typeof stream.write;
    scope.add(async () => {
      stream.write = write;
    });
  }
}

/** In how many places the secret is, in any of the ways in which it may be spelt. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    [...secret].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join(''),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    Buffer.from(secret, 'base64url').toString('hex'),
    secret.slice(0, 12),
  ];
}

function isIn(text: string, secret: string): boolean {
  const lower = text.toLowerCase();
  return spellings(secret).some((spelling) => lower.includes(spelling.toLowerCase()));
}

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<number> {
  const given = { 'x-forwarded-for': planted, ...headers };
  const response = await server.http(method, path, body, given);
  answers.push(JSON.stringify([[...response.headers], response.text]));
  return response.status;
}

/** Every use and misuse of the link that there is; each answer is kept, but those that are pages with the link in them. */
async function useLink(): Promise<void> {
  const api = `/api/confirm/${token}`;
  const key = { 'idempotency-key': 'once' };
  expect(await send('GET', api)).toBe(200);
  expect(await send('HEAD', api)).toBe(200);
  expect(await send('POST', `${api}/acknowledge`)).toBe(200);
  expect(await send('PUT', `${api}/task/1`, { note: 'x' }, key)).toBe(200);
  expect(await send('PUT', `${api}/task/1`, { note: 'y' }, key)).toBe(409);
  expect(await send('PUT', `${api}/task/1`, { status: 'sent' })).toBe(409);
  expect(await send('PUT', `${api}/task/1`, { nonsense: 1 })).toBe(400);
  expect(await send('PUT', `${api}/task/1`, '{', { 'content-type': 'application/json' })).toBe(400);
  expect(await send('PUT', `${api}/task/2`, { note: 'x' })).toBe(403);
  expect(await send('GET', `${api}/images/9`)).toBe(403);
  expect(await send('POST', `${api}/task/1/images`, {})).toBe(415);
  expect(await send('GET', `${api}?${token}=${token}`)).toBe(400);
  for (const path of [`${api}/${token}`, `/api/${token}`, `/${token}`, `/c/${token}/${token}`, `/x?${token}`]) {
    expect([path, await send('PATCH', path, undefined, { authorization: `Bearer ${token}` })]).not.toEqual([path, 200]);
  }
  const spelt = [...token].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('');
  expect(await send('GET', `/api/confirm/${spelt}`)).toBe(200);
  expect(await send('GET', `/api/confirm/${token.slice(0, 42)}`)).toBe(404);
  expect((await fetch(`${server.url}/c/${token}`)).status).toBe(200);
  const holder = await scope.client(server.url, { link: token });
  holder.socket.emit('feed:resume', {});
  await holder.next('feed:ready');
  await expect(scope.client(server.url, { link: `${token}x` })).rejects.toThrow();
  await psql.query('alter table public.link_tasks rename to hidden');
  expect(await send('GET', api)).toBe(500);
  expect(await send('POST', `${api}/acknowledge`)).toBe(500);
  await psql.query('alter table public.hidden rename to link_tasks');
  await server.http('DELETE', '/api/links/1');
  await holder.next('feed:end');
  expect(await send('GET', api)).toBe(410);
  expect((await fetch(`${server.url}/c/${token}`)).status).toBe(410);
}

async function dump(): Promise<string> {
  const { rows } = await psql.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'taskfeed')`,
  );
  const parts = await Promise.all(
    rows.map(async ({ name }) => JSON.stringify((await psql.query(`select t::text from ${name} t`)).rows)),
  );
  const { rows: sessions } = await psql.query('select query from pg_stat_activity where datname = current_database()');
  return `${parts.join('\n')}\n${JSON.stringify(sessions)}`;
}

it('is found in no log, metric, problem, packet, output and nowhere in the database', async () => {
  await useLink();
  await manager.next('link:updated', ({ link }) => link.revoked_at !== null);
  process.stderr.write(planted);
  expect(await send('GET', `/${planted}`)).toBe(404);
  const places: [string, string, string][] = [
    ['log', lines.join(''), planted],
    ['answers', answers.join(''), planted],
    ['packets of managers', JSON.stringify(manager.packets), planted],
    ['output', output.join(''), planted],
    ['database', await dump(), planted],
    ['metrics', (await server.http('GET', '/metrics')).text, 'process_cpu'],
  ];
  for (const [name, text, canary] of places) {
    expect([name, isIn(text, canary)]).toEqual([name, true]);
    expect([name, isIn(text, token)]).toEqual([name, false]);
  }
  // Something was logged of errors as well, or the search of the log would prove little.
  expect(lines.filter((line) => line.includes('"request failed"'))).toHaveLength(2);
});

it('would be found in any spelling', () => {
  for (const spelling of spellings(token)) expect(isIn(`<${spelling}>`, token)).toBe(true);
  expect(isIn('<another text>', token)).toBe(false);
});

it('is told to no other site, and not by a request of the page', async () => {
  const { browser } = opened;
  if (!browser) return;
  const heard: string[] = [];
  const other = createServer((request, response) => {
    heard.push(`${request.url} ${request.headers.referer}`);
    response.setHeader('Content-Type', 'text/html').end('<title>other</title>');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  scope.add(async () => {
    other.closeAllConnections();
    other.close();
  });
  const elsewhere = `http://localhost:${(other.address() as AddressInfo).port}`;
  const page = await browser.newPage();
  scope.add(() => page.close());
  const referers: Promise<string | null>[] = [];
  page.on('request', (request) => referers.push(request.headerValue('referer').catch(() => null)));
  const goElsewhere = async (path: string) => {
    await page.evaluate((url) => {
      const link = Object.assign(document.createElement('a'), { href: url, textContent: 'away' });
      document.body.append(link);
      link.click();
    }, `${elsewhere}${path}`);
    await page.waitForURL(`${elsewhere}${path}`);
  };
  // A page without a policy tells where it comes from: the capture works.
  await page.goto(`${elsewhere}/${planted}`);
  await goElsewhere('/planted');
  expect(heard.find((line) => line.startsWith('/planted'))).toContain(planted);
  await page.goto(`${server.url}/c/${token}`);
  await goElsewhere('/token');
  expect(heard.filter((line) => line.startsWith('/token'))).toEqual(['/token undefined']);
  expect(isIn((await Promise.all(referers)).join(' '), token)).toBe(false);
  expect(isIn(heard.join(' '), token)).toBe(false);
});

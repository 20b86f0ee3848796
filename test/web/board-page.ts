// The built board in a real browser, for the tests of its screens: one browser and one server for a file.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { shownMs } from '../../src/web/manager/edit/toasts.ts';
import { openBrowser } from '../support/browser-file.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { signIn, testManager } from '../support/identity.ts';
import { noonZone } from '../support/noon-zone.ts';
import { type RunningServer, runServer } from '../support/run-server.ts';

export const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));

/** Wide enough for all columns of the board. */
const roomy = { width: 1600, height: 900 };

export interface BoardOptions {
  bulkLimit?: number;
  /** Of the site; one where it is noon now. */
  timezone?: string;
  /** SQL that is run before the server starts. */
  seed: string;
}

export interface BoardPage {
  database: TestDatabase;
  server: RunningServer;
  /** An administrator's psql. */
  psql: pg.Client;
  /** A page in a context of its own, live, unless `isAwaited` is false. Closed with the test. */
  open(path?: string, options?: OpenOptions): Promise<Page>;
  /** What the checks of all open pages have found, taken out: the test does not fail by it any more. */
  takeFaults(): string[];
}

export interface OpenOptions {
  /** Another manager than that of the tests: one of `addManager`. */
  as?: string;
  context?: BrowserContextOptions;
  language?: string;
  isAwaited?: boolean;
  /** Another address of the server, such as a proxy's. */
  through?: string;
  prepare?: (page: Page) => Promise<unknown>;
}

export const small = `
  insert into systems (name) values ('Boiler 2'), ('Intake pump');
  insert into employees (name) values ('Dana Levi'), ('Omar Haddad');
  insert into tasks (title, status, system_id, employee_id, priority, due_at) values
    ('Sweep chimney', 'sent', 1, 1, 'urgent', now() - interval '2 hours'),
    ('Check valve', 'received', 1, null, 'normal', null),
    ('Replace seal', 'draft', 2, 1, 'normal', now() + interval '9 days'),
    ('Grease bearings', 'pending_approval', 2, 2, 'normal', now() - interval '5 days'),
    ('Paint the gate', 'completed', null, 2, 'optional', null);`;

/**
 * Opens everything before the tests of a file and closes it after them. Every page must have raised no error and broken no
 * rule of the content security policy.
 */
export function openBoard({ bulkLimit = 5_000, timezone = noonZone(), seed }: BoardOptions) {
  const opened = openBrowser();
  const board = {} as BoardPage;
  const closers: (() => Promise<unknown>)[] = [];
  const contexts: OpenContext[] = [];

  beforeAll(async () => {
    if (!existsSync(`${pages}/index.html`))
      throw new Error('The board is not built: run npm run build (npm test does).');
    const { browser } = opened;
    if (!browser) return;
    board.database = await createDatabase();
    closers.unshift(() => board.database.drop());
    board.psql = new pg.Client({ connectionString: board.database.url, application_name: 'psql' });
    await board.psql.connect();
    closers.unshift(() => board.psql.end());
    await board.psql.query(seed);
    board.server = await runServer(board.database, { pages, bulkLimit, site: { timezone } });
    closers.unshift(() => board.server.stop());
    board.open = (path, options) => open({ browser, contexts, url: board.server.url }, path, options);
    board.takeFaults = () => contexts.flatMap(({ faults }) => faults.splice(0));
  });

  afterAll(async () => {
    for (const close of closers) await close();
  });

  /** A test that needs a browser; where there is none that has been told, and it passes. */
  const inBrowser = (name: string, test: () => Promise<void>) =>
    it(name, async () => {
      if (!opened.browser) return;
      try {
        await test();
        expect(board.takeFaults()).toEqual([]);
      } finally {
        await Promise.all(contexts.splice(0).map(({ context }) => context.close()));
      }
    });
  return { board, inBrowser };
}

interface OpenContext {
  context: BrowserContext;
  faults: string[];
}

async function open(
  { browser, contexts, url: own }: { browser: Browser; contexts: OpenContext[]; url: string },
  path = '/',
  options: OpenOptions = {},
): Promise<Page> {
  const { as: email = testManager.email, language, isAwaited = true, prepare, through: url = own } = options;
  const context = await browser.newContext({ viewport: roomy, locale: 'en-GB', ...options.context });
  const faults: string[] = [];
  contexts.push({ context, faults });
  await context.addCookies([await signIn(url, { email, password: testManager.password })]);
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^(http|ws)/.test(protocol) && origin !== new URL(url).origin) faults.push(`third party: ${request.url()}`);
  });
  await page.exposeFunction('tellViolation', (what: string) => faults.push(`policy: ${what}`));
  await page.addInitScript(prepared, { language, shownMs });
  await prepare?.(page);
  await page.goto(`${url}${path}`);
  if (isAwaited) await isReady(page);
  return page;
}

/** Runs in the page before its own scripts. */
function prepared({ language, shownMs: ms }: { language: string | undefined; shownMs: number }): void {
  if (language) localStorage.setItem('language', language);
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    const { tellViolation } = globalThis as unknown as { tellViolation: (what: string) => void };
    tellViolation(`${violatedDirective} ${blockedURI}`);
  });
  // A message that goes by itself stays until a slow machine has looked.
  const later = window.setTimeout.bind(window);
  const patiently = (work: TimerHandler, after?: number, ...more: unknown[]) =>
    later(work, after === ms ? 100 * ms : after, ...more);
  Object.assign(window, { setTimeout: patiently });
}

/** Live, the screen drawn with its fonts, and a task that the address opens ready for keys. */
export async function isReady(page: Page): Promise<void> {
  await isLive(page);
  await page.locator('#main h1').first().waitFor();
  if (new URL(page.url()).searchParams.has('task')) await isOpen(page.getByRole('dialog'));
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** What opens takes the focus a moment after it can be seen; before that it hears no keys, and takes them from a field. */
export async function isOpen(part: Locator): Promise<void> {
  await part.locator(':focus').waitFor();
}

/** A manager beside that of the tests, with the same password; the address to sign in with. */
export async function addManager(psql: pg.Client, name: string): Promise<string> {
  const email = `${name.toLowerCase()}@taskfeed.test`;
  await psql.query(
    `insert into managers (email, name, password_hash) select $1, $2, password_hash from managers where id = 1
     on conflict do nothing`,
    [email, name],
  );
  return email;
}

/** Requests of the page that change something, as `PUT /api/tasks/3`, in the order in which they were made. */
export function writesOf(page: Page): string[] {
  const writes: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') writes.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  return writes;
}

/** Holds the page's requests that match until the returned function is called. */
export async function hold(page: Page, method: string, path: string): Promise<() => void> {
  let release: () => void = () => undefined;
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(`**${path}`, async (route) => {
    if (route.request().method() === method) await isReleased;
    await route.fallback();
  });
  return release;
}

export async function isLive(page: Page): Promise<void> {
  await page.locator('html[data-freshness="live"]').waitFor();
}

/** What the page's own stores hold is on the screen; titles in the table, by id. */
export async function rowsOf(page: Page): Promise<Map<number, string>> {
  const rows = await page
    .locator('.table-body .table-row')
    .evaluateAll((elements) =>
      elements.map((element): [number, string] => [
        Number((element as HTMLElement).dataset['id']),
        ['.task-link', '.status-word', '.cell-employee bdi', '.cell-system bdi']
          .map((cell) => element.querySelector(cell)?.textContent ?? '')
          .join(' | '),
      ]),
    );
  return new Map(rows);
}

const statusWords: Record<string, string> = {
  draft: 'Draft',
  sent: 'Sent',
  received: 'Received',
  in_progress: 'In progress',
  pending_approval: 'Pending approval',
  completed: 'Completed',
  not_completed: 'Not completed',
};

/** The same, of the database. */
export async function tableOf(psql: pg.Client): Promise<Map<number, string>> {
  const { rows } = await psql.query<Record<string, string> & { id: number }>(
    'select id, title, status, employee_name, system_name from task_details order by id',
  );
  return new Map(
    rows.map(({ id, title, status, employee_name, system_name }) => [
      id,
      [title, statusWords[status ?? ''], employee_name ?? 'Nobody', system_name ?? ''].join(' | '),
    ]),
  );
}

/** Brings the tables back to `small` between tests that share a server. */
export async function startOver(psql: pg.Client): Promise<void> {
  await psql.query('delete from tasks; delete from links; delete from employees; delete from systems');
  for (const table of ['tasks', 'employees', 'systems', 'links']) {
    await psql.query(`alter table ${table} alter column id restart with 1`);
  }
  await psql.query(small);
}

/** The table screen shows exactly what the table holds; for as many tasks as fit on it. */
export async function isEqualToTable(page: Page, psql: pg.Client): Promise<void> {
  const wanted = JSON.stringify([...(await tableOf(psql))]);
  await eventually('the page is equal to the table', async () => {
    const shown = [...(await rowsOf(page))].sort(([a], [b]) => a - b);
    return JSON.stringify(shown) === wanted;
  });
}

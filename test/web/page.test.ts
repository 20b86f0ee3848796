// The page at `/` in a real browser, with a real server and real PostgreSQL.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const scope = createScope();
let browser: Browser | undefined;
let database: TestDatabase;
let server: RunningServer;
let psql: pg.Client;

beforeAll(async () => {
  if (!existsSync(`${pages}/index.html`)) throw new Error('The page is not built: run npm run build (npm test does).');
  browser = await launchBrowser();
}, 60_000);

afterAll(async () => {
  await browser?.close();
});

beforeEach(async () => {
  if (!browser) return;
  database = await scope.database();
  server = await scope.server(database, { pages, bulkLimit: 20 });
  psql = await scope.sql(database.url);
  await psql.query(`
    insert into systems (name) values ('Boiler 2'), ('Intake pump');
    insert into employees (name) values ('Dana Levi');
    insert into tasks (title, status, system_id, employee_id, due_at) values
      ('Sweep chimney', 'sent', 1, 1, now() - interval '2 hours'),
      ('Check valve', 'received', 1, null, null),
      ('Replace seal', 'draft', 2, 1, now() + interval '9 days');`);
});

/** A test that needs a browser; where there is none it has been told, and passes. */
function inBrowser(name: string, test: (browser: Browser) => Promise<void>): void {
  it(name, async () => {
    if (browser) await test(browser);
  });
}

async function open(
  {
    context: options = {},
    prepare,
  }: { context?: BrowserContextOptions; prepare?: (page: Page) => Promise<unknown> } = {},
  url = server.url,
): Promise<Page> {
  const context = await (browser as Browser).newContext(options);
  scope.add(() => context.close());
  const page = await context.newPage();
  const errors: Error[] = [];
  page.on('pageerror', (error) => errors.push(error));
  scope.add(async () => expect(errors).toEqual([]));
  await prepare?.(page);
  await page.goto(url);
  return page;
}

async function openLive(context?: BrowserContextOptions): Promise<Page> {
  const page = await open(context ? { context } : {});
  await isLive(page);
  return page;
}

const freshness = (page: Page) => page.getByRole('status');
const isLive = (page: Page) =>
  freshness(page)
    .filter({ hasText: /^\s*Live\s*$/ })
    .waitFor();
const isStale = (page: Page) =>
  freshness(page)
    .filter({ hasText: /Stale since \d\d:\d\d/ })
    .waitFor();
const row = (page: Page, id: number) => page.locator(`#task-${id}`);

const words: Record<string, string> = {
  draft: 'Draft',
  sent: 'Sent',
  received: 'Received',
  completed: 'Completed',
};

/** What the table says, and what the page shows, in one form. */
async function table(): Promise<string[]> {
  const { rows } = await psql.query(
    'select id, title, system_name, employee_name, status from task_details order by id',
  );
  return rows.map((task) =>
    [task.id, task.title, task.system_name ?? '', task.employee_name ?? '', words[task.status]].join(' | '),
  );
}

async function shown(page: Page): Promise<string[]> {
  const rows = await page.locator('tr.task').evaluateAll((elements) =>
    elements.map((element) => {
      const texts = ['.title-text', '.system', '.employee', '.status'].map(
        (cell) => element.querySelector(cell)?.textContent,
      );
      return [element.id.replace('task-', ''), ...texts];
    }),
  );
  return rows.sort((a, b) => Number(a[0]) - Number(b[0])).map((cells) => cells.join(' | '));
}

async function isEqualToTable(page: Page): Promise<void> {
  const wanted = JSON.stringify(await table());
  await eventually('the page is equal to the table', async () => JSON.stringify(await shown(page)) === wanted);
}

async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(window, { wasNotReloaded: true }));
}

async function isMarked(page: Page): Promise<void> {
  expect(await page.evaluate(() => 'wasNotReloaded' in window)).toBe(true);
}

describe('the page', () => {
  inBrowser('shows an edit made in psql, and who made it, in two browsers and without a reload', async () => {
    const both = [await openLive(), await openLive({ viewport: { width: 390, height: 844 } })];
    for (const page of both) await mark(page);
    await psql.query(`update tasks set status = 'completed', employee_id = null where id = 1`);
    for (const page of both) {
      await row(page, 1).getByText('Completed', { exact: true }).waitFor();
      const told = row(page, 1).locator('.part, .by, .at');
      expect(await told.allTextContents()).toEqual([
        'Status: sent → completed',
        'Employee: Dana Levi → none',
        expect.stringMatching(/^by db:\S+ \(psql\),$/),
        'just now',
      ]);
      await isEqualToTable(page);
      await isMarked(page);
    }
  });

  inBrowser('shows a rename on every row that shows the name', async () => {
    const page = await openLive();
    await mark(page);
    await psql.query(`update systems set name = 'Boiler 3' where id = 1`);
    await row(page, 1).getByRole('cell', { name: 'Boiler 3', exact: true }).waitFor();
    await row(page, 2).getByRole('cell', { name: 'Boiler 3', exact: true }).waitFor();
    await isEqualToTable(page);
    await isMarked(page);
  });

  inBrowser('shows a new task, and takes a deleted one away', async () => {
    const page = await openLive();
    await psql.query(`insert into tasks (title) values ('Paint the door')`);
    await page.getByRole('rowheader', { name: 'Paint the door' }).waitFor();
    await psql.query('delete from tasks where id = 1');
    await row(page, 1).waitFor({ state: 'detached' });
    expect(await page.locator('#latest').textContent()).toMatch(/^Sweep chimney\s*Deleted, by db:/);
    await isEqualToTable(page);
    expect(await page.locator('#counts dd').allTextContents()).toEqual(['0', '3', '0']);
  });

  inBrowser('shows HTML in a title as text', async () => {
    const page = await openLive();
    const title = '<img src=x onerror="window.wasRun = true"><b>bold</b>';
    await psql.query('update tasks set title = $1 where id = 1', [title]);
    await row(page, 1).getByText(title, { exact: true }).first().waitFor();
    expect(await page.locator('main img, main b').count()).toBe(0);
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  });

  inBrowser('loads anew after a change too large to be told row by row', async () => {
    const page = await openLive();
    await mark(page);
    await psql.query(`insert into tasks (title) select 'Bulk ' || n from generate_series(1, 60) n`);
    await page.getByRole('rowheader', { name: 'Bulk 60' }).waitFor();
    await isLive(page);
    await isEqualToTable(page);
    await isMarked(page);
  });
});

describe('freshness', () => {
  inBrowser('is lost when the server stops, and regained with everything missed when it is back', async () => {
    const page = await openLive();
    await mark(page);
    const port = server.server.port;
    await server.stop();
    await isStale(page);
    expect(await page.title()).toContain('stale');
    await psql.query(`update tasks set title = 'Changed meanwhile' where id = 1; delete from tasks where id = 2`);
    await scope.server(database, { pages, port });
    await isLive(page);
    await row(page, 1).getByText('Changed meanwhile').first().waitFor();
    await isEqualToTable(page);
    await isMarked(page);
    await psql.query(`update tasks set title = 'Changed again' where id = 3`);
    await row(page, 3).getByText('Changed again').first().waitFor();
  });

  inBrowser('is lost when no pulse came for 12 seconds, and regained when the server is heard again', async () => {
    let isSilent = false;
    const listen = (blank: Page) =>
      blank.routeWebSocket(/socket\.io/, (socket) => {
        socket.connectToServer().onMessage((message) => !isSilent && socket.send(message));
      });
    const page = await open({ prepare: async (blank) => [await blank.clock.install(), await listen(blank)] });
    await isLive(page);
    isSilent = true;
    await page.clock.fastForward(13_000);
    await isStale(page);
    expect(await freshness(page).textContent()).toContain('silent');
    isSilent = false;
    await isLive(page);
  });
});

describe('the first load', () => {
  inBrowser('says that the server cannot be reached, and tries again when asked', async () => {
    const page = await open({ prepare: (blank) => blank.route('**/api/tasks*', (route) => route.abort()) });
    const trouble = page.getByRole('alert');
    await trouble.getByText(/The server at .+ does not answer/).waitFor();
    await page.unroute('**/api/tasks*');
    await trouble.getByRole('button', { name: 'Try now' }).click();
    await row(page, 1).waitFor();
    expect(await trouble.isVisible()).toBe(false);
    await isLive(page);
  });

  inBrowser('of an empty site says how to begin, and shows the first task', async () => {
    await psql.query('delete from tasks');
    const page = await openLive();
    await page.getByRole('heading', { name: 'No tasks yet' }).waitFor();
    await psql.query(`insert into tasks (title) values ('First')`);
    await page.getByRole('rowheader', { name: 'First' }).waitFor();
    expect(await page.getByRole('heading', { name: 'No tasks yet' }).isVisible()).toBe(false);
  });
});

describe('the house rules', () => {
  inBrowser('hold: a strict content security policy is kept, and nobody else is asked for anything', async () => {
    const requested: string[] = [];
    const complaints: string[] = [];
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'`;
    const page = await open({
      prepare: async (blank) => {
        blank.on('request', (request) => requested.push(new URL(request.url()).host));
        blank.on('console', (message) => complaints.push(message.text()));
        await blank.route(`${server.url}/`, async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
        });
      },
    });
    await isLive(page);
    await psql.query(`update tasks set title = 'בדיקת משאבה' where id = 1`);
    await row(page, 1).getByText('בדיקת משאבה').first().waitFor();
    await page.evaluate(() => document.fonts.ready);
    expect(complaints).toEqual([]);
    expect([...new Set(requested)]).toEqual([new URL(server.url).host]);
  });

  inBrowser('hold: no accessibility fault, light and dark, wide and narrow, fresh and stale', async () => {
    const wide = { width: 1280, height: 900 };
    const narrow = { width: 390, height: 844 };
    const open: Page[] = [];
    for (const viewport of [wide, narrow]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        open.push(await openLive({ viewport, colorScheme, reducedMotion: 'reduce' }));
      }
    }
    await psql.query(`update tasks set status = 'not_completed', priority = 'urgent' where id = 1`);
    for (const page of open) {
      await row(page, 1).getByText('Not completed', { exact: true }).waitFor();
      expect(await faults(page)).toEqual([]);
    }
    await server.stop();
    for (const page of open) {
      await isStale(page);
      expect(await faults(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    }
  });
});

async function faults(page: Page): Promise<string[]> {
  // Not as a script of the page: its content security policy would refuse one, as it should.
  await page.evaluate(readFileSync(axe, 'utf8'));
  return await page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: axe puts itself on window
    const { violations } = await (window as any).axe.run();
    return violations.flatMap((violation: { id: string; nodes: { html: string; failureSummary: string }[] }) =>
      violation.nodes.map(({ html, failureSummary }) => `${violation.id}: ${html} ${failureSummary}`),
    );
  });
}

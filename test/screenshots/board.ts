// `npm run screenshots`: pictures of the board for the documentation, from a demo site, in the real browser.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { seedDemo } from '../../src/postgres/seed.ts';
import { launchBrowser } from '../support/browser.ts';
import { createDataDir } from '../support/data-dir.ts';
import { admitTestManager, signIn } from '../support/identity.ts';
import { runServer } from '../support/run-server.ts';

const images = fileURLToPath(new URL('../../docs/images', import.meta.url));
const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));
const timezone = 'Europe/Berlin';
const desktop = { width: 1440, height: 900 };
const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
};

interface Shot {
  name: string;
  path: string;
  context?: BrowserContextOptions;
  language?: string;
  act?: (page: Page) => Promise<unknown>;
}

/** What somebody else does while the picture is taken. */
const happens = (sql: pg.Client) => async (page: Page) => {
  await sql.query(`update tasks set status = 'in_progress' where title like 'Fire door%'`);
  await sql.query(`update tasks set status = 'completed' where title like 'Leak on flange%'`);
  await page.locator('[data-glow]').first().waitFor();
  await page.locator('.task-line', { hasText: 'Leak on flange' }).first().waitFor({ state: 'detached' });
};

const writes = async (page: Page) => {
  await page.keyboard.press('n');
  await page.keyboard.type('Check relief valve @dana #boiler tomorrow 14:00 !');
  await page.locator('.preview-line .priority-urgent').waitFor();
};

const byTheHour = async (page: Page) => {
  await page.getByRole('button', { name: 'By the hour' }).click();
  await page.locator('.panel-head').evaluate((element) => element.scrollIntoView());
};

/** A task with a past, read to its end. */
const history = (sql: pg.Client) => async (page: Page) => {
  await sql.query(`update tasks set status = 'in_progress', employee_id = 1 where id = 4`);
  await sql.query(`update tasks set due_at = due_at + interval '1 day' where id = 4`);
  await sql.query(`update tasks set status = 'pending_approval' where id = 4`);
  await page.locator('.history li').nth(3).waitFor();
  await page.locator('.history li').last().scrollIntoViewIfNeeded();
};

/** Some seconds of work, so that there is something to draw. */
const isBusy = (sql: pg.Client) => async (page: Page) => {
  for (let round = 0; round < 24; round += 1) {
    await sql.query('update tasks set note = $1 where id between 41 and $2', [
      `round ${round}`,
      42 + ((round * 7) % 13),
    ]);
    await page.waitForTimeout(400);
  }
};

const shots = (sql: pg.Client): Shot[] => [
  { name: 'today', path: '/', act: happens(sql) },
  { name: 'board', path: '/board' },
  { name: 'table', path: '/table' },
  { name: 'line', path: '/', act: writes },
  { name: 'hours', path: '/', act: byTheHour },
  { name: 'task', path: '/board?task=4', act: history(sql) },
  { name: 'feed', path: '/feed', act: isBusy(sql) },
  { name: 'dark', path: '/', context: { colorScheme: 'dark' } },
  { name: 'hebrew', path: '/board', language: 'he' },
  { name: 'phone', path: '/', context: phone },
  { name: 'phone-table', path: '/table', context: phone },
];

async function take(
  browser: Browser,
  url: string,
  { name, path, context = {}, language = 'en', act }: Shot,
): Promise<void> {
  const opened = await browser.newContext({ viewport: desktop, locale: 'en-GB', reducedMotion: 'reduce', ...context });
  await opened.addCookies([await signIn(url)]);
  const page = await opened.newPage();
  await page.addInitScript((wanted) => localStorage.setItem('language', wanted), language);
  await page.goto(`${url}${path}`);
  await page.locator('html[data-freshness="live"]').waitFor();
  await act?.(page);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  // A palette is enough for a board, and a third of the size.
  await sharp(await page.screenshot())
    .png({ palette: true, quality: 90, effort: 10 })
    .toFile(`${images}/${name}.png`);
  await opened.close();
}

async function main(): Promise<void> {
  const browser = await launchBrowser();
  if (!browser) return;
  const { dataDir, remove } = await createDataDir();
  const postgres = await startEmbedded({ dataDir, settings: { fsync: 'off' }, initSync: false });
  const { ownerUrl: dbUrl } = postgres;
  await migrate({ url: dbUrl });
  await seedDemo({ url: dbUrl, timezone });
  await admitTestManager(dbUrl);
  const database = { name: 'demo', url: dbUrl, appUrl: dbUrl, drop: async () => undefined };
  const server = await runServer(database, { pages, site: { name: 'Harbour Water', timezone } });
  const sql = new pg.Client({ connectionString: dbUrl, application_name: 'psql' });
  await sql.connect();
  await mkdir(images, { recursive: true });
  for (const shot of shots(sql)) await take(browser, server.url, shot);
  await sql.end();
  await server.stop();
  await browser.close();
  await postgres.stop();
  await remove();
}

await main();

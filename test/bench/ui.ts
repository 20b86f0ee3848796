// `npm run bench:ui`: how soon the board can be read, and how soon it answers to a key, with 1,000 tasks.
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { launchBrowser } from '../support/browser.ts';
import { createDataDir } from '../support/data-dir.ts';
import { admitTestManager, signIn } from '../support/identity.ts';
import { runServer } from '../support/run-server.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));
const loads = 10;
const keys = 40;

/** ms from the start of the navigation to the first paint of anything, and to the first task on the screen. */
async function firstPaint(page: Page, url: string): Promise<{ paint: number; tasks: number }> {
  await page.goto(`${url}/table`);
  await page.locator('.table-body .table-row').first().waitFor();
  return await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    tasks: performance.now(),
  }));
}

/** ms from a key in the search field to the frame that shows what it did. */
async function inputLatency(page: Page): Promise<number[]> {
  await page.locator('[data-key="/"]').focus();
  await page.evaluate(() => {
    const found: number[] = [];
    Object.assign(window, { found });
    addEventListener('keydown', (event) => {
      const begun = event.timeStamp;
      requestAnimationFrame(() => setTimeout(() => found.push(performance.now() - begun)));
    });
  });
  for (let key = 0; key < keys; key += 1) {
    await page.keyboard.press(key % 8 < 4 ? '7' : 'Backspace');
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20))));
  }
  return await page.evaluate(() => Reflect.get(window, 'found') as number[]);
}

function tell(name: string, values: number[]): void {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(0);
  console.log(`${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms (n=${sorted.length})`);
}

const browser = await launchBrowser();
if (browser) {
  const { dataDir, remove } = await createDataDir();
  const postgres = await startEmbedded({ dataDir });
  const url = postgres.ownerUrl;
  await migrate({ url });
  await admitTestManager(url);
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  await sql.query(
    "insert into tasks (title, due_at) select 'Task ' || n, now() + n * interval '1 hour' from generate_series(1, 1000) n",
  );
  await sql.end();
  const database = { name: 'bench', url, appUrl: url, drop: async () => undefined };
  const server = await runServer(database, { pages });
  const cold: { paint: number; tasks: number }[] = [];
  for (let load = 0; load < loads; load += 1) {
    const context = await browser.newContext();
    await context.addCookies([await signIn(server.url)]);
    const page = await context.newPage();
    cold.push(await firstPaint(page, server.url));
    if (load === loads - 1) tell('key to frame', await inputLatency(page));
    await context.close();
  }
  tell(
    'first paint, empty cache',
    cold.map(({ paint }) => paint),
  );
  tell(
    'first task shown, empty cache',
    cold.map(({ tasks }) => tasks),
  );
  console.log(`Chromium ${browser.version()}, Node ${process.version}, 1,000 tasks`);
  await server.stop();
  await browser.close();
  await postgres.stop();
  await remove();
}

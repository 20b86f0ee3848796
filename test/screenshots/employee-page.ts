// Pictures of the employee's page for the documentation: the demo site, at the size of a phone, beside each other.
// `npm run screenshots` writes docs/images/employee-page.png.
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { seedDemo } from '../../src/postgres/seed.ts';
import { launchBrowser } from '../support/browser.ts';
import { createDatabase } from '../support/database.ts';
import globalSetup from '../support/global-setup.ts';
import globalTeardown from '../support/global-teardown.ts';
import { type RunningServer, runServer } from '../support/run-server.ts';

const here = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const size = { width: 390, height: 844 };
const gap = 24;

await globalSetup();
const browser = await launchBrowser();
if (browser) await take(browser);
await globalTeardown();

async function take(browser: Browser): Promise<void> {
  const database = await createDatabase();
  await seedDemo({ url: database.url, timezone: 'Europe/Berlin' });
  const server = await runServer(database, {
    pages: here('dist/web'),
    site: { name: 'Harbour Water', timezone: 'Europe/Berlin', contact: 'Control room, +1 555 0110' },
  });
  const psql = new pg.Client({ connectionString: database.url });
  await psql.connect();
  await psql.query(`update tasks set review_note = 'Looks good. Please add a photo of the gauge.' where id = 10`);
  const pictures = [await light(browser, server), await offline(browser, server), await dark(browser, server)];
  await sharp({
    create: {
      width: pictures.length * (size.width + gap) - gap,
      height: size.height,
      channels: 4,
      background: { r: 0, g: 0, b: 0, alpha: 0 },
    },
  })
    .composite(pictures.map((input, nth) => ({ input, left: nth * (size.width + gap), top: 0 })))
    .png({ palette: true, compressionLevel: 9 })
    .toFile(here('docs/images/employee-page.png'));
  await psql.end();
  await browser.close();
  await server.stop();
  await database.drop();
}

async function open(browser: Browser, server: RunningServer, colorScheme: 'light' | 'dark', query = ''): Promise<Page> {
  const body = { employee_id: 2, task_ids: [10, 2, 22] };
  const { token } = (await server.http('POST', '/api/confirm/generate', body)).body;
  const context = await browser.newContext({ viewport: size, isMobile: true, hasTouch: true, colorScheme });
  const page = await context.newPage();
  await page.goto(`${server.url}/c/${token}${query}`);
  await page.locator('.page[data-freshness="live"]').waitFor();
  return page;
}

async function light(browser: Browser, server: RunningServer): Promise<Buffer> {
  const page = await open(browser, server, 'light');
  return await page.screenshot();
}

async function offline(browser: Browser, server: RunningServer): Promise<Buffer> {
  const page = await open(browser, server, 'light');
  await page.getByRole('button', { name: 'Got it' }).click();
  await page.getByText('You said').waitFor();
  await page.context().setOffline(true);
  const task = page.locator('#task-10');
  await task.getByRole('button', { name: 'Write a note' }).click();
  await page.getByLabel('Your note for the office').fill('Both bearings at 2.1 mm/s. Photo of the meter below.');
  await task.getByRole('button', { name: 'Save' }).click();
  const picture = await sharp(here('docs/images/today.png')).resize(640, 480, { fit: 'cover' }).jpeg().toBuffer();
  await task.locator('input[multiple]').setInputFiles({ name: 'meter.jpg', mimeType: 'image/jpeg', buffer: picture });
  await task.getByRole('button', { name: 'Done, send for approval' }).click();
  await page.locator('.page[data-freshness="stale"]').waitFor();
  await task.locator('.entry').nth(2).waitFor();
  await task.evaluate((card) => window.scrollTo(0, card.getBoundingClientRect().top + window.scrollY - 12));
  return await page.screenshot();
}

async function dark(browser: Browser, server: RunningServer): Promise<Buffer> {
  const page = await open(browser, server, 'dark', '?lang=he');
  return await page.screenshot();
}

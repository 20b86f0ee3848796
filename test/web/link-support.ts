// A phone with a confirmation link in its browser: the real server, real PostgreSQL, Chromium at phone size.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { openBrowser } from '../support/browser-file.ts';
import type { TestDatabase } from '../support/database.ts';
import { noonZone } from '../support/noon-zone.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope, type Scope } from '../support/scope.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));
export const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export interface LinkSite {
  scope: Scope;
  browser: Browser;
  database: TestDatabase;
  server: RunningServer;
  psql: pg.Client;
  linkId: number;
  token: string;
  /** Address of the link's page. */
  url: string;
}

const rows = `
  insert into systems (name, location, contact_name, phone) values
    ('Boiler 2', 'Boiler house, door C', 'Priya', '+1 555 0123'), ('Pump P1', 'Bay 1', null, null);
  insert into employees (name, language) values ('Dana', 'en'), ('Marcus', 'en');
  insert into tasks (title, description, priority, status, system_id, employee_id, due_at) values
    ('Sweep chimney', 'Wear a mask', 'urgent', 'draft', 1, 1, now() + interval '2 hours'),
    ('Change seal', null, 'normal', 'draft', 2, 1, null),
    ('Grease bearings', null, 'optional', 'draft', 2, 1, null),
    ('Read meters', null, 'normal', 'draft', null, 2, null);`;

/** Before each test: tasks 1 and 2 in a link of employee 1; task 3 is hers too, task 4 is not. */
export function createLinkSite(): LinkSite {
  const site = { scope: createScope() } as LinkSite;
  const opened = openBrowser();
  beforeAll(() => {
    if (!existsSync(`${pages}/link/manifest.json`)) throw new Error('The page is not built: run npm run build.');
  });
  beforeEach(async () => {
    const { browser } = opened;
    if (!browser) return;
    const database = await site.scope.database();
    const server = await site.scope.server(database, {
      pages,
      site: { name: 'Harbour Water', timezone: noonZone(), contact: 'Control room, +1 555 0110' },
    });
    const psql = await site.scope.sql(database.url);
    await psql.query(rows);
    Object.assign(site, { browser, database, server, psql, ...(await issue(server)) });
  });
  return site;
}

async function issue(server: RunningServer) {
  const body = { employee_id: 1, task_ids: [1, 2] };
  const { id, token } = (await server.http('POST', '/api/confirm/generate', body)).body;
  return { linkId: Number(id), token: String(token), url: `${server.url}/c/${token}` };
}

/** A test that needs a browser; where there is none it has been told, and passes. */
export function onPhone(site: LinkSite, name: string, test: () => Promise<void>): void {
  it(name, async () => (site.browser ? await test() : undefined));
}

/** A phone of its own: nothing is shared with another one. Page errors fail the test. */
export async function newPhone(site: LinkSite, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await site.browser.newContext({ ...phone, ...options });
  site.scope.add(() => context.close());
  const errors: Error[] = [];
  context.on('weberror', (error) => errors.push(error.error()));
  site.scope.add(async () => expect(errors).toEqual([]));
  return context;
}

/** The link's page, live. */
export async function openLink(site: LinkSite, context: BrowserContext, url = site.url): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await isLive(page);
  return page;
}

export const isLive = (page: Page) => page.locator('.page[data-freshness="live"]').waitFor();
export const isStale = (page: Page) => page.locator('.page[data-freshness="stale"]').waitFor();
export const card = (page: Page, id: number) => page.locator(`#task-${id}`);
export const press = (where: Page | Locator, name: string) => where.getByRole('button', { name, exact: true }).click();
export const entries = (where: Page | Locator, phase: string) => where.locator(`.entry[data-phase="${phase}"]`);

/** The ten seconds in which it could be undone pass at once: the page is left and looked at again. */
export async function letGo(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide')));
}

export async function writeNote(page: Page, id: number, text: string): Promise<void> {
  await card(page, id).getByRole('button', { name: /note/ }).click();
  await card(page, id).getByLabel('Your note for the office').fill(text);
  await press(card(page, id), 'Save');
}

/** A photo as a phone takes it, each of its own colour. */
export async function photoFile(name: string, options: { width?: number; height?: number; hue?: number } = {}) {
  const { width = 2400, height = 1800, hue = 0 } = options;
  const background = { r: hue % 256, g: 120, b: 200 };
  const buffer = await sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
  return { name, mimeType: 'image/jpeg', buffer };
}

export const gallery = (page: Page, id: number) => card(page, id).locator('input[type=file][multiple]');
export const camera = (page: Page, id: number) => card(page, id).locator('input[type=file][capture]');

/** Requests that change something, in the order in which the server got them. */
export interface Arrived {
  key: string;
  path: string;
}

/**
 * Stands between the phone and the server, and writes down what arrives. `treat` says of each request what becomes of
 * it: `pass`, or `deaf` (it arrives, its answer does not). `times`: how often this key has come.
 */
export async function between(
  site: LinkSite,
  context: BrowserContext,
  treat: (request: { path: string; times: number }) => 'pass' | 'deaf',
): Promise<Arrived[]> {
  const arrived: Arrived[] = [];
  await context.route(`${site.server.url}/api/confirm/**`, async (route) => {
    const request = route.request();
    if (request.method() === 'GET') return await route.fallback();
    const path = new URL(request.url()).pathname.replace(/^.*\/confirm\/[^/]+/, '');
    const key = request.headers()['idempotency-key'] ?? '';
    arrived.push({ key, path });
    const times = arrived.filter((one) => one.key === key).length;
    if (treat({ path, times }) === 'pass') return await route.continue();
    await route.fetch();
    await route.abort();
  });
  return arrived;
}

// Signing in and setting up in a real browser, where no script runs in these pages.
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createPool } from '../../src/postgres/pool.ts';
import { createSetupLink } from '../../src/tasks/setup-links.ts';
import { openBrowser } from '../support/browser-file.ts';
import { testManager } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';
import { pages } from './board-page.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const scope = createScope();
const opened = openBrowser();

async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await (opened.browser as Browser).newContext(options);
  scope.add(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** What axe finds wrong; it may not run under the page's policy, so it is put into a frame's world of its own. */
async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe });
  const found = await page.evaluate(async () => {
    type Axe = { run(): Promise<{ violations: { id: string }[] }> };
    return (await (globalThis as unknown as { axe: Axe }).axe.run()).violations;
  });
  return found.map(({ id }) => id);
}

const looks: [string, BrowserContextOptions, string][] = [
  ['light', {}, 'en'],
  ['dark', { colorScheme: 'dark' }, 'en'],
  ['Hebrew', {}, 'he'],
  ['dark Hebrew on a phone', { colorScheme: 'dark', viewport: { width: 360, height: 640 } }, 'he'],
];

describe('accessibility', () => {
  it.each(looks)('of both pages, %s', async (name, context, language) => {
    if (!opened.browser) return;
    const database = await scope.database();
    const server = await scope.server(database, { pages, site: { name: 'Harbour Waterworks', language } });
    const signIn = await open(`${server.url}/sign-in`, { ...context, bypassCSP: true });
    await signIn.fill('#email', 'nobody@example.org');
    await signIn.fill('#password', 'wrong password');
    await signIn.click('button');
    await signIn.getByRole('alert').waitFor();
    expect(await violations(signIn)).toEqual([]);
    const loaded = () =>
      signIn.evaluate(() => [...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family));
    await signIn.evaluate(() => document.fonts.ready.then(() => undefined));
    expect(await loaded()).toContain('Rubik Variable');
    const psql = await scope.sql(database.url);
    await psql.query('delete from managers');
    const knex = createPool({ url: database.appUrl });
    scope.add(() => knex.destroy());
    const setUp = await open(`${server.url}/set-up/${await createSetupLink(knex)}`, { ...context, bypassCSP: true });
    await setUp.click('button');
    await setUp.getByText(language === 'en' ? /^Enter an e-mail/ : /^יש להזין כתובת/).waitFor();
    expect(await violations(setUp)).toEqual([]);
    expect(await setUp.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const folder = process.env['SCREENSHOTS'];
    if (folder) await signIn.screenshot({ path: `${folder}/sign-in-${name.replaceAll(' ', '-')}.png` });
    if (folder) await setUp.screenshot({ path: `${folder}/set-up-${name.replaceAll(' ', '-')}.png` });
  });
});

it('without scripts somebody signs in by keyboard and is where they wanted to be', async () => {
  if (!opened.browser) return;
  const database = await scope.database();
  const server = await scope.server(database, { pages });
  const page = await open(`${server.url}/table`, { javaScriptEnabled: false });
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  // What is typed before the field has the focus is lost.
  await page.locator('#email:focus').waitFor();
  await page.keyboard.type(testManager.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(testManager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${server.url}/table`);
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ name: 'taskfeed_session', httpOnly: true, sameSite: 'Lax', secure: false });
});

describe('an open board whose session ends', () => {
  const ends: [string, string, string, string][] = [
    ['elsewhere', 'en', 'delete from sessions', 'You are signed out.'],
    ['in Hebrew', 'he', 'delete from sessions', 'יצאת מהמערכת.'],
    ['since the account is disabled', 'en', 'update managers set disabled_at = now()', 'This account was disabled.'],
  ];
  const rows = `insert into tasks (title, note) values ('Sweep chimney', 'The code of the gate is 4711')`;

  it.each(ends)('says so, and leads to signing in and back: %s', async (_, language, sql, told) => {
    if (!opened.browser) return;
    const database = await scope.database();
    const server = await scope.server(database, { pages });
    const psql = await scope.sql(database.url);
    await psql.query(rows);
    const page = await open(`${server.url}/sign-in?next=/table`);
    await page.evaluate((wanted) => localStorage.setItem('language', wanted), language);
    await page.fill('#email', testManager.email);
    await page.fill('#password', testManager.password);
    await page.click('button');
    await page.locator('html[data-freshness="live"]').waitFor();
    // A task is open, and over everything else.
    await page.getByText('Sweep chimney').first().click();
    await page.getByText('The code of the gate is 4711').or(page.locator('textarea')).first().waitFor();
    const drawer = new URL(page.url()).search;
    expect(drawer).toContain('task');
    await psql.query(sql);
    await page.locator('html[data-freshness="ended"]').waitFor();
    const alert = page.getByRole('alert').filter({ hasText: told });
    await alert.waitFor();
    // What was being shown is not shown as if it were live.
    expect(await page.getByText('4711').count()).toBe(0);
    expect(await page.getByText('Sweep chimney').count()).toBe(0);
    await alert.getByRole('button').click();
    await page.waitForURL((url) => url.pathname === '/sign-in');
    expect(new URL(page.url()).searchParams.get('next')).toBe(`/table${drawer}`);
  });
});

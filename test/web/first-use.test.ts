// A new site: from its set-up link to the first approval, by what the pages themselves offer.
import { it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createPool } from '../../src/postgres/pool.ts';
import { createSetupLink } from '../../src/tasks/setup-links.ts';
import { openBrowser } from '../support/browser-file.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { isOpen, pages } from './board-page.ts';

const scope = createScope();
const opened = openBrowser();

async function open(url: string, options: BrowserContextOptions): Promise<Page> {
  const context = await (opened.browser as Browser).newContext(options);
  scope.add(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

it('a new manager adds an employee, gives a task, sends a link, and approves what comes back', async () => {
  if (!opened.browser) return;
  const database = await scope.database();
  const psql = await scope.sql(database.url);
  await psql.query('delete from managers');
  const server = await scope.server(database, { pages, site: { name: 'Harbour Waterworks' } });
  const knex = createPool({ url: database.appUrl });
  scope.add(() => knex.destroy());
  const page = await open(`${server.url}/set-up/${await createSetupLink(knex)}`, { locale: 'en-GB' });
  await page.getByLabel('E-mail address').fill('noa@example.org');
  await page.getByLabel('Your name').fill('Noa Ben-David');
  await page.getByLabel('Password').fill('tall boats in the harbour');
  await page.getByRole('button').click();
  await page.locator('html[data-freshness="live"]').waitFor();
  const steps = page.getByRole('region', { name: 'From nothing to the first task on a phone' });
  const isDone = (step: string) => steps.locator('li[data-done]', { hasText: step }).waitFor();
  const isNow = (status: string) =>
    eventually(`the task is ${status}`, async () => {
      return (await psql.query('select from tasks where status = $1', [status])).rowCount === 1;
    });
  const today = () => page.getByRole('link', { name: 'Today', exact: true }).click();

  await steps.getByRole('link', { name: 'Add an employee' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Dana Levi');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: /^Dana Levi/ }).waitFor();
  await today();
  await isDone('Add an employee');

  await steps.getByRole('link', { name: 'Write a task' }).click();
  await page.getByRole('textbox', { name: 'What is to be done?' }).fill('Sweep the chimney');
  await page.getByRole('combobox', { name: 'For' }).selectOption('Dana Levi');
  await page.getByRole('button', { name: 'Add 1 task' }).click();
  await page.getByText('Task created').waitFor();
  await page.getByRole('link', { name: 'Links', exact: true }).click();
  await page.getByRole('button', { name: 'New link' }).first().click();
  await page.getByRole('combobox', { name: 'Employee' }).selectOption('Dana Levi');
  await page.getByRole('button', { name: 'Make a link for 1 task' }).click();
  const url = await page.getByRole('dialog').getByRole('textbox', { name: 'Links' }).inputValue();
  await isOpen(page.getByRole('dialog'));
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  const phone = await open(url, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await phone.locator('.page[data-freshness="live"]').waitFor();
  await phone.getByRole('button', { name: 'Got it' }).click();
  await isNow('received');
  await phone.getByRole('button', { name: 'Done, send for approval' }).click();
  await phone.getByText('goes out in').waitFor();
  // The seconds in which it could be undone pass at once: the page is left and looked at again.
  await phone.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide')));
  await isNow('pending_approval');
  await today();
  await page.getByRole('button', { name: 'Approve' }).click();
  await phone.getByText('Approved', { exact: true }).waitFor();
  await isNow('completed');
});

// A new site, from its first page to the first approval, by somebody who has never seen it. What is typed and clicked is
// counted, so that nobody makes the way longer without noticing.
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { isOpen, openBoard } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: 'select 1' });

/** Clicks and typed fields, as the page itself sees them. */
async function count(page: Page): Promise<() => { clicks: number; fields: number }> {
  const seen = { clicks: 0, fields: new Set<string>() };
  await page.exposeFunction('tellAct', (what: string) => {
    if (what === 'click') seen.clicks += 1;
    else seen.fields.add(what);
  });
  await page.evaluate(() => {
    const tell = (globalThis as unknown as { tellAct: (what: string) => void }).tellAct;
    document.addEventListener('click', ({ isTrusted, detail }) => isTrusted && detail > 0 && tell('click'), true);
    document.addEventListener(
      'input',
      ({ target }) => tell((target as HTMLElement).id || (target as HTMLElement).tagName),
      true,
    );
  });
  return () => ({ clicks: seen.clicks, fields: seen.fields.size });
}

describe('a new site', () => {
  inBrowser(
    'leads from nothing to a link with two fields and four clicks, and to the approval with one more',
    async () => {
      const page = await board.open('/');
      const counted = await count(page);
      await page.getByRole('heading', { name: 'From nothing to the first task on a phone' }).waitFor();

      await page.getByRole('link', { name: 'Add an employee' }).click();
      // What is typed before the field has the focus is lost.
      await page.getByLabel('Name', { exact: true }).and(page.locator(':focus')).waitFor();
      await page.keyboard.type('Dana Levi');
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'Write a task' }).click();
      await isOpen(page.getByRole('form', { name: 'New tasks' }));
      await page.keyboard.type('Check the pump @dana tomorrow ');
      await page.locator('.preview-line .person', { hasText: 'Dana Levi' }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'Make a link' }).click();
      await page.getByRole('button', { name: 'Make a link for 1 task' }).click();
      await isOpen(page.getByRole('dialog', { name: 'The link is ready' }));
      expect(counted()).toEqual({ clicks: 4, fields: 2 });

      const url = new URL(await page.getByRole('textbox', { name: 'Links' }).inputValue());
      await page.keyboard.press('Escape');
      const { rows } = await board.psql.query(`select id from tasks where title = 'Check the pump'`);
      const token = url.pathname.split('/').at(-1);
      const path = `/api/confirm/${token}`;
      expect((await board.server.as('anonymous')('POST', `${path}/acknowledge`)).status).toBe(200);
      const done = { status: 'pending_approval' };
      expect((await board.server.as('anonymous')('PUT', `${path}/task/${rows[0].id}`, done)).status).toBe(200);

      await page.getByRole('link', { name: 'Today' }).first().click();
      await page.getByRole('button', { name: 'Approve' }).click();
      await eventually('it is approved', async () => {
        const found = await board.psql.query('select status from tasks where id = $1', [rows[0].id]);
        return found.rows[0].status === 'completed';
      });
    },
  );
});

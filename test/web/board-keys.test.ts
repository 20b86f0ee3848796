// The keys, on each screen that has them; and none of them while a person writes.
import { beforeEach, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { isOpen, openBoard, startOver } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: '' });

beforeEach(async () => {
  if (board.psql) await startOver(board.psql);
});

const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('data-task') ?? null);
const hasFocus = (page: Page, id: string) =>
  eventually(`the focus is on task ${id}`, async () => (await focused(page)) === id);
const isClosed = (page: Page) => page.getByRole('dialog').waitFor({ state: 'detached' });

/** A key that is held down while the page stands still, which then hears them all before it has drawn anything. */
async function holdDown(page: Page, key: string, times: number): Promise<void> {
  const stall = page.evaluate(() => {
    for (const end = performance.now() + 600; performance.now() < end; );
  });
  await Promise.all(Array.from({ length: times }, () => page.keyboard.down(key)));
  await page.keyboard.up(key);
  await stall;
}

describe('j and k', () => {
  for (const path of ['/table?sort=title', '/board']) {
    inBrowser(`that are held down while the page stands still lose no task and double none at ${path}`, async () => {
      await board.psql.query(`delete from tasks;
        insert into tasks (id, title, status, due_at) overriding system value
          select n, 'Task ' || n, case when n <= 150 then 'draft' else 'sent' end, now() + n * interval '1 hour'
          from generate_series(101, 190) n`);
      const page = await board.open(path);
      await page.getByRole('link', { name: 'Task 101' }).waitFor();
      await page.keyboard.press('j');
      await hasFocus(page, '101');
      await holdDown(page, 'j', 24);
      await hasFocus(page, '125');
      // On the board that is from the last card of a column to the first of the next, which has 40.
      await holdDown(page, 'j', 26);
      await hasFocus(page, '151');
      await holdDown(page, 'j', 30);
      await hasFocus(page, '181');
      await holdDown(page, 'k', 32);
      await hasFocus(page, '149');
      await holdDown(page, 'k', 47);
      await hasFocus(page, '102');
      const isSeen = await page.evaluate(() => {
        const { top = 0, bottom = 0 } = document.activeElement?.getBoundingClientRect() ?? {};
        const head = document.querySelector('.table-head, .column-head')?.getBoundingClientRect().bottom ?? 0;
        return top >= head && bottom <= window.innerHeight;
      });
      expect(isSeen).toBe(true);
    });
  }

  inBrowser('begin a column at its first card, also where its end is in sight', async () => {
    await board.psql.query(`delete from tasks;
      insert into tasks (id, title, status, due_at) overriding system value
        select n, 'Task ' || n, case when n <= 102 then 'draft' else 'sent' end, now() + n * interval '1 hour'
        from generate_series(101, 150) n`);
    const page = await board.open('/board');
    await page.getByRole('link', { name: 'Task 103' }).waitFor();
    await page.locator('.column[data-status="sent"] .column-cards').evaluate((list) => {
      list.scrollTop = list.scrollHeight;
    });
    await page.getByRole('link', { name: 'Task 150' }).waitFor();
    for (const id of ['101', '102', '103']) {
      await page.keyboard.press('j');
      await hasFocus(page, id);
    }
    await page.keyboard.press('k');
    await hasFocus(page, '102');
  });
});

describe('the keys', () => {
  for (const { path, first } of [
    { path: '/', first: 'Grease bearings' },
    { path: '/board', first: '' },
    { path: '/table', first: 'Grease bearings' },
  ]) {
    inBrowser(`j, k, Enter, e and Escape go through the tasks at ${path}`, async () => {
      const page = await board.open(path);
      await page.locator('[data-task="1"]').first().waitFor();
      await page.keyboard.press('j');
      const one = (await focused(page)) ?? '';
      if (first) expect(await page.locator(':focus').textContent()).toBe(first);
      await page.keyboard.press('j');
      const two = (await focused(page)) ?? '';
      expect([one, two].every((id) => /^[1-5]$/.test(id))).toBe(true);
      expect(one).not.toBe(two);
      await page.keyboard.press('k');
      await hasFocus(page, one);
      await page.keyboard.press('Enter');
      await isOpen(page.getByRole('dialog', { name: `Task ${one}` }));
      // No key of the screen below while the task is open.
      await page.keyboard.press('?');
      await page.keyboard.press('Escape');
      await isClosed(page);
      await hasFocus(page, one);
      await page.keyboard.press('e');
      const title = page.getByRole('dialog', { name: `Task ${one}` }).getByRole('textbox', { name: 'Title' });
      await title.and(page.locator(':focus')).waitFor();
      await page.keyboard.type('jkx?n/');
      await page.keyboard.press('Enter');
      await eventually('the title is stored', async () => {
        const { rows } = await board.psql.query('select title from tasks where id = $1', [one]);
        return rows[0]?.title === 'jkx?n/';
      });
      await page.keyboard.press('Escape');
      await isClosed(page);
    });
  }

  for (const path of ['/board', '/table']) {
    inBrowser(`x chooses the task at ${path}`, async () => {
      const page = await board.open(path);
      await page.locator('[data-task="1"]').first().focus();
      await page.keyboard.press('x');
      await page.getByText('1 selected', { exact: true }).waitFor();
      await page.keyboard.press('x');
      await page.getByText('1 selected', { exact: true }).waitFor({ state: 'detached' });
    });
  }

  inBrowser('x chooses nothing on Today, where nothing would show it, and the help says where it does', async () => {
    const page = await board.open('/');
    await page.locator('[data-task="1"]').first().focus();
    await page.keyboard.press('x');
    await page.keyboard.press('?');
    await page.getByText('Select the task, on the board and in the table').waitFor();
    await isOpen(page.getByRole('dialog'));
    await page.keyboard.press('Escape');
    await isClosed(page);
    await page.getByRole('link', { name: 'Table', exact: true }).first().click();
    await page.locator('.table-row').first().waitFor();
    expect(await page.locator('.bulk').count()).toBe(0);
  });

  for (const { path, field, form } of [
    { path: '/', field: 'Search', form: 'What is to be done?' },
    { path: '/board', field: 'Search', form: 'What is to be done?' },
    { path: '/table', field: 'Search', form: 'What is to be done?' },
    { path: '/employees', field: 'Find an employee', form: 'Name' },
    { path: '/systems', field: 'Find a system', form: 'Name' },
  ]) {
    inBrowser(`/ searches and n makes a new one at ${path}; letters are letters there`, async () => {
      const page = await board.open(path);
      const search = page.getByRole('searchbox', { name: field });
      await page.keyboard.press('/');
      await search.and(page.locator(':focus')).waitFor();
      await page.keyboard.type('n?j/');
      expect(await search.inputValue()).toBe('n?j/');
      expect(await page.getByRole('dialog').count()).toBe(0);
      await search.fill('');
      await search.blur();
      await page.keyboard.press('n');
      const written = page.getByRole('textbox', { name: form, exact: form === 'Name' });
      await written.and(page.locator(':focus')).waitFor();
      await page.keyboard.type('n?j/');
      expect(await written.inputValue()).toBe('n?j/');
      expect(await page.getByRole('dialog').count()).toBe(0);
    });
  }

  for (const path of ['/', '/board', '/table', '/employees', '/systems', '/links', '/feed']) {
    inBrowser(`? tells of the keys at ${path}`, async () => {
      const page = await board.open(path);
      await page.keyboard.press('?');
      await isOpen(page.getByRole('dialog', { name: 'Keys' }));
      await page.keyboard.press('Escape');
      await isClosed(page);
    });
  }

  inBrowser('work on after a box was ticked with the mouse', async () => {
    const page = await board.open('/table');
    await page.getByRole('checkbox', { name: 'Select task 2' }).click();
    await page.getByText('1 selected', { exact: true }).waitFor();
    await page.keyboard.press('x');
    await page.getByText('1 selected', { exact: true }).waitFor({ state: 'detached' });
    await page.keyboard.press('e');
    await page.getByRole('dialog', { name: 'Task 2' }).waitFor();
  });
});

// The screens of the board as people use them, in a real browser, with a real database.
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { openBoard, small } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: small });

const columnOf = (page: Page, status: string) => page.locator(`.column[data-status="${status}"]`);

/** How far the widest part of the page reaches beyond its box, px. */
const overflow = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => element.scrollWidth - element.clientWidth);

async function taskCalled(title: string) {
  const { rows } = await board.psql.query('select * from task_details where title = $1', [title]);
  return rows[0];
}

describe('a new task', () => {
  inBrowser('is written in one line, seen before it is made, and made as seen', async () => {
    const page = await board.open('/');
    await page.keyboard.press('n');
    await page.keyboard.type('Bleed radiator @om');
    await page.locator('.offer', { hasText: 'Omar Haddad' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('#boiler tomorrow 14:00 !');
    const preview = page.locator('.preview-line');
    expect(await preview.textContent()).toBe('Bleed radiatorOHOmar HaddadBoiler 2Tomorrow 14:00Urgent');
    await page.keyboard.press('Enter');
    await page.getByText('Task created').waitFor();
    const task = await taskCalled('Bleed radiator');
    expect(task).toMatchObject({ employee_name: 'Omar Haddad', system_name: 'Boiler 2', priority: 'urgent' });
    const { rows } = await board.psql.query(
      `select $1::timestamptz = (current_date at time zone 'UTC' + interval '1 day 14 hours') as is_so`,
      [task.due_at],
    );
    expect(rows[0].is_so).toBe(true);
  });

  inBrowser('tells of a name that nobody has, and adds the employee at a click', async () => {
    const page = await board.open('/board');
    await page.keyboard.press('n');
    await page.keyboard.type('Call the lift company @frieda');
    await page.getByText('no employee is called that').waitFor();
    await page.getByRole('button', { name: 'Add frieda as an employee' }).click();
    await page.locator('.preview-line .person', { hasText: 'Frieda' }).waitFor();
    await page.getByRole('button', { name: 'Add 1 task' }).click();
    await eventually('the task is hers', async () => {
      return (await taskCalled('Call the lift company'))?.employee_name === 'Frieda';
    });
  });

  inBrowser('gives the focus back to where it came from, and Escape closes one thing at a time', async () => {
    const page = await board.open('/');
    await page.getByRole('button', { name: 'New task' }).click();
    await page.keyboard.type('x @');
    await page.getByRole('listbox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    expect(await page.getByRole('form', { name: 'New tasks' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('form', { name: 'New tasks' }).waitFor({ state: 'detached' });
    await eventually('the button has the focus', () =>
      page.evaluate(() => document.activeElement?.textContent === 'New task'),
    );
  });
});

describe('the board', () => {
  for (const width of [1440, 1280, 1024]) {
    inBrowser(`fits a window of ${width} px without scrolling sideways`, async () => {
      const page = await board.open('/board', { context: { viewport: { width, height: 800 } } });
      await columnOf(page, 'sent').locator('.card').first().waitFor();
      expect(await overflow(page, '.board')).toBeLessThanOrEqual(0);
      expect(await columnOf(page, 'pending_approval').locator('.card').count()).toBeGreaterThan(0);
    });
  }

  inBrowser('keeps its columns as a person has folded them, also after a reload', async () => {
    const page = await board.open('/board');
    await columnOf(page, 'sent').hover();
    await page.getByRole('button', { name: 'Fold Sent' }).click();
    await page.reload();
    const strip = page.getByRole('button', { name: /^Open Sent, \d+ tasks?$/ });
    await strip.waitFor();
    await strip.click();
    await columnOf(page, 'sent').locator('.card').first().waitFor();
  });

  inBrowser('takes a card that is moved into a folded column', async () => {
    const page = await board.open('/board', { context: { viewport: { width: 1440, height: 800 } } });
    const { id } = await taskCalled('Replace seal');
    await page.getByRole('button', { name: 'Actions for Replace seal' }).click();
    await page.getByRole('menuitem', { name: 'Completed', exact: true }).click();
    await eventually('it is completed', async () => (await taskCalled('Replace seal')).status === 'completed');
    await board.psql.query(`update tasks set status = 'draft' where id = $1`, [id]);
    await columnOf(page, 'draft').getByText('Replace seal').waitFor();
  });
});

describe('the table', () => {
  for (const width of [1280, 1024, 390]) {
    inBrowser(`shows title, status, employee and due time within ${width} px`, async () => {
      const page = await board.open('/table', { context: { viewport: { width, height: 800 } } });
      const row = page.locator('.table-body .table-row', { hasText: 'Sweep chimney' });
      await row.waitFor();
      expect(await overflow(page, '.table-box')).toBeLessThanOrEqual(0);
      for (const cell of ['title', 'status', 'employee', 'due']) {
        const box = await row.locator(`.cell-${cell}`).boundingBox();
        expect([cell, box !== null && box.x >= 0 && box.x + box.width <= width]).toEqual([cell, true]);
      }
    });
  }
});

describe('Escape', () => {
  inBrowser('closes the help on top of a screen, and then the drawer, one after the other', async () => {
    const page = await board.open('/table?task=1');
    await page.getByRole('dialog', { name: 'Task 1' }).waitFor();
    await page.getByRole('button', { name: 'Send back' }).waitFor({ state: 'detached' });
    await board.psql.query(`update tasks set status = 'pending_approval' where id = 1`);
    await page.getByRole('button', { name: 'Send back' }).click();
    await page.getByLabel('What is still to be done?').waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('What is still to be done?').waitFor({ state: 'detached' });
    expect(await page.getByRole('dialog', { name: 'Task 1' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Task 1' }).waitFor({ state: 'detached' });
    await board.psql.query(`update tasks set status = 'sent' where id = 1`);
  });
});

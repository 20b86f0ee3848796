// The screens of the board as people use them, in a real browser, with a real database.
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { noonZone } from '../support/noon-zone.ts';
import { isOpen, openBoard, small } from './board-page.ts';

const timezone = noonZone();
const { board, inBrowser } = openBoard({ seed: small, timezone });

const columnOf = (page: Page, status: string) => page.locator(`.column[data-status="${status}"]`);

/** How far the widest part of the page reaches beyond its box, px. */
const overflow = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element) => element.scrollWidth - element.clientWidth);

async function taskCalled(title: string) {
  const { rows } = await board.psql.query('select * from task_details where title = $1', [title]);
  return rows[0];
}

/** With the key, and ready to be written into. */
async function openForm(page: Page): Promise<void> {
  await page.keyboard.press('n');
  await isOpen(page.getByRole('form', { name: 'New tasks' }));
}

describe('a new task', () => {
  inBrowser('is written in one line, seen before it is made, and made as seen', async () => {
    const page = await board.open('/');
    await openForm(page);
    await page.keyboard.type('Bleed radiator @om');
    await page.locator('.offer', { hasText: 'Omar Haddad' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('#boiler tomorrow 14:00 !');
    const preview = page.locator('.preview-line');
    await preview.getByText('Urgent').waitFor();
    expect(await preview.textContent()).toBe('Bleed radiatorOHOmar HaddadBoiler 2Tomorrow 14:00Urgent');
    await page.keyboard.press('Enter');
    await page.getByText('Task created').waitFor();
    const task = await taskCalled('Bleed radiator');
    expect(task).toMatchObject({ employee_name: 'Omar Haddad', system_name: 'Boiler 2', priority: 'urgent' });
    const { rows } = await board.psql.query(
      `select $1::timestamptz at time zone $2 = date_trunc('day', now() at time zone $2) + interval '1 day 14 hours' as is_so`,
      [task.due_at, timezone],
    );
    expect(rows[0].is_so).toBe(true);
  });

  inBrowser('tells of a name that nobody has, and adds the employee at a click', async () => {
    const page = await board.open('/board');
    await openForm(page);
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
    await isOpen(page.getByRole('form', { name: 'New tasks' }));
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
      // What a manager has still to do is open, and no name of a column is cut.
      for (const status of ['draft', 'sent', 'in_progress', 'not_completed', 'pending_approval']) {
        expect([status, await columnOf(page, status).locator('.column-cards').count()]).toEqual([status, 1]);
      }
      const names = page.locator('.column-head .column-name');
      const cut = await names.evaluateAll((all) => all.filter((name) => name.scrollWidth > name.clientWidth).length);
      expect(cut).toBe(0);
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

describe('Today', () => {
  inBrowser('shows what is due by the hour, with the mark of now, and remembers the way', async () => {
    await board.psql.query(
      `insert into tasks (title, status, due_at) values
         ('Before midnight', 'sent', (date_trunc('day', now() at time zone $1) + interval '23:50') at time zone $1)`,
      [timezone],
    );
    const page = await board.open('/');
    await page.getByRole('button', { name: 'By the hour' }).click();
    const hour = page.locator('.hour', { hasText: 'Before midnight' });
    expect(await hour.locator('h3').textContent()).toBe('23:00 1');
    expect(await page.locator('.now-mark').count()).toBe(1);
    await page.reload();
    await hour.waitFor();
  });

  inBrowser('tells many changes of one hand as one, and opens them', async () => {
    const page = await board.open('/');
    await board.psql.query(`update tasks set note = 'seen' where status <> 'completed'`);
    const line = page.locator('.news > li').first();
    await line.getByText('Note from the employee changed').waitFor();
    const { rows } = await board.psql.query(`select count(*)::int as n from tasks where status <> 'completed'`);
    await line.locator('summary').click();
    expect(await line.locator('summary').textContent()).toBe(`${rows[0].n} tasks`);
    expect(await line.locator('details li').count()).toBe(rows[0].n);
    expect(await line.textContent()).toContain('in the database by');
  });
});

describe('who hears the page', () => {
  inBrowser('is told of one change by its title, and of many by their number', async () => {
    const page = await board.open('/board');
    const said = page.locator('[data-announcer]');
    await board.psql.query(`update tasks set note = 'heard' where title = 'Check valve'`);
    await said.getByText(/^Check valve: changed by .+ \(psql\)$/).waitFor({ state: 'attached' });
    await board.psql.query(`update tasks set note = 'heard of many' where title in ('Check valve', 'Paint the gate')`);
    await said.getByText('2 tasks changed by others').waitFor({ state: 'attached' });
  });
});

describe('the feed screen', () => {
  inBrowser('draws the last minute and says in words how the listener is', async () => {
    const page = await board.open('/feed');
    await board.psql.query(`update tasks set note = 'measured' where id = 1`);
    await page.getByText('Hears every change').waitFor();
    await page.getByText('every screen equals the database').waitFor();
    const latency = page.locator('.chart', { hasText: 'From commit to screens' });
    await latency.locator('.figure', { hasText: /^[\d.,]+ ms$/ }).waitFor();
    expect(await page.locator('.chart svg path.chart-line').count()).toBe(3);
    await eventually('a line is drawn', async () => {
      const line = await page
        .locator('.chart', { hasText: 'Changes per second' })
        .locator('.chart-line')
        .getAttribute('d');
      return line?.includes('L') === true;
    });
  });
});

describe('the sheets', () => {
  inBrowser('are one for each employee, in black on white, without what belongs to the screen', async () => {
    const page = await board.open('/print?employee=1', {
      context: { colorScheme: 'dark' },
      isAwaited: false,
      prepare: async (opened) => {
        await opened.addInitScript(() => Object.assign(window, { print: () => undefined }));
      },
    });
    await page.getByRole('heading', { name: 'Tasks of Dana Levi' }).waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.sheet').count()).toBe(1);
    expect(await page.locator('.print-bar').isVisible()).toBe(false);
    const colours = await page
      .locator('.sheet-title')
      .first()
      .evaluate((element) => getComputedStyle(element).color);
    expect(colours).toBe('rgb(0, 0, 0)');
    const printed = await page.locator('.sheet-title').allTextContents();
    expect(printed).toContain('Sweep chimney');
  });
});

describe('Escape', () => {
  inBrowser('closes the help on top of a screen, and then the drawer, one after the other', async () => {
    const page = await board.open('/table?task=1');
    await page.getByRole('button', { name: 'Send back' }).waitFor({ state: 'detached' });
    await board.psql.query(`update tasks set status = 'pending_approval' where id = 1`);
    await page.getByRole('button', { name: 'Send back' }).click();
    await page.getByLabel('What is still to be done?').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('What is still to be done?').waitFor({ state: 'detached' });
    expect(await page.getByRole('dialog', { name: 'Task 1' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Task 1' }).waitFor({ state: 'detached' });
    await board.psql.query(`update tasks set status = 'sent' where id = 1`);
  });
});

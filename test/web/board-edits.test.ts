// What people do on the board: the table holds what they see, and two who meet on one task are told.
import { beforeEach, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { isOpen, openBoard, startOver } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: '' });

beforeEach(async () => {
  if (board.psql) await startOver(board.psql);
});

const stored = async (column: string, id: number) => {
  const { rows } = await board.psql.query(`select ${column} as value from tasks where id = $1`, [id]);
  return rows[0]?.value as unknown;
};
const isStored = (column: string, id: number, wanted: unknown) =>
  eventually(`${column} of task ${id} is ${String(wanted)}`, async () => (await stored(column, id)) === wanted);
const card = (page: Page, title: string) => page.locator('.card', { hasText: title });
const column = (page: Page, status: string) => page.locator(`.column[data-status="${status}"]`);

async function openTask(page: Page, id: number): Promise<void> {
  await page.locator(`[data-task="${id}"]`).click();
  await isOpen(page.getByRole('dialog', { name: `Task ${id}` }));
}

describe('two managers', () => {
  const meet = async (): Promise<{ one: Page; field: string }> => {
    const one = await board.open('/table?task=1');
    const title = one.getByRole('textbox', { name: 'Title' });
    await title.fill('Sweep the chimney well');
    await board.psql.query(`update tasks set title = 'Sweep both chimneys' where id = 1`);
    await one.getByText('changed this while you write').waitFor();
    await title.press('Enter');
    await one.getByRole('dialog', { name: 'Changed meanwhile' }).waitFor();
    return { one, field: 'title' };
  };

  inBrowser('on one field: whoever was slower is told by whom, and may keep their own', async () => {
    const { one } = await meet();
    const dialog = one.getByRole('dialog', { name: 'Changed meanwhile' });
    await dialog.getByText(/Changed meanwhile by \w+ \(psql\)/).waitFor();
    await dialog.locator('[data-side="theirs"]', { hasText: 'Sweep both chimneys' }).waitFor();
    expect(await stored('title', 1)).toBe('Sweep both chimneys');
    await dialog.getByRole('button', { name: 'Keep mine' }).click();
    await isStored('title', 1, 'Sweep the chimney well');
  });

  inBrowser('on one field: or take theirs, which then stands in the table and on the screen', async () => {
    const { one } = await meet();
    await one.getByRole('button', { name: 'Take theirs' }).click();
    await one.locator('textarea').and(one.getByLabel('Title')).waitFor();
    await eventually(
      'theirs is shown',
      async () => (await one.getByLabel('Title').inputValue()) === 'Sweep both chimneys',
    );
    expect(await stored('title', 1)).toBe('Sweep both chimneys');
  });

  inBrowser('on different fields do not disturb each other', async () => {
    const one = await board.open('/table?task=1');
    const title = one.getByRole('textbox', { name: 'Title' });
    await title.fill('Sweep it');
    await board.psql.query(`update tasks set priority = 'optional' where id = 1`);
    await one.locator('#task-priority').and(one.locator(':has(option[value="optional"]:checked)')).waitFor();
    await title.press('Enter');
    await isStored('title', 1, 'Sweep it');
    expect(await stored('priority', 1)).toBe('optional');
    expect(await one.getByRole('dialog', { name: 'Changed meanwhile' }).count()).toBe(0);
  });
});

describe('a card', () => {
  inBrowser('is moved by dragging, shown at once, without ever going back', async () => {
    const page = await board.open('/board');
    await page.route('**/api/tasks/3', async (route) => {
      await held;
      await route.continue();
    });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await card(page, 'Replace seal').waitFor();
    await page.evaluate(() => {
      const places: string[] = [];
      Object.assign(window, { places });
      const look = () => {
        const found =
          document.querySelector('[data-task="3"]')?.closest('.column')?.getAttribute('data-status') ?? 'nowhere';
        if (places.at(-1) !== found) places.push(found);
        requestAnimationFrame(look);
      };
      look();
    });
    await card(page, 'Replace seal').dragTo(column(page, 'in_progress').locator('.column-cards'));
    await column(page, 'in_progress').getByText('Replace seal').waitFor();
    expect(await stored('status', 3)).toBe('draft');
    release();
    await isStored('status', 3, 'in_progress');
    await page.getByRole('button', { name: 'Undo' }).click();
    await isStored('status', 3, 'draft');
    await column(page, 'draft').getByText('Replace seal').waitFor();
    // What is on the screen is written down with the next frame.
    const places = () => page.evaluate<string[]>(() => Reflect.get(window, 'places'));
    await eventually('it is back', async () => (await places()).length > 2);
    expect(await places()).toEqual(['draft', 'in_progress', 'draft']);
  });

  inBrowser('is moved by the keyboard, which stays on it', async () => {
    const page = await board.open('/board');
    await page.locator('[data-task="3"]').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await eventually('the focus is on the card', () =>
      page.evaluate(() => document.activeElement?.closest('[data-status]')?.getAttribute('data-status') === 'sent'),
    );
    // At once again, before the first has come back. Only the employee can say that it was received: that column is left out.
    await page.keyboard.press('Shift+ArrowRight');
    await isStored('status', 3, 'in_progress');
  });

  inBrowser('is moved by its menu', async () => {
    const page = await board.open('/board');
    await page.getByRole('button', { name: 'Actions for Replace seal' }).click();
    expect(await page.getByRole('menuitem', { name: 'Received' }).isDisabled()).toBe(true);
    await page.getByRole('menuitem', { name: 'Not completed', exact: true }).click();
    await isStored('status', 3, 'not_completed');
  });

  inBrowser('goes back where it was when the server refuses, and says so', async () => {
    const page = await board.open('/board');
    await page.route('**/api/tasks/3', (route) =>
      route.fulfill({
        status: 500,
        json: { title: 'Something went wrong here', status: 500, code: 'internal', type: 'about:blank' },
      }),
    );
    await page.locator('[data-task="3"]').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByText('That did not work').waitFor();
    await column(page, 'draft').getByText('Replace seal').waitFor();
    expect(await stored('status', 3)).toBe('draft');
  });
});

describe('tasks', () => {
  inBrowser('are created one in a line and many by pasting lines, and undone together', async () => {
    const page = await board.open('/');
    await page.keyboard.press('n');
    const field = page.getByRole('textbox', { name: 'What is to be done?' });
    await field.fill('Oil the hinge');
    await field.press('Enter');
    await eventually(
      'it is stored',
      async () => (await board.psql.query(`select from tasks where title = 'Oil the hinge'`)).rowCount === 1,
    );
    await field.fill('- Check pump 1\n2. Check pump 2\n\n[ ] Check pump 3');
    await page.getByRole('button', { name: 'Add 3 tasks' }).click();
    await page.getByText('3 tasks created').waitFor();
    const { rows } = await board.psql.query(`select title from tasks where title like 'Check pump%' order by id`);
    expect(rows.map(({ title }) => title)).toEqual(['Check pump 1', 'Check pump 2', 'Check pump 3']);
    await page.locator('.toast', { hasText: '3 tasks created' }).getByRole('button', { name: 'Undo' }).click();
    await eventually(
      'they are gone',
      async () => (await board.psql.query(`select from tasks where title like 'Check pump%'`)).rowCount === 0,
    );
  });

  inBrowser('are approved, and sent back with a reason', async () => {
    const page = await board.open('/');
    await page.getByRole('button', { name: 'Send back' }).click();
    await page.getByLabel('What is still to be done?').fill('Use the blue grease');
    await page.locator('form').getByRole('button', { name: 'Send back' }).click();
    await isStored('status', 4, 'in_progress');
    expect(await stored('review_note', 4)).toBe('Use the blue grease');
    await board.psql.query(`update tasks set status = 'pending_approval' where id = 4`);
    await page.getByRole('button', { name: 'Approve' }).click();
    await isStored('status', 4, 'completed');
    await page.getByText('Nothing waits for you.').waitFor();
  });

  inBrowser('are changed, deleted and brought back many at once', async () => {
    const page = await board.open('/table');
    await page.getByRole('checkbox', { name: 'Select all shown' }).check();
    await page.getByText('5 selected').waitFor();
    await page.locator('.bulk').getByRole('button', { name: 'Employee' }).click();
    await page.getByRole('menuitem', { name: 'Omar Haddad' }).click();
    await eventually(
      'all are his',
      async () => (await board.psql.query('select from tasks where employee_id = 2')).rowCount === 5,
    );
    await page.locator('.bulk').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('5 tasks deleted').waitFor();
    await eventually('all are gone', async () => (await board.psql.query('select from tasks')).rowCount === 0);
    await page.locator('.toast', { hasText: '5 tasks deleted' }).getByRole('button', { name: 'Undo' }).click();
    await eventually(
      'all are back',
      async () => (await board.psql.query('select from tasks where employee_id = 2')).rowCount === 5,
    );
  });

  inBrowser('deleted in psql are listed and brought back as they were', async () => {
    const page = await board.open('/table');
    await board.psql.query('delete from tasks where id = 2');
    await page.locator('.soft', { hasText: '4 tasks' }).waitFor();
    await page.getByRole('button', { name: 'Recently deleted' }).click();
    const line = page.locator('.deleted li', { hasText: 'Check valve' });
    await line.getByText('in the database by').waitFor();
    await line.getByRole('button', { name: 'Restore' }).click();
    await isStored('status', 2, 'received');
    await page.locator('.table-row[data-id="2"]').waitFor();
  });
});

describe('without a mouse', () => {
  inBrowser('a person searches, goes through the tasks, selects, opens, edits, closes and undoes', async () => {
    const page = await board.open('/table');
    await page.keyboard.press('/');
    await page.keyboard.type('seal');
    await page.locator('.soft', { hasText: '1 of 5 tasks' }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('seal');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Escape');
    await page.getByText('5 tasks', { exact: true }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-task'));
    await page.keyboard.press('j');
    const first = await focused();
    await page.keyboard.press('j');
    const second = await focused();
    expect(first).not.toBe(second);
    await page.keyboard.press('x');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('k');
    expect(await focused()).toBe(first);
    await page.keyboard.press('Enter');
    await isOpen(page.getByRole('dialog', { name: `Task ${first}` }));
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await eventually('the focus is back', async () => (await focused()) === first);
    await page.keyboard.press('e');
    await page.getByRole('dialog').waitFor();
    await eventually('the title is being edited', () =>
      page.evaluate(() => document.activeElement?.id === 'task-title'),
    );
    await page.keyboard.type('Written by hand');
    await page.keyboard.press('Enter');
    await isStored('title', Number(first), 'Written by hand');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('z');
    await eventually('it was taken back', async () => (await stored('title', Number(first))) !== 'Written by hand');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  });
});

describe('what is half written', () => {
  inBrowser('in the drawer is kept when "back" closes it', async () => {
    const page = await board.open('/table');
    await openTask(page, 1);
    await page.locator('#task-description').fill('Mind the wasps');
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await isStored('description', 1, 'Mind the wasps');
  });

  inBrowser('is not kept when Escape gave it up before', async () => {
    const page = await board.open('/table');
    await openTask(page, 1);
    await page.locator('#task-description').fill('No');
    await page.locator('#task-description').press('Escape');
    await page.locator('#task-note').fill('Yes');
    await page.goBack();
    await isStored('note', 1, 'Yes');
    expect(await stored('description', 1)).toBe(null);
  });

  inBrowser('as a reason is not sent by "back", and is still there', async () => {
    const page = await board.open('/table');
    const reason = page.getByLabel('What is still to be done?');
    await openTask(page, 4);
    await page.getByRole('dialog').getByRole('button', { name: 'Send back' }).click();
    await reason.and(page.locator(':focus')).waitFor();
    await reason.fill('The other bearing');
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await openTask(page, 4);
    await page.getByRole('dialog').getByRole('button', { name: 'Send back' }).click();
    await reason.waitFor();
    expect(await reason.inputValue()).toBe('The other bearing');
    expect(await stored('status', 4)).toBe('pending_approval');
  });
});

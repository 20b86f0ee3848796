// Writes that meet: one's own of the same task, one after the other; those of two managers; and clicks that come twice.
import { beforeEach, describe, expect } from '@jest/globals';
import type { Page, Request } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { addManager, hold, isOpen, isReady, openBoard, startOver, writesOf } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: '' });

beforeEach(async () => {
  if (board.psql) await startOver(board.psql);
});

const statuses = async () => {
  const { rows } = await board.psql.query<{ status: string }>('select status from tasks order by id');
  return rows.map(({ status }) => status).join(' ');
};
const are = (wanted: string) => eventually(`the tasks are ${wanted}`, async () => (await statuses()) === wanted);
const stored = async (column: string, id: number) =>
  (await board.psql.query(`select ${column} as value from tasks where id = $1`, [id])).rows[0]?.value as unknown;
const isStored = (column: string, id: number, wanted: unknown) =>
  eventually(`${column} of task ${id} is ${String(wanted)}`, async () => (await stored(column, id)) === wanted);
const conflict = (page: Page) => page.getByRole('dialog', { name: 'Changed meanwhile' });
const row = (page: Page, id: number) => page.locator(`.table-row[data-id="${id}"]`);

/** What the server refuses of a page's writes from now on, also within an answer to many; once all are answered. */
function refusalsOf(page: Page): () => Promise<string[]> {
  const answers: Promise<string | undefined>[] = [];
  const refusalIn = async (request: Request) => {
    const response = await request.response();
    const text = response?.status() === 200 ? await response.text() : '';
    const refused = response?.ok() ? /"result":"(?!ok)\w+"/.exec(text)?.[0] : `${response?.status()}`;
    return refused && `${request.method()} ${request.url()}: ${refused}`;
  };
  page.on('request', (request) => {
    if (request.method() !== 'GET') answers.push(refusalIn(request).catch(String));
  });
  return async () => (await Promise.all(answers)).filter((refusal) => refusal !== undefined);
}

async function chooseAll(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: 'Select all shown' }).check();
  await page.getByText('5 selected', { exact: true }).waitFor();
}

async function setAll(page: Page, status: string): Promise<void> {
  await page.locator('.bulk').getByRole('button', { name: 'Status' }).click();
  await page.getByRole('menuitem', { name: status, exact: true }).click();
}

describe('a person who is quick', () => {
  inBrowser('changes many, and one of them before that has come back: both are kept, in that order', async () => {
    const page = await board.open('/table?task=3');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const [refusals, writes, release] = [refusalsOf(page), writesOf(page), await hold(page, 'PATCH', '/api/tasks')];
    await chooseAll(page);
    await setAll(page, 'In progress');
    await row(page, 3).getByText('In progress').waitFor();
    await eventually('it is on its way', () => writes.length > 0);
    await row(page, 3).getByRole('link').click();
    await isOpen(page.getByRole('dialog', { name: 'Task 3' }));
    await page.getByRole('combobox', { name: 'Status' }).selectOption('completed');
    await row(page, 3).getByText('Completed').waitFor();
    expect(writes).toEqual(['PATCH /api/tasks']);
    release();
    await are('in_progress in_progress completed in_progress in_progress');
    expect(writes).toEqual(['PATCH /api/tasks', 'PUT /api/tasks/3']);
    expect(await refusals()).toEqual([]);
    expect(await conflict(page).count()).toBe(0);
  });

  inBrowser('changes one, and many with it before that has come back: both are kept, in that order', async () => {
    const page = await board.open('/table?task=3');
    const [refusals, writes, release] = [refusalsOf(page), writesOf(page), await hold(page, 'PUT', '/api/tasks/3')];
    await page.getByRole('combobox', { name: 'Status' }).selectOption('completed');
    await row(page, 3).getByText('Completed').waitFor();
    await eventually('it is on its way', () => writes.length > 0);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await chooseAll(page);
    await setAll(page, 'Not completed');
    await row(page, 3).getByText('Not completed').waitFor();
    expect(writes).toEqual(['PUT /api/tasks/3']);
    release();
    await are('not_completed not_completed not_completed not_completed not_completed');
    expect(await refusals()).toEqual([]);
    await page.getByText('5 tasks changed').waitFor();
  });

  inBrowser('changes and deletes a task in one breath: it is deleted, and nothing has failed', async () => {
    const page = await board.open('/table?task=3');
    const [refusals, release] = [refusalsOf(page), await hold(page, 'PUT', '/api/tasks/3')];
    await page.getByRole('combobox', { name: 'Status' }).selectOption('completed');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row(page, 3).waitFor({ state: 'detached' });
    release();
    await eventually('it is gone', async () => (await stored('status', 3)) === undefined);
    await page.getByText('“Replace seal” deleted').waitFor();
    expect(await refusals()).toEqual([]);
  });

  inBrowser('is not told of a conflict with themselves when somebody else changed another field between', async () => {
    const page = await board.open('/table?task=3');
    const release = await hold(page, 'PUT', '/api/tasks/3');
    const status = page.getByRole('combobox', { name: 'Status' });
    await status.selectOption('sent');
    await status.selectOption('in_progress');
    // Before the first has arrived, so that it makes two steps of the version at once.
    await board.psql.query(`update tasks set priority = 'urgent' where id = 3`);
    release();
    await isStored('status', 3, 'in_progress');
    expect(await stored('priority', 3)).toBe('urgent');
    expect(await conflict(page).count()).toBe(0);
  });

  inBrowser('takes back what a message tells of, not what was done last', async () => {
    const page = await board.open('/table');
    for (const title of ['Check valve', 'Replace seal']) {
      await page.getByRole('link', { name: title }).click();
      await isOpen(page.getByRole('dialog'));
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByText(`“${title}” deleted`).waitFor();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    const told = page.locator('.toast', { hasText: 'Check valve' });
    await told.getByRole('button', { name: 'Undo' }).click();
    await isStored('title', 2, 'Check valve');
    await row(page, 2).waitFor();
    expect(await stored('title', 3)).toBeUndefined();
    // By the key: the other one; its message goes too.
    await page.keyboard.press('z');
    await isStored('title', 3, 'Replace seal');
    await page.locator('.toast', { hasText: 'Replace seal' }).waitFor({ state: 'detached' });
  });
});

describe('what is taken back', () => {
  inBrowser('is what was done last, also while it is still on its way', async () => {
    const page = await board.open('/board');
    const move = async (id: number, to: string) => {
      await page.locator(`.card [data-task="${id}"]`).focus();
      await page.keyboard.press('Shift+ArrowRight');
      await page.locator(`.column[data-status="${to}"] [data-task="${id}"]`).waitFor();
    };
    await move(1, 'in_progress');
    await page.locator('.toast', { hasText: 'Saved' }).waitFor();
    const writes = writesOf(page);
    const release = await hold(page, 'PUT', '/api/tasks/3');
    await move(3, 'sent');
    await page.keyboard.press('z');
    await eventually('it is on its way', () => writes.length > 0);
    release();
    await eventually('it is taken back', () => writes.length > 1);
    await are('in_progress received draft pending_approval completed');
    expect(writes).toEqual(['PUT /api/tasks/3', 'PUT /api/tasks/3']);
    await page.locator('.column[data-status="draft"] [data-task="3"]').waitFor();
    // And then what was done before.
    await page.keyboard.press('z');
    await are('sent received draft pending_approval completed');
  });
});

describe('two managers on one card', () => {
  /** Dana has moved the card to Sent while a move of the other to In progress is still on its way. */
  const meet = async (): Promise<{ one: Page; dana: Page }> => {
    const email = await addManager(board.psql, 'Dana');
    const [one, dana] = await Promise.all([board.open('/table'), board.open('/table?task=3', { as: email })]);
    const release = await hold(one, 'PUT', '/api/tasks/3');
    await one.goto(`${board.server.url}/board`);
    await isReady(one);
    await one.locator('.card [data-task="3"]').focus();
    await one.keyboard.press('Shift+ArrowRight');
    await one.locator('.column[data-status="sent"] [data-task="3"]').waitFor();
    await dana.getByRole('combobox', { name: 'Status' }).selectOption('not_completed');
    await isStored('status', 3, 'not_completed');
    release();
    await conflict(one).getByText('Changed meanwhile by Dana').waitFor();
    await conflict(one).locator('[data-side="theirs"]', { hasText: 'Not completed' }).waitFor();
    expect(await stored('status', 3)).toBe('not_completed');
    return { one, dana };
  };

  inBrowser('keep mine: it is in the table and on both screens', async () => {
    const { one, dana } = await meet();
    await conflict(one).getByRole('button', { name: 'Keep mine' }).click();
    await isStored('status', 3, 'sent');
    await one.locator('.column[data-status="sent"] [data-task="3"]').waitFor();
    await row(dana, 3).getByText('Sent').waitFor();
  });

  inBrowser('take theirs: it is in the table and on both screens', async () => {
    const { one, dana } = await meet();
    await conflict(one).getByRole('button', { name: 'Take theirs' }).click();
    await one.locator('.column[data-status="not_completed"] [data-task="3"]').waitFor();
    expect(await stored('status', 3)).toBe('not_completed');
    await row(dana, 3).getByText('Not completed').waitFor();
  });

  inBrowser('on two fields at once: both are asked about, one after the other', async () => {
    const one = await board.open('/table?task=3');
    const release = await hold(one, 'PUT', '/api/tasks/*');
    await one.getByRole('combobox', { name: 'Status' }).selectOption('sent');
    await one.getByRole('combobox', { name: 'Priority' }).selectOption('optional');
    await row(one, 3).getByText('Optional').waitFor();
    await board.psql.query(`update tasks set status = 'not_completed', priority = 'urgent' where id = 3`);
    release();
    await conflict(one).locator('[data-side="theirs"]', { hasText: 'Not completed' }).waitFor();
    await conflict(one).getByRole('button', { name: 'Keep mine' }).click();
    await conflict(one).locator('[data-side="theirs"]', { hasText: 'Urgent' }).waitFor();
    await conflict(one).getByRole('button', { name: 'Take theirs' }).click();
    await conflict(one).waitFor({ state: 'detached' });
    await isStored('status', 3, 'sent');
    expect(await stored('priority', 3)).toBe('urgent');
  });
});

describe('a double click', () => {
  inBrowser('approves one task, not the next one too', async () => {
    await board.psql.query(`update tasks set status = 'pending_approval' where id in (1, 2)`);
    const page = await board.open('/');
    const writes = writesOf(page);
    await page.getByRole('button', { name: 'Approve' }).nth(2).waitFor();
    await page.getByRole('button', { name: 'Approve' }).first().dblclick();
    await eventually('two are left', async () => (await page.getByRole('button', { name: 'Approve' }).count()) === 2);
    await page.locator('.toast', { hasText: 'Saved' }).waitFor();
    expect(writes).toHaveLength(1);
    expect((await statuses()).match(/pending_approval/g)).toHaveLength(2);
  });

  inBrowser('adds tasks once', async () => {
    const page = await board.open('/');
    await page.keyboard.press('n');
    const writes = writesOf(page);
    await page.getByRole('textbox', { name: 'What is to be done?' }).fill('Oil the hinge\nOil the gate');
    await page.getByRole('button', { name: 'Add 2 tasks' }).dblclick();
    await page.getByText('2 tasks created').waitFor();
    expect(writes).toEqual(['POST /api/tasks']);
    expect((await board.psql.query(`select from tasks where title like 'Oil%'`)).rowCount).toBe(2);
  });

  inBrowser('makes an employee once', async () => {
    const page = await board.open('/employees');
    const writes = writesOf(page);
    await page.getByRole('button', { name: 'New employee' }).click();
    await page.getByLabel('Name').fill('Noa Ben-David');
    await page.getByRole('button', { name: 'Save' }).dblclick();
    await page.getByRole('button', { name: /Noa Ben-David/ }).waitFor();
    expect(writes).toEqual(['POST /api/employees']);
    expect((await board.psql.query(`select from employees where name like 'Noa%'`)).rowCount).toBe(1);
  });

  inBrowser('deletes a system once', async () => {
    const page = await board.open('/systems?id=2');
    const writes = writesOf(page);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).dblclick();
    await page.getByRole('button', { name: /Intake pump/ }).waitFor({ state: 'detached' });
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(writes).toEqual(['DELETE /api/systems/2']);
  });

  inBrowser('revokes a link once, and does not make a new one by it', async () => {
    await board.server.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] });
    const page = await board.open('/links');
    const writes = writesOf(page);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).dblclick();
    await page.getByText('Ended links').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(writes).toEqual(['DELETE /api/links/1']);
  });

  inBrowser('brings a deleted task back once', async () => {
    await board.psql.query('delete from tasks where id = 2');
    const page = await board.open('/table');
    const writes = writesOf(page);
    await page.getByRole('button', { name: 'Recently deleted' }).click();
    const line = page.getByRole('listitem').filter({ hasText: 'Check valve' });
    await line.getByRole('button', { name: 'Restore' }).dblclick();
    await page.locator('.toast', { hasText: 'Restored' }).waitFor();
    expect(writes).toEqual(['POST /api/tasks/2/restore']);
    await isStored('title', 2, 'Check valve');
  });
});

// Employees and systems on the board: what is done there is in the database and on every screen.
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { isEqualToTable, openBoard, startOver } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: '' });

beforeEach(async () => {
  if (board.psql) await startOver(board.psql);
});

const count = async (sql: string) => (await board.psql.query(sql)).rowCount;

describe('employees and systems', () => {
  inBrowser('are created and renamed, and the new name is on every task at once', async () => {
    const [page, table] = await Promise.all([board.open('/employees'), board.open('/table')]);
    await page.getByRole('button', { name: 'New employee' }).click();
    await page.getByLabel('Name').fill('Noa Ben-David');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: /Noa Ben-David/ }).waitFor();
    expect(await count(`select from employees where name = 'Noa Ben-David'`)).toBe(1);
    await page.getByRole('button', { name: /Dana Levi/ }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Name').fill('Dana Cohen');
    await page.getByRole('button', { name: 'Save' }).click();
    await eventually('both tasks show it', async () => (await table.getByText('Dana Cohen').count()) === 2);
  });

  for (const { path, table, old, name } of [
    { path: '/employees?id=2', table: 'employees', old: 'Omar Haddad', name: 'Omar Levi' },
    { path: '/systems?id=1', table: 'systems', old: 'Boiler 2', name: 'Boiler 3' },
  ]) {
    inBrowser(`are renamed at ${path}, which shows on every screen of every browser without a reload`, async () => {
      const [page, one, two] = await Promise.all([board.open(path), board.open('/board'), board.open('/table')]);
      for (const other of [one, two]) await other.evaluate(() => Object.assign(window, { mark: 'still here' }));
      const before = await one.getByText(old, { exact: true }).count();
      expect(before).toBeGreaterThan(1);
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name }).waitFor();
      for (const other of [one, two]) {
        await eventually(`${before} tasks show it`, async () => {
          return (await other.getByText(name, { exact: true }).count()) === before;
        });
        expect(await other.getByText(old, { exact: true }).count()).toBe(0);
        expect(await other.evaluate(() => Reflect.get(window, 'mark'))).toBe('still here');
      }
      expect(await count(`select from ${table} where name = '${name}'`)).toBe(1);
      await isEqualToTable(two, board.psql);
    });
  }

  inBrowser('show their open work, and changes of it by others at once', async () => {
    const page = await board.open('/employees?id=1');
    const work = page.getByRole('region', { name: 'Open work' });
    await work.getByText('Replace seal').waitFor();
    await board.psql.query('update tasks set employee_id = 2 where id = 3');
    await work.getByText('Replace seal').waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /1 open task/ })
      .first()
      .waitFor();
    await board.psql.query('update tasks set employee_id = 1 where id = 3');
    await work.getByText('Replace seal').waitFor();
  });

  inBrowser('are laid out by styles of their own, not by those of the drawer, which comes later', async () => {
    const page = await board.open('/systems?id=1', {
      prepare: (opened) => opened.route('**/assets/task-drawer-*', (route) => route.abort()),
    });
    await board.psql.query(`update systems set location = 'Bay 4' where id = 1`);
    const name = await page.getByText('Location', { exact: true }).boundingBox();
    const value = await page.getByText('Bay 4', { exact: true }).last().boundingBox();
    expect(value?.y).toBe(name?.y);
    const display = await page.locator('.steps').evaluate((element) => getComputedStyle(element).display);
    expect(display).toBe('flex');
  });

  inBrowser('are left behind: what was open there opens nothing on the screen that comes next', async () => {
    const page = await board.open('/employees?new');
    await page.locator('form.row-form').waitFor();
    await page.getByRole('link', { name: 'Today' }).first().click();
    await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await page.getByRole('form', { name: 'New tasks' }).count()).toBe(0);
    await page.goto(`${board.server.url}/table?employee=2&sort=title&task=4`);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Board' }).first().click();
    await page.getByRole('heading', { name: 'Board', level: 1 }).waitFor();
    expect(new URL(page.url()).search).toBe('?employee=2');
  });

  inBrowser('that have open work are deleted after a question: the tasks stay, the links end', async () => {
    await board.server.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] });
    const [page, table] = await Promise.all([board.open('/employees?id=1'), board.open('/table')]);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page
      .getByRole('dialog')
      .getByText(/Their tasks stay and belong to nobody; their links end/)
      .waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await count('select from employees where id = 1')).toBe(1);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await eventually('two tasks belong to nobody', async () => {
      return (await table.locator('.table-row', { hasText: 'Nobody' }).count()) === 3;
    });
    await isEqualToTable(table, board.psql);
    expect(await count('select from employees where id = 1')).toBe(0);
    expect(await count('select from links where employee_id = 1 and revoked_at is null')).toBe(0);
  });

  inBrowser('that are systems are deleted, and their tasks have none', async () => {
    const [page, table] = await Promise.all([board.open('/systems?id=2'), board.open('/table')]);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await eventually('no task shows it', async () => (await table.getByText('Intake pump').count()) === 0);
    await isEqualToTable(table, board.psql);
    expect(await count('select from tasks where system_id is not null')).toBe(2);
  });
});

describe('an employee and a system with the id 0, put in by hand', () => {
  inBrowser('are not nobody and nothing: not in a filter, a list, a form, a link, nor on paper', async () => {
    await board.psql.query(`
      insert into employees (id, name) overriding system value values (0, 'Nil Zero');
      insert into systems (id, name) overriding system value values (0, 'Nought');
      update tasks set employee_id = 0, system_id = 0 where id = 2;
      update tasks set employee_id = null, system_id = null where id = 3`);
    const page = await board.open('/table?employee=none');
    const titles = page.locator('.table-row .task-link');
    await page.getByText('1 of 5 tasks', { exact: true }).waitFor();
    expect(await titles.allTextContents()).toEqual(['Replace seal']);
    await page.goto(`${board.server.url}/table?system=0`);
    await page.getByText('1 of 5 tasks', { exact: true }).waitFor();
    expect(await titles.allTextContents()).toEqual(['Check valve']);
    await page.getByRole('button', { name: 'System: Nought' }).click();
    await page.getByRole('checkbox', { name: 'No system' }).click();
    await page.getByText('3 of 5 tasks', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('system')).toBe('0,none');
    await page.goto(`${board.server.url}/employees`);
    await page.getByRole('button', { name: /Nil Zero/ }).waitFor();
    expect(await page.getByRole('heading', { name: 'Nil Zero' }).count()).toBe(0);
    await page.goto(`${board.server.url}/?employee=0`);
    await page.getByRole('button', { name: 'New task' }).click();
    await page.getByRole('form', { name: 'New tasks' }).locator(':focus').waitFor();
    await page.keyboard.type('Count to nothing');
    await page.locator('.preview-line', { hasText: 'Nil Zero' }).waitFor();
    await page.getByRole('button', { name: 'Add 1 task' }).click();
    await eventually('both tasks are theirs', async () => {
      return (await count('select from tasks where employee_id = 0')) === 2;
    });
    await page.goto(`${board.server.url}/links?employee=0`);
    await page.getByRole('button', { name: 'Make a link for 2 tasks' }).click();
    await page.getByRole('dialog', { name: 'The link is ready' }).waitFor();
    expect(await count('select from links where employee_id = 0')).toBe(1);
  });
});

describe('the table', () => {
  inBrowser('goes away as CSV, as it is filtered', async () => {
    const page = await board.open('/table?q=chimney');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('Sweep chimney,Sent,Urgent');
  });
});

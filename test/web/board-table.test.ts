// The table as a tool: filters that combine and live in the address, order, the keyboard through rows that are not drawn
// yet, a range of rows, and what is taken away as CSV or on paper.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { openBoard } from './board-page.ts';

const timezone = 'Asia/Kolkata';

const { board, inBrowser } = openBoard({
  timezone,
  seed: `
    insert into systems (name) values ('Boiler 2'), ('Intake pump');
    insert into employees (name) values ('Dana Levi'), ('Omar Haddad');
    insert into tasks (title, status, priority, system_id, employee_id, due_at)
      select 'Task ' || lpad(n::text, 3, '0'), (array['draft','sent','in_progress'])[1 + n % 3],
        (array['urgent','normal'])[1 + n % 2], nullif(n % 3, 0), nullif(n % 4, 3) + 1 - (n % 4) / 2,
        case when n % 5 > 0 then timestamptz '2031-05-06 07:08:00Z' + n * interval '1 hour' end
      from generate_series(1, 300) n;
    update tasks set description = E'He said "oil, grease",\\nthen left', note = '=1+1' where id = 7;
    update tasks set employee_id = null where employee_id not in (1, 2);`,
});

const titles = (page: Page) => page.locator('.table-row .task-link').allTextContents();
const isCounted = (page: Page, text: string) => page.getByText(text, { exact: true }).waitFor();
const wanted = async (where: string) => {
  const { rows } = await board.psql.query<{ title: string }>(`select title from tasks where ${where} order by title`);
  return rows.map(({ title }) => title);
};

/** Chooses in the menu of a filter. */
async function filter(page: Page, name: string, choice: string): Promise<void> {
  await page.getByRole('button', { name: `${name}: ${name}` }).click();
  const box = page.getByRole('checkbox', { name: choice, exact: true });
  await box.click();
  await box.and(page.locator(':checked')).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('group', { name }).waitFor({ state: 'detached' });
}

describe('filters', () => {
  inBrowser('combine, are in the address, and come back with it: back, forward, sent to somebody else', async () => {
    const page = await board.open('/table?sort=title');
    await filter(page, 'Status', 'Sent');
    await isCounted(page, '100 of 300 tasks');
    await filter(page, 'Employee', 'Unassigned');
    await filter(page, 'Priority', 'Normal');
    const where = `status = 'sent' and employee_id is null and priority = 'normal'`;
    const expected = await wanted(where);
    expect(expected.length).toBeGreaterThan(3);
    await isCounted(page, `${expected.length} of 300 tasks`);
    expect((await titles(page)).slice(0, 5)).toEqual(expected.slice(0, 5));
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({
      sort: 'title',
      status: 'sent',
      employee: 'none',
      priority: 'normal',
    });
    const other = await board.open(new URL(page.url()).pathname + new URL(page.url()).search);
    await eventually('the other shows the same', async () =>
      isDeepStrictEqual(await titles(other), await titles(page)),
    );
    await page.goBack();
    await page.goBack();
    await isCounted(page, '100 of 300 tasks');
    await page.goBack();
    await isCounted(page, '300 tasks');
    await page.goForward();
    await isCounted(page, '100 of 300 tasks');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await isCounted(page, '300 tasks');
  });

  inBrowser('by text leave one step to go back, not one for every letter', async () => {
    const page = await board.open('/table');
    await page.getByRole('searchbox', { name: 'Search' }).pressSequentially('Task 12');
    await isCounted(page, '13 of 300 tasks');
    await page.goBack();
    await isCounted(page, '300 tasks');
    expect(new URL(page.url()).pathname).toBe('/table');
    const search = page.getByRole('searchbox', { name: 'Search' });
    await eventually('nothing is searched for', async () => (await search.inputValue()) === '');
  });
});

describe('rows', () => {
  inBrowser('are sorted by a column, and the other way round by the same', async () => {
    const page = await board.open('/table');
    const head = page.getByRole('columnheader', { name: 'Title' });
    await head.getByRole('button').click();
    await page.locator('[aria-sort="ascending"]', { hasText: 'Title' }).waitFor();
    expect((await titles(page)).slice(0, 3)).toEqual(['Task 001', 'Task 002', 'Task 003']);
    await head.getByRole('button').click();
    await page.locator('[aria-sort="descending"]', { hasText: 'Title' }).waitFor();
    expect((await titles(page)).slice(0, 3)).toEqual(['Task 300', 'Task 299', 'Task 298']);
    expect(new URL(page.url()).searchParams.get('sort')).toBe('-title');
  });

  inBrowser('are reached by the keyboard far beyond those that are drawn, and never hidden by the head', async () => {
    const page = await board.open('/table?sort=title');
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    // Of the rows beyond the screen a few are drawn, with the frame after the scrolling.
    const go = async (key: string, title: string) => {
      await page.getByRole('link', { name: title, exact: true }).waitFor({ state: 'attached' });
      await page.keyboard.press(key);
      await eventually(`the focus is on ${title}`, async () => (await focused()) === title);
    };
    const name = (at: number) => `Task ${String(at).padStart(3, '0')}`;
    await page.getByRole('link', { name: 'Task 060' }).waitFor({ state: 'detached' });
    for (let at = 1; at <= 60; at += 1) await go('j', name(at));
    for (let at = 59; at >= 20; at -= 1) await go('k', name(at));
    const isBelowHead = await page.evaluate(() => {
      const head = document.querySelector('.table-head')?.getBoundingClientRect().bottom ?? 0;
      return (document.activeElement?.getBoundingClientRect().top ?? 0) >= head;
    });
    expect(isBelowHead).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Task 20', exact: true }).waitFor();
  });

  inBrowser('are chosen from one to another with Shift', async () => {
    const page = await board.open('/table?sort=title');
    const box = (id: number) => page.getByRole('checkbox', { name: `Select task ${id}`, exact: true });
    await box(3).click();
    await box(7).click({ modifiers: ['Shift'] });
    await page.getByText('5 selected', { exact: true }).waitFor();
    expect(await box(5).isChecked()).toBe(true);
    await box(6).click({ modifiers: ['Shift'] });
    // From 7 to 6: both are taken out again, as the last one is.
    await page.getByText('3 selected', { exact: true }).waitFor();
    expect([await box(5).isChecked(), await box(6).isChecked(), await box(7).isChecked()]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

describe('taken away', () => {
  inBrowser('as CSV it is the current view, in its order, cell for cell what the table holds', async () => {
    const page = await board.open('/table?employee=1&sort=-title');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text.startsWith('\ufeff')).toBe(true);
    const [head, ...rows] = parseCsv(text.slice(1));
    expect(head?.slice(0, 7)).toEqual(['No.', 'Title', 'Status', 'Priority', 'Employee', 'System', 'Due']);
    const { rows: stored } = await board.psql.query<string[]>({
      rowMode: 'array',
      text: `select id::text, title, case status when 'in_progress' then 'In progress' else initcap(status) end,
         initcap(priority), employee_name, coalesce(system_name, ''),
         coalesce(to_char(due_at at time zone '${timezone}', 'YYYY-MM-DD HH24:MI'), ''), coalesce(description, ''),
         case when note like '=%' then '''' || note else coalesce(note, '') end
       from task_details where employee_id = 1 order by title desc`,
    });
    expect(stored.length).toBeGreaterThan(50);
    expect(rows.map((row) => row.slice(0, 9))).toEqual(stored);
  });

  inBrowser('as CSV it has text with quotes, lines and formulas as text', async () => {
    const page = await board.open('/table?q=Task%20007');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    const [, row] = parseCsv(readFileSync(await download.path(), 'utf8').slice(1));
    expect(row?.slice(7, 9)).toEqual(['He said "oil, grease",\nthen left', `'=1+1`]);
  });

  inBrowser('on paper it is a sheet for each employee, with their open tasks, and printed once', async () => {
    await board.psql.query(`update tasks set status = 'completed' where id = 1`);
    const page = await board.open('/print?q=01', {
      isAwaited: false,
      prepare: (opened) =>
        opened.addInitScript(() => {
          Object.assign(window, { printed: 0 });
          window.print = () => Object.assign(window, { printed: Number(Reflect.get(window, 'printed')) + 1 });
        }),
    });
    await page.getByRole('heading', { name: 'Tasks of Dana Levi' }).waitFor();
    await page.emulateMedia({ media: 'print' });
    for (const [name, where] of [
      ['Tasks of Dana Levi', 'employee_id = 1'],
      ['Tasks of Omar Haddad', 'employee_id = 2'],
      ['Tasks that nobody has yet', 'employee_id is null'],
    ] as const) {
      const sheet = page.locator('.sheet').filter({ has: page.getByRole('heading', { name }) });
      const expected = await wanted(`${where} and title like '%01%' and status <> 'completed'`);
      expect(expected.length).toBeGreaterThan(0);
      expect((await sheet.locator('.sheet-title').allTextContents()).sort()).toEqual(expected);
    }
    // Each on a page of its own, and no empty page after the last.
    const breaks = await page
      .locator('.sheet')
      .evaluateAll((sheets) => sheets.map((one) => getComputedStyle(one).breakAfter));
    expect(breaks).toEqual(['page', 'page', 'auto']);
    expect(await page.getByRole('button').count()).toBe(0);
    // A change that comes later prints nothing by itself.
    await board.psql.query(`update tasks set title = 'Task 010 again' where id = 10`);
    await page.getByText('Task 010 again').waitFor();
    const printed = () => page.evaluate<number>(() => Reflect.get(window, 'printed'));
    await eventually('it is printed', async () => (await printed()) > 0);
    expect(await printed()).toBe(1);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  });
});

// Employees, systems and links on the board: what is done there is in the database, and the link works until it is revoked.
import { readFileSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { isLive, openBoard, small } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: small });

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
});

describe('a link', () => {
  inBrowser('is made of an employee’s tasks, shown once, opened, and dead when it is revoked', async () => {
    const page = await board.open('/links?employee=2');
    await page.getByRole('button', { name: 'Make a link for 1 task' }).click();
    const dialog = page.getByRole('dialog', { name: 'The link is ready' });
    await dialog.getByRole('img', { name: 'QR code of the link' }).waitFor();
    const url = await dialog.getByRole('textbox', { name: 'Links' }).inputValue();
    expect(await dialog.getByRole('textbox', { name: 'Share' }).inputValue()).toContain(url);
    expect(await dialog.getByRole('link', { name: 'Send by WhatsApp' }).getAttribute('href')).toMatch(
      /^https:\/\/wa\.me\/\?text=/,
    );
    await page.keyboard.press('Escape');
    expect((await fetch(url)).status).toBe(200);
    await fetch(`${url}/acknowledge`, { method: 'POST', redirect: 'manual' });
    await eventually(
      'the board has heard of it',
      async () => (await page.getByRole('cell', { name: 'not yet' }).count()) === 0,
    );
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Ended links').waitFor();
    expect((await fetch(url)).status).toBe(410);
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

  inBrowser('moves a task by the clock alone when it becomes late', async () => {
    const page = await board.open('/table?due=overdue');
    await board.psql.query(`insert into tasks (title, due_at) values ('Almost late', now() + interval '3 seconds')`);
    await page.goto(`${board.server.url}/table?q=almost`);
    await isLive(page);
    const row = page.locator('.table-row', { hasText: 'Almost late' });
    await row.waitFor();
    expect(await row.locator('.late').count()).toBe(0);
    await row.locator('.late').waitFor();
  });
});

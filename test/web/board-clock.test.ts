// The clock alone moves tasks, at the site's midnight and at due times, though nothing is told; the browser is on the other
// side of the world.
import { beforeEach, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { noonZone } from '../support/noon-zone.ts';
import { openBoard, startOver } from './board-page.ts';

const timezone = noonZone();

const { board, inBrowser } = openBoard({ seed: '', timezone });

const midnight = `(date_trunc('day', now() at time zone '${timezone}') + interval '1 day') at time zone '${timezone}'`;

beforeEach(async () => {
  if (!board.psql) return;
  await startOver(board.psql);
  await board.psql.query(`
    delete from tasks;
    insert into tasks (id, title, status, employee_id, due_at) overriding system value values
      (11, 'After midnight', 'sent', 1, ${midnight} + interval '30 minutes'),
      (12, 'Before midnight', 'sent', 1, ${midnight} - interval '30 minutes'),
      (13, 'In an hour', 'sent', 1, now() + interval '1 hour');`);
});

async function open(path: string): Promise<{ page: Page; told: string[] }> {
  const told: string[] = [];
  const page = await board.open(path, {
    context: { timezoneId: 'America/Phoenix' },
    prepare: async (opened) => {
      await opened.clock.install();
      opened.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          if (/feed:batch|feed:reset|:updated/.test(String(payload))) told.push(String(payload));
        }),
      );
    },
  });
  return { page, told };
}

/** From here on something is told only if it happens. The feed keeps the order: what began the test was before this. */
async function nothingIsLeftToTell(...pages: { told: string[] }[]): Promise<void> {
  const marker = `marker ${performance.now()}`;
  await board.psql.query('update systems set location = $1 where id = 2', [marker]);
  for (const { told } of pages) {
    await eventually('the marker is told', () => told.some((text) => text.includes(marker)));
    told.length = 0;
  }
}

const msTo = async (moment: string) => {
  const { rows } = await board.psql.query<{ ms: number }>(
    `select ceil(1000 * extract(epoch from ${moment} - now()))::float8 as ms`,
  );
  return rows[0]?.ms ?? 0;
};
const titles = (page: Page) => page.locator('.table-row .task-link').allTextContents();

describe('a due time', () => {
  inBrowser('makes a task late when it has passed, by the clock alone', async () => {
    const { page, told } = await open('/table?due=overdue');
    await nothingIsLeftToTell({ told });
    await page.getByText('No task fits these filters').waitFor();
    await page.clock.fastForward(61 * 60_000);
    await page
      .getByRole('row')
      .filter({ hasText: 'In an hour' })
      .getByText(/min late/)
      .waitFor();
    expect(await titles(page)).toEqual(['In an hour']);
    expect(told).toEqual([]);
  });

  inBrowser('is read and written at the site’s clock, not the browser’s', async () => {
    const { page } = await open('/table?task=11');
    expect(await page.getByLabel('Due at').inputValue()).toMatch(/T00:30$/);
    await page.getByLabel('Due at').fill('2031-05-06T07:08');
    await page.getByLabel('Due at').blur();
    await page.locator('.table-row[data-id="11"]').getByText('6 May 2031 07:08').waitFor();
    const at = `select from tasks where id = 11 and due_at = timestamp '2031-05-06 07:08' at time zone '${timezone}'`;
    await eventually('it is stored', async () => (await board.psql.query(at)).rowCount === 1);
  });
});

describe('the site’s midnight', () => {
  inBrowser('brings tomorrow’s tasks to today, and today’s to overdue, in the table', async () => {
    const { page, told } = await open('/table?due=today&sort=title');
    await page.getByRole('link', { name: 'Before midnight' }).waitFor();
    expect(await titles(page)).not.toContain('After midnight');
    const tomorrow = await open('/table?due=tomorrow');
    await tomorrow.page.getByRole('link', { name: 'After midnight' }).waitFor();
    await nothingIsLeftToTell({ told }, tomorrow);
    const ms = (await msTo(midnight)) + 60_000;
    for (const { page: one } of [{ page }, tomorrow]) await one.clock.fastForward(ms);
    await page.getByRole('link', { name: 'After midnight' }).waitFor();
    await page.getByRole('link', { name: 'Before midnight' }).waitFor({ state: 'detached' });
    await tomorrow.page.getByText('No task fits these filters').waitFor();
    expect([...told, ...tomorrow.told]).toEqual([]);
  });

  inBrowser('moves the counts of the first screen', async () => {
    await board.psql.query('delete from tasks where id = 13');
    const { page, told } = await open('/');
    await nothingIsLeftToTell({ told });
    const count = (name: string) => page.locator('.counts').getByText(name).locator('..');
    await count('due today').filter({ hasText: /^1\D/ }).waitFor();
    await count('overdue').filter({ hasText: /^0\D/ }).waitFor();
    await page.clock.fastForward((await msTo(midnight)) + 60_000);
    await count('overdue').filter({ hasText: /^1\D/ }).waitFor();
    await count('due today').filter({ hasText: /^1\D/ }).waitFor();
    await page
      .getByRole('region', { name: /^Overdue/ })
      .getByText('Before midnight')
      .waitFor();
    await page
      .getByRole('region', { name: /^Due today/ })
      .getByText('After midnight')
      .waitFor();
    expect(told).toEqual([]);
  });
});

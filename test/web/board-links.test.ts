// Links from the manager's side: what is made is what is sent, what the employee does shows at once, and what ends has ended.
import { beforeEach, describe, expect } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { eventually } from '../support/eventually.ts';
import { isOpen, openBoard, startOver } from './board-page.ts';
import { readQr } from './qr.ts';

const { board, inBrowser } = openBoard({ seed: '' });

beforeEach(async () => {
  if (board.psql) await startOver(board.psql);
});

const ready = (page: Page) => page.getByRole('dialog', { name: 'The link is ready' });
const urlIn = (dialog: Locator) => dialog.getByRole('textbox', { name: 'Links' }).inputValue();

/** A link of Dana with her two tasks; its dialog is closed. */
async function makeLink(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Make a link for 2 tasks' }).click();
  const url = await urlIn(ready(page));
  await isOpen(ready(page));
  await page.keyboard.press('Escape');
  await ready(page).waitFor({ state: 'detached' });
  return url;
}

/** The page of the employee, beside the board. */
async function openPhone(page: Page, url: string): Promise<Page> {
  const phone = await page.context().newPage();
  await phone.setViewportSize({ width: 390, height: 844 });
  await phone.goto(url);
  await phone.locator('.page[data-freshness="live"]').waitFor();
  return phone;
}

async function textOfQr(code: Locator): Promise<string> {
  const { size, path } = await code.evaluate((svg) => ({
    size: Number(svg.getAttribute('viewBox')?.split(' ')[2]),
    path: svg.querySelector('path')?.getAttribute('d') ?? '',
  }));
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`));
  const border = 2;
  return readQr(size - 2 * border, (x, y) => dark.has(`${x + border} ${y + border}`));
}

const scrollTo = (list: Locator, part: number) =>
  list.evaluate((element, share) => {
    element.scrollTop = share * (element.scrollHeight - element.clientHeight);
  }, part);

/** How the first and the last lines of a list look on the screen, where it has no text: as its card, or shaded. */
async function edgesOf(list: Locator): Promise<{ top: string; bottom: string }> {
  const { data, info } = await sharp(await list.screenshot())
    .raw()
    .toBuffer({ resolveWithObject: true });
  const lookAt = (y: number) => {
    const at = (y * info.width + Math.round(info.width / 2)) * info.channels;
    return data.subarray(at, at + 3).every((part) => part === 255) ? 'plain' : 'shaded';
  };
  return { top: lookAt(2), bottom: lookAt(info.height - 3) };
}

describe('a new link', () => {
  inBrowser('is of the chosen tasks, and the same to copy, to scan and to share', async () => {
    const page = await board.open('/links');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'New link' }).first().click();
    await page.getByRole('combobox', { name: 'Employee' }).selectOption('Dana Levi');
    await page.getByRole('checkbox', { name: /Sweep chimney/ }).uncheck();
    await page.getByRole('button', { name: 'Make a link for 1 task' }).click();
    const url = await urlIn(ready(page));
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/c\/[\w-]{43}$/);
    expect(await textOfQr(ready(page).getByRole('img', { name: 'QR code of the link' }))).toBe(url);
    await ready(page).getByRole('button', { name: 'Copy' }).click();
    await ready(page).getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);
    const text = `Hello Dana Levi, you have 1 task from Taskfeed: ${url}`;
    expect(await ready(page).getByRole('textbox', { name: 'Share' }).inputValue()).toBe(text);
    const whatsapp = await ready(page).getByRole('link', { name: 'Send by WhatsApp' }).getAttribute('href');
    expect(new URL(whatsapp ?? '').searchParams.get('text')).toBe(text);
    expect((await board.psql.query('select task_id from link_tasks')).rows).toEqual([{ task_id: 3 }]);
    const phone = await openPhone(page, url);
    expect(await phone.locator('.task').count()).toBe(1);
    await phone.getByRole('heading', { name: 'Replace seal' }).waitFor();
  });

  inBrowser('is made of tasks that were chosen in the table', async () => {
    const page = await board.open('/table');
    await page.getByRole('checkbox', { name: 'Select task 1' }).check();
    await page.getByRole('checkbox', { name: 'Select task 3' }).check();
    await page.getByRole('button', { name: 'Make a link' }).click();
    await makeLink(page);
    const { rows } = await board.psql.query('select task_id from link_tasks order by 1');
    expect(rows).toEqual([{ task_id: 1 }, { task_id: 3 }]);
  });

  inBrowser('says how many of how many go into it, and shows at an edge that there are more behind it', async () => {
    await board.psql.query(
      `insert into tasks (title, status, employee_id) select n::text, 'sent', 2 from generate_series(1, 40) n`,
    );
    const page = await board.open('/links?employee=2', { context: { viewport: { width: 1024, height: 768 } } });
    const list = page.locator('.link-tasks');
    await page.getByText('41 of 41 selected', { exact: true }).waitFor();
    expect(await edgesOf(list)).toEqual({ top: 'plain', bottom: 'shaded' });
    await scrollTo(list, 0.5);
    expect(await edgesOf(list)).toEqual({ top: 'shaded', bottom: 'shaded' });
    await scrollTo(list, 1);
    expect(await edgesOf(list)).toEqual({ top: 'shaded', bottom: 'plain' });
    await page.getByRole('checkbox', { name: /^40/ }).click();
    await page.getByText('40 of 41 selected', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByRole('button', { name: 'Make a link for 41 tasks' }).waitFor();
    await page.getByRole('button', { name: 'Select none' }).click();
    await page.getByText('0 of 41 selected', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /^Make a link for/ }).isDisabled()).toBe(true);
  });

  inBrowser('takes no more tasks than a link may have, and says so', async () => {
    await board.psql.query(
      `insert into tasks (title, status, employee_id) select 'Round ' || n, 'sent', 1 from generate_series(1, 203) n`,
    );
    const page = await board.open('/links?employee=1');
    await page.getByText('200 of 205 selected', { exact: true }).waitFor();
    await page.getByText('A link holds 200 tasks at most.').waitFor();
    const boxes = page.locator('.link-tasks input');
    expect(await boxes.last().isDisabled()).toBe(true);
    await boxes.first().click();
    await page.getByText('200 of 205 selected', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Make a link for 200 tasks' }).click();
    await ready(page).waitFor();
    expect((await board.psql.query('select from link_tasks')).rowCount).toBe(200);
  });

  inBrowser('is copied by hand where there is no clipboard', async () => {
    const page = await board.open('/links?employee=1', {
      prepare: (opened) =>
        opened.addInitScript(() => {
          Object.defineProperty(navigator, 'clipboard', { value: undefined });
          document.execCommand = () => false;
        }),
    });
    await page.getByRole('button', { name: 'Make a link for 2 tasks' }).click();
    await ready(page).getByRole('button', { name: 'Copy' }).click();
    const field = ready(page).getByRole('textbox', { name: 'Links' });
    const chosen = () =>
      field.evaluate((element: HTMLInputElement) =>
        element.value.slice(element.selectionStart ?? 0, element.selectionEnd ?? 0),
      );
    const url = await field.inputValue();
    await eventually('the whole link is selected', async () => (await chosen()) === url);
  });
});

describe('a link in use', () => {
  inBrowser('shows on the board when it is opened, acknowledged and used, while it happens', async () => {
    const page = await board.open('/links?employee=1');
    const url = await makeLink(page);
    const cells = page.getByRole('row').filter({ hasText: 'Dana Levi' }).getByRole('cell');
    const [opened, acknowledged, used] = [cells.nth(3), cells.nth(4), cells.nth(5)];
    for (const cell of [opened, acknowledged, used]) expect(await cell.textContent()).toBe('not yet');
    const phone = await openPhone(page, url);
    await opened.getByText(/just now| ago$/).waitFor();
    expect(await acknowledged.textContent()).toBe('not yet');
    await phone.getByRole('button', { name: 'Got it' }).click();
    await acknowledged.getByText(/just now| ago$/).waitFor();
    await used.getByText(/just now| ago$/).waitFor();
    await page.goto(`${board.server.url}/table?task=1`);
    await page.getByRole('dialog').getByText('In a link of Dana Levi').waitFor();
    await page
      .getByRole('combobox', { name: 'Status' })
      .and(page.locator(':has([value="received"]:checked)'))
      .waitFor();
  });

  inBrowser('that is revoked locks the employee’s open page at once', async () => {
    const page = await board.open('/links?employee=1');
    const phone = await openPhone(page, await makeLink(page));
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await phone.getByRole('alert').getByText('This link has ended').waitFor();
    expect(await phone.locator('.task').count()).toBe(0);
    await page.getByText('Ended links').waitFor();
    expect((await fetch(phone.url())).status).toBe(410);
  });

  inBrowser('that is renewed is a new one with the same tasks, and the old one is dead', async () => {
    const page = await board.open('/links?employee=1');
    const phone = await openPhone(page, await makeLink(page));
    await page.getByRole('button', { name: 'Renew' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Renew' }).click();
    const url = await urlIn(ready(page));
    expect(url).not.toBe(phone.url());
    await phone.getByRole('alert').getByText('This link has ended').waitFor();
    expect((await fetch(phone.url())).status).toBe(410);
    const again = await openPhone(page, url);
    expect(await again.locator('.task').count()).toBe(2);
  });

  inBrowser('tells the employee why a task was sent back, and that it is approved in the end', async () => {
    await board.psql.query(`update tasks set status = 'pending_approval', note = 'All clean' where id = 1`);
    const page = await board.open('/links?employee=1');
    const phone = await openPhone(page, await makeLink(page));
    await page.goto(`${board.server.url}/`);
    const line = page
      .getByRole('region', { name: /^Waiting for your approval/ })
      .locator('li', { hasText: 'Sweep chimney' });
    await line.getByRole('button', { name: 'Send back' }).click();
    await page.getByLabel('What is still to be done?').fill('The left flue too');
    await page.locator('form').getByRole('button', { name: 'Send back' }).click();
    await phone.locator('#task-1').getByText('The left flue too').waitFor();
    await board.psql.query(`update tasks set status = 'pending_approval' where id = 1`);
    await line.getByRole('button', { name: 'Approve' }).click();
    await phone.locator('#task-1').getByText('Approved', { exact: true }).waitFor();
  });
});

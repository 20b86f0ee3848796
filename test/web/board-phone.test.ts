// The board on a phone: everything within its width, and nothing on top of what it is about.
import { beforeEach, describe, expect } from '@jest/globals';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { isOpen, openBoard, startOver } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: '' });

beforeEach(async () => {
  if (!board.psql) return;
  await startOver(board.psql);
  await board.server.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1, 3] });
});

const width = 390;
const phone: BrowserContextOptions = { viewport: { width, height: 844 }, isMobile: true, hasTouch: true };

/** A page that is wider than its window is shown smaller by a phone, or moves sideways below the finger. */
const pageWidth = (page: Page) => page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);

async function isWithin(part: Locator): Promise<boolean> {
  const box = await part.boundingBox();
  return box !== null && box.x >= 0 && box.x + box.width <= width;
}

describe('a phone', () => {
  for (const path of [
    '/',
    '/board',
    '/table',
    '/employees?id=1',
    '/systems?id=1',
    '/links',
    '/links?employee=1',
    '/feed',
  ]) {
    for (const language of ['en', 'he']) {
      inBrowser(`shows ${path} as wide as it is (${language})`, async () => {
        const page = await board.open(path, { context: phone, language });
        await page.locator('.content :is(li, tr, .table-row, .chart)').first().waitFor();
        expect(await pageWidth(page)).toEqual([width, width]);
      });
    }
  }

  inBrowser('shows a new link whole, above the list of the links', async () => {
    const page = await board.open('/links?employee=1', { context: phone });
    await page.getByRole('button', { name: 'Make a link for 2 tasks' }).click();
    const dialog = page.getByRole('dialog', { name: 'The link is ready' });
    await isOpen(dialog);
    expect(await pageWidth(page)).toEqual([width, width]);
    for (const part of [dialog, dialog.locator('.qr'), dialog.getByRole('button', { name: 'Copy' })]) {
      expect(await isWithin(part)).toBe(true);
    }
  });

  inBrowser('shows of a link who has it, how it stands and what can be done with it', async () => {
    const page = await board.open('/links', { context: phone });
    const link = page.getByRole('row').filter({ hasText: 'Dana Levi' });
    for (const part of [
      link.getByText('Dana Levi'),
      link.getByText('Active'),
      link.getByText('not yet').nth(2),
      link.getByRole('button', { name: 'Renew' }),
      link.getByRole('button', { name: 'Revoke' }),
    ]) {
      expect(await isWithin(part)).toBe(true);
    }
  });
});

describe('a low window', () => {
  // 1,440 px by 900, magnified twice.
  const magnified: BrowserContextOptions = { viewport: { width: 720, height: 450 } };

  inBrowser('has every entry of a card’s menu within it, or a way to scroll there', async () => {
    const page = await board.open('/board', { context: magnified });
    await page.getByRole('button', { name: 'Actions for Replace seal' }).click();
    const menu = page.getByRole('menu');
    await isOpen(menu);
    await eventually('the menu is within the window', async () => {
      const box = await menu.boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= 450;
    });
    for (const entry of ['Delete', 'Draft']) {
      const item = menu.getByRole('menuitem', { name: entry, exact: true });
      await item.scrollIntoViewIfNeeded();
      const box = await item.boundingBox();
      expect([entry, box !== null && box.y >= 0 && box.y + box.height <= 450]).toEqual([entry, true]);
    }
  });
});

describe('what is done to many', () => {
  for (const menu of ['Status', 'Employee', 'Due']) {
    inBrowser(`leaves in sight on a phone how many they are, also while ${menu} is open`, async () => {
      const page = await board.open('/table', { context: phone });
      for (const id of [1, 2]) await page.getByRole('checkbox', { name: `Select task ${id}`, exact: true }).click();
      const count = page.getByText('2 selected', { exact: true });
      await page.getByRole('region', { name: 'Selected tasks' }).getByRole('button', { name: menu }).click();
      await isOpen(page.getByRole('menu'));
      const isCovered = await count.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        const points = [left + 1, left + width / 2, left + width - 1];
        return points.some((x) => document.elementFromPoint(x, top + height / 2) !== element);
      });
      expect(isCovered).toBe(false);
      const menuBox = await page.getByRole('menu').boundingBox();
      expect(menuBox && menuBox.x >= 0 && menuBox.x + menuBox.width <= 390 && menuBox.y >= 0).toBe(true);
    });
  }

  for (const size of [phone.viewport, { width: 1440, height: 900 }]) {
    inBrowser(`is told beside the buttons for them, not on top of them, at ${size?.width} px`, async () => {
      const page = await board.open('/table', { context: { viewport: size ?? null } });
      for (const id of [1, 2]) await page.getByRole('checkbox', { name: `Select task ${id}`, exact: true }).click();
      const bar = page.getByRole('region', { name: 'Selected tasks' });
      await bar.getByRole('button', { name: 'Due' }).click();
      await page.getByRole('menuitem', { name: 'Tomorrow 09:00' }).click();
      const message = page.locator('.toast', { hasText: '2 tasks changed' });
      await message.waitFor();
      const [told, below] = [await message.boundingBox(), await bar.boundingBox()];
      expect(told && below && told.y + told.height <= below.y).toBe(true);
    });
  }
});

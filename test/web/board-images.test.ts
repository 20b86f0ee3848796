// Pictures of a task in its drawer: brought in, looked at, taken away, by whomever.
import { beforeEach, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { eventually } from '../support/eventually.ts';
import { isOpen, openBoard, startOver } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: '' });

beforeEach(async () => {
  if (board.psql) await startOver(board.psql);
});

const picture = (red: number) =>
  sharp({ create: { width: 320, height: 200, channels: 3, background: { r: red, g: 90, b: 150 } } })
    .png()
    .toBuffer();
const file = async (red: number) => ({ name: `${red}.png`, mimeType: 'image/png', buffer: await picture(red) });
const thumbnails = (page: Page) => page.getByRole('img', { name: /^Picture \d of \d$/ });
const stored = async () => Number((await board.psql.query('select from task_images where task_id = 1')).rowCount);

/** All thumbnails are there and drawn. */
async function areShown(page: Page, count: number): Promise<void> {
  const widths = () => thumbnails(page).evaluateAll((all: HTMLImageElement[]) => all.map((one) => one.naturalWidth));
  await eventually(`${count} pictures are drawn`, async () => {
    const found = await widths();
    return found.length === count && found.every((width) => width > 0);
  });
}

async function openWith(count: number): Promise<Page> {
  const page = await board.open('/table?task=1');
  const files = await Promise.all(Array.from({ length: count }, (_, at) => file(40 * at)));
  await page.getByLabel('Add pictures').setInputFiles(files);
  await areShown(page, count);
  return page;
}

describe('pictures', () => {
  inBrowser('are added through the file field, several at once', async () => {
    await openWith(2);
    expect(await stored()).toBe(2);
  });

  inBrowser('are added by dropping files on them', async () => {
    const page = await board.open('/table?task=1');
    const section = page.getByRole('region', { name: 'Pictures' });
    const data = await page.evaluateHandle(
      (base64) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], 'soot.png', { type: 'image/png' }));
        return transfer;
      },
      (await picture(200)).toString('base64'),
    );
    await section.dispatchEvent('dragover', { dataTransfer: data });
    await page.locator('.drawer-section[data-over]').waitFor();
    await section.dispatchEvent('drop', { dataTransfer: data });
    await areShown(page, 1);
    expect(await stored()).toBe(1);
    expect(await page.locator('.drawer-section[data-over]').count()).toBe(0);
  });

  inBrowser('that SQL writes and deletes come and go by themselves', async () => {
    const page = await board.open('/table?task=1');
    await page.getByText('No pictures.').waitFor();
    const webp = await sharp(await picture(120))
      .webp()
      .toBuffer();
    await board.psql.query(`insert into task_images (task_id, content, content_type) values (1, $1, 'image/webp')`, [
      webp,
    ]);
    await areShown(page, 1);
    await board.psql.query('delete from task_images');
    await page.getByText('No pictures.').waitFor();
  });

  inBrowser('that cannot be read are refused in words, and nothing is stored', async () => {
    const page = await board.open('/table?task=1');
    const text = { name: 'soot.png', mimeType: 'image/png', buffer: Buffer.from('no picture at all') };
    await page.getByLabel('Add pictures').setInputFiles(text);
    await page.locator('.toast', { hasText: 'That did not work' }).waitFor();
    expect(await stored()).toBe(0);
  });
});

describe('a large picture', () => {
  const lightbox = (page: Page, at: number) => page.getByRole('dialog', { name: `Picture ${at} of 3` });

  inBrowser('is opened, turned over and closed by the keyboard, and the focus comes back', async () => {
    const page = await openWith(3);
    await page.getByRole('button', { name: 'Picture 2 of 3' }).focus();
    await page.keyboard.press('Enter');
    await isOpen(lightbox(page, 2));
    await page.keyboard.press('ArrowRight');
    await lightbox(page, 3).waitFor();
    await page.keyboard.press('ArrowRight');
    await lightbox(page, 1).waitFor();
    await page.keyboard.press('ArrowLeft');
    await lightbox(page, 3).waitFor();
    const drawn = () => page.locator('.lightbox').evaluate((image: HTMLImageElement) => image.naturalWidth);
    await eventually('it is drawn', async () => (await drawn()) === 320);
    await page.keyboard.press('Escape');
    await lightbox(page, 3).waitFor({ state: 'detached' });
    // Only the picture is closed, not the task below it.
    await page.getByRole('dialog', { name: 'Task 1' }).waitFor();
    await eventually('the focus is back', () =>
      page.evaluate(() => document.activeElement?.querySelector('img') !== null),
    );
  });

  inBrowser('is deleted once, and goes from other screens too', async () => {
    const page = await openWith(3);
    const other = await board.open('/table?task=1');
    await areShown(other, 3);
    await page.getByRole('button', { name: 'Picture 1 of 3' }).click();
    await lightbox(page, 1).getByRole('button', { name: 'Delete this picture' }).dblclick();
    for (const one of [page, other]) await areShown(one, 2);
    expect(await stored()).toBe(2);
    expect(await page.locator('.toast').count()).toBe(0);
  });

  inBrowser('that cannot be deleted stays, and the person is told', async () => {
    const page = await openWith(3);
    await page.route('**/api/images/*', (route) =>
      route.request().method() === 'DELETE' ? route.abort() : route.fallback(),
    );
    await page.getByRole('button', { name: 'Picture 1 of 3' }).click();
    await lightbox(page, 1).getByRole('button', { name: 'Delete this picture' }).click();
    await page.locator('.toast', { hasText: 'That did not work' }).waitFor();
    await areShown(page, 3);
  });
});

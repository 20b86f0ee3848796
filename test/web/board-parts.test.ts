// Parts of the page whose script does not arrive: after an update of the server, or without a network.
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openBoard, small } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: small });

/** No script with this name arrives. */
const withhold = (name: string) => async (page: Page) => {
  await page.route(`**/assets/${name}-*.js`, (route) => route.abort());
};
const told = (page: Page) => page.getByRole('alert').filter({ hasText: 'This part of the page did not arrive.' });
const goTo = (page: Page, screen: string) => page.getByRole('link', { name: screen, exact: true }).first().click();
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('a part of the page that does not arrive', () => {
  inBrowser('is told in place of the screen; the others go on, and it can be loaded again', async () => {
    const page = await board.open('/', { prepare: withhold('links') });
    await goTo(page, 'Links');
    await told(page).waitFor();
    await goTo(page, 'Board');
    await heading(page, 'Board');
    expect(await told(page).count()).toBe(0);
    await goTo(page, 'Links');
    await told(page).waitFor();
    await page.unrouteAll();
    await told(page).getByRole('button', { name: 'Load again' }).click();
    await heading(page, 'Links');
  });

  inBrowser('does not take the whole page along while the server does not answer', async () => {
    const page = await board.open('/', { prepare: withhold('links') });
    await goTo(page, 'Links');
    await page.context().setOffline(true);
    await told(page).getByRole('button', { name: 'Load again' }).click();
    await told(page).getByText('The server does not answer yet.').waitFor();
    await goTo(page, 'Today');
    await heading(page, 'Today');
  });

  inBrowser('is told above the screen for the drawer, until nobody wants it', async () => {
    const page = await board.open('/table', { prepare: withhold('task-drawer') });
    await page.locator('[data-task="1"]').click();
    await told(page).waitFor();
    await page.goBack();
    await told(page).waitFor({ state: 'detached' });
    await page.goForward();
    await page.unrouteAll();
    await told(page).getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('dialog', { name: 'Task 1' }).waitFor();
  });

  inBrowser('is told above the screen for a dialog, in Hebrew as well', async () => {
    const page = await board.open('/', { language: 'he', prepare: withhold('keys-help') });
    await page.keyboard.press('?');
    await page.getByRole('alert').getByRole('button', { name: 'טעינה מחדש' }).waitFor();
    await page.getByText('החלק הזה של הדף לא הגיע.').waitFor();
  });
});

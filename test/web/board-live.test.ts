// The board follows the database, whoever changes it, without a reload; and says so when it cannot.
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { runServer } from '../support/run-server.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { isEqualToTable, isLive, openBoard, pages, small } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: small, bulkLimit: 50 });

/** A glow is short: what glows is written down by the page itself. The first that did, from now on. */
async function watchGlow(page: Page): Promise<() => Promise<{ title: string; motion: string }>> {
  await page.evaluate(() => {
    new MutationObserver(() => {
      const row = document.querySelector('.table-row[data-glow]');
      if (!row || Reflect.has(window, 'glow')) return;
      const title = row.querySelector('.task-link')?.textContent;
      Object.assign(window, { glow: { title, motion: getComputedStyle(row).animationName } });
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-glow'] });
  });
  return () => eventually('it glows', () => page.evaluate(() => Reflect.get(window, 'glow')));
}

describe('the board', () => {
  inBrowser('shows an edit made in SQL in two browsers, with who made it, without a reload', async () => {
    const [one, two] = await Promise.all([board.open('/table'), board.open('/')]);
    for (const page of [one, two]) await page.evaluate(() => Object.assign(window, { mark: 'still here' }));
    const glow = await watchGlow(one);
    await board.psql.query(`update tasks set status = 'in_progress' where title = 'Replace seal'`);
    expect((await glow()).title).toBe('Replace seal');
    await one.locator('.table-row', { hasText: 'Replace seal' }).filter({ hasText: 'In progress' }).waitFor();
    const line = two.locator('.news li').first();
    await line.filter({ hasText: 'Status: Draft → In progress' }).waitFor();
    expect(await line.textContent()).toMatch(/in the database by \w+ via psql/);
    await isEqualToTable(one, board.psql);
    for (const page of [one, two]) expect(await page.evaluate(() => Reflect.get(window, 'mark'))).toBe('still here');
  });

  inBrowser('glows without motion for whoever asked for less of it', async () => {
    const [moving, still] = await Promise.all([board.open('/table'), board.open('/table')]);
    await still.emulateMedia({ reducedMotion: 'reduce' });
    const glows = await Promise.all([moving, still].map(watchGlow));
    await board.psql.query(`update tasks set priority = 'optional' where title = 'Sweep chimney'`);
    const motions = (await Promise.all(glows.map((glow) => glow()))).map(({ motion }) => motion);
    expect(motions).toEqual([expect.stringContaining('glow'), 'none']);
  });

  inBrowser('shows a rename at once on every task that names it', async () => {
    const page = await board.open('/table');
    await board.psql.query(`update employees set name = 'Dana Cohen' where name = 'Dana Levi'`);
    await eventually('both tasks show the new name', async () => (await page.getByText('Dana Cohen').count()) === 2);
    await isEqualToTable(page, board.psql);
  });

  inBrowser('loads everything again after a bulk change and equals the table', async () => {
    const page = await board.open('/table');
    await board.psql.query(`insert into tasks (title) select 'Bulk ' || n from generate_series(1, 60) n`);
    await page.locator('.soft', { hasText: '65 tasks' }).waitFor();
    await board.psql.query(`delete from tasks where title like 'Bulk %'`);
    await page.locator('.soft', { hasText: /^5 tasks/ }).waitFor();
    await isEqualToTable(page, board.psql);
  });

  inBrowser(
    'says since when it is stale while the server is down, and is live only when it equals the table',
    async () => {
      // In front, so that the page finds the next server where this one was, whatever takes its port meanwhile.
      const front = await openTcpProxy(board.server.server.port);
      const page = await board.open('/table', { through: front.url });
      await page.evaluate(() => Object.assign(window, { mark: 'still here' }));
      await board.server.stop();
      await page
        .getByRole('status')
        .filter({ hasText: /Stale, as of \d\d:\d\d/ })
        .waitFor();
      await page.getByRole('alert').filter({ hasText: 'No connection to the server' }).waitFor();
      await board.psql.query(`update tasks set title = 'Sweep chimney twice' where title = 'Sweep chimney'`);
      // The moment at which the page calls itself live, what is it showing?
      await page.evaluate(() => {
        const root = document.documentElement;
        new MutationObserver(() => {
          if (root.dataset['freshness'] !== 'live') return;
          requestAnimationFrame(() => Object.assign(window, { shownWhenLive: document.body.textContent }));
        }).observe(root, { attributes: true, attributeFilter: ['data-freshness'] });
      });
      board.server = await runServer(board.database, { pages, bulkLimit: 50 });
      front.pointAt(board.server.server.port);
      await isLive(page);
      const shown = await eventually('a frame was drawn', () =>
        page.evaluate(() => Reflect.get(window, 'shownWhenLive') as string | undefined),
      );
      expect(shown).toContain('Sweep chimney twice');
      await isEqualToTable(page, board.psql);
      expect(await page.evaluate(() => Reflect.get(window, 'mark'))).toBe('still here');
      await front.close();
    },
  );
});

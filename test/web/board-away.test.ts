// A machine that sleeps and a network that dies without a word: the board says since when it knows nothing, is equal again
// without a reload, and tells what happened meanwhile.
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { isEqualToTable, isLive, openBoard, startOver } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: '', bulkLimit: 50 });

let proxy: TcpProxy;

beforeEach(async () => {
  if (!board.psql) return;
  await startOver(board.psql);
  proxy = await openTcpProxy(Number(new URL(board.server.url).port));
});

afterEach(async () => {
  if (board.psql) await proxy.close();
});

const mark = (page: Page) => page.evaluate(() => Object.assign(window, { mark: 'still here' }));
const hasMark = (page: Page) => page.evaluate(() => Reflect.get(window, 'mark') === 'still here');
const isStale = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^Stale, as of \d\d:\d\d$/ })
    .waitFor();

interface Sleeper {
  page: Page;
  sleep(): Promise<void>;
  wakeUp(): Promise<void>;
}

/**
 * A machine that can sleep: the page is hidden, then no script of it runs, and it wakes up with a clock that is a minute
 * further. This browser freezes no page and hides none, so a debugger stops it and the page is told that it was hidden.
 */
async function openSleeper(path: string): Promise<Sleeper> {
  const page = await board.open(path, {
    through: proxy.url,
    prepare: (opened) =>
      opened.addInitScript(() => {
        const now = Date.now.bind(Date);
        let [sleptMs, state] = [0, 'visible'];
        Date.now = () => now() + sleptMs;
        Object.defineProperty(document, 'visibilityState', { get: () => state });
        const look = (next: string) => {
          state = next;
          document.dispatchEvent(new Event('visibilitychange'));
        };
        const wakeUp = () => {
          sleptMs += 60_000;
          setTimeout(() => look('visible'));
        };
        Object.assign(window, { fallAsleep: () => look('hidden'), wakeUp });
      }),
  });
  const session = await page.context().newCDPSession(page);
  await session.send('Debugger.enable');
  let callFrameId = '';
  return {
    page,
    sleep: async () => {
      await page.evaluate(() => (Reflect.get(window, 'fallAsleep') as () => void)());
      const isPaused = new Promise<void>((resolve) => {
        session.once('Debugger.paused', ({ callFrames }) => {
          callFrameId = callFrames[0]?.callFrameId ?? '';
          resolve();
        });
      });
      await session.send('Debugger.pause');
      await isPaused;
    },
    wakeUp: async () => {
      await session.send('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'window.wakeUp()' });
      await session.send('Debugger.resume');
    },
  };
}

describe('a machine that slept', () => {
  inBrowser(
    'shows stale data as stale until the server has answered, then what happened meanwhile and by whom',
    async () => {
      const { page, sleep, wakeUp } = await openSleeper('/');
      await mark(page);
      await sleep();
      proxy.silence();
      await board.psql.query(`update tasks set status = 'in_progress' where id = 3`);
      await board.psql.query(`update tasks set title = 'Check both valves' where id = 2`);
      await board.server.http('PUT', '/api/tasks/1', { priority: 'normal' });
      await wakeUp();
      await isStale(page);
      await page.getByRole('alert').filter({ hasText: 'What you see may be out of date' }).waitFor();
      expect(await page.getByText('Check both valves').count()).toBe(0);
      proxy.speak();
      await isLive(page);
      const missed = page.getByRole('region', { name: /^2 changes since you left at \d\d:\d\d$/ });
      await missed.getByRole('listitem').filter({ hasText: 'Status: Draft → In progress' }).waitFor();
      // One's own change from elsewhere is no news.
      expect(await missed.getByRole('listitem').allTextContents()).toEqual([
        expect.stringMatching(/^Check both valves.*in the database by \w+ via psql/),
        expect.stringMatching(/^Replace seal.*in the database by \w+ via psql/),
      ]);
      expect(await page.getByRole('alert').count()).toBe(0);
      await missed.getByRole('button', { name: 'Seen' }).click();
      await missed.waitFor({ state: 'detached' });
      expect(await hasMark(page)).toBe(true);
    },
  );

  inBrowser('says how much changed when it was too much to be told one by one', async () => {
    const { page, sleep, wakeUp } = await openSleeper('/table');
    await mark(page);
    await sleep();
    await board.psql.query(`insert into tasks (title) select 'Bulk ' || n from generate_series(1, 60) n`);
    await board.psql.query(`delete from tasks where id > 15`);
    await wakeUp();
    await page.getByRole('region', { name: /^10 changes since you left at \d\d:\d\d$/ }).waitFor();
    await isLive(page);
    await isEqualToTable(page, board.psql);
    expect(await hasMark(page)).toBe(true);
  });

  inBrowser('is equal again also when its connection has died meanwhile', async () => {
    const { page, sleep, wakeUp } = await openSleeper('/table');
    await mark(page);
    await sleep();
    proxy.cut();
    await board.psql.query(`update tasks set title = 'Sweep both chimneys' where id = 1`);
    await board.psql.query('delete from tasks where id = 2');
    await wakeUp();
    await page.getByText('Sweep both chimneys').first().waitFor();
    await isLive(page);
    await isEqualToTable(page, board.psql);
    expect(await hasMark(page)).toBe(true);
  });
});

describe('a network that dies without a word', () => {
  inBrowser('is noticed by the missing pulse, and its end too', async () => {
    const page = await board.open('/table', { through: proxy.url, prepare: (opened) => opened.clock.install() });
    await mark(page);
    proxy.silence();
    await board.psql.query(`update tasks set status = 'completed' where id = 3`);
    await page.clock.fastForward(13_000);
    await isStale(page);
    await page.getByRole('alert').filter({ hasText: 'gone silent' }).waitFor();
    expect(await page.locator('.table-row[data-id="3"]').textContent()).toContain('Draft');
    proxy.speak();
    await isLive(page);
    await isEqualToTable(page, board.psql);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await hasMark(page)).toBe(true);
  });

  inBrowser('is tried again by itself', async () => {
    const page = await board.open('/table', { through: proxy.url });
    proxy.pointAt(1);
    proxy.cut();
    await isStale(page);
    await board.psql.query(`update tasks set status = 'completed' where id = 3`);
    proxy.pointAt(Number(new URL(board.server.url).port));
    await isLive(page);
    await isEqualToTable(page, board.psql);
  });
});

// The employee's page in a real browser at phone size: the whole way, and what others change while it is open.
import { describe, expect } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import {
  camera,
  card,
  createLinkSite,
  entries,
  isLive,
  isStale,
  letGo,
  newPhone,
  onPhone,
  openLink,
  photoFile,
  press,
} from './link-support.ts';

const site = createLinkSite();

const taskNow = async (id: number) => (await site.psql.query('select * from tasks where id = $1', [id])).rows[0];

describe('the whole way', () => {
  onPhone(site, 'from the manager’s link to approval, with a note and a photo', async () => {
    const manager = await site.scope.client(site.server.url);
    const page = await openLink(site, await newPhone(site));
    expect(await page.locator('h1').textContent()).toBe('Hello Dana');
    expect(
      await card(page, 1)
        .getByRole('link', { name: /Call Priya/ })
        .getAttribute('href'),
    ).toBe('tel:+15550123');
    expect((await taskNow(1)).status).toBe('sent');

    await press(page, 'Got it');
    await page.getByText('You said “got it”: today').waitFor();
    await manager.next('task:updated', ({ task }) => task.id === 1 && task.status === 'received');

    await press(card(page, 1), 'Start');
    await entries(card(page, 1), 'undoable').waitFor();
    await letGo(page);
    await manager.next(
      'task:updated',
      ({ task, change }) => task.status === 'in_progress' && change.actor_name === 'Dana',
    );
    await camera(page, 1).setInputFiles(await photoFile('IMG_1.jpg'));
    await card(page, 1).locator('.photos img').waitFor();
    await press(card(page, 1), 'Done, send for approval');
    await letGo(page);
    await manager.next('task:updated', ({ task }) => task.status === 'pending_approval' && task.image_ids.length === 1);
    await card(page, 1).locator('.tag[data-status="pending_approval"]:not([data-on-its-way])').waitFor();

    await site.server.http('POST', '/api/tasks/1/approve', {});
    await card(page, 1).getByText('Approved', { exact: true }).waitFor();
    await press(card(page, 2), 'Cannot do it');
    await page.getByLabel('Why can it not be done?').fill('No spare seal');
    await press(card(page, 2), 'Send');
    await letGo(page);
    await manager.next('task:updated', ({ task }) => task.status === 'not_completed' && task.note === 'No spare seal');
    await page.getByRole('heading', { name: 'All done, Dana' }).waitFor();
    const { rows } = await site.psql.query('select width, height from task_images');
    expect(rows).toEqual([{ width: 1600, height: 1200 }]);
  });

  onPhone(site, 'a step can be undone for ten seconds, and nothing of it reaches the server', async () => {
    const page = await openLink(site, await newPhone(site));
    await press(card(page, 1), 'Start');
    await card(page, 1).getByText('goes out in').waitFor();
    await press(card(page, 1), 'Undo');
    await entries(page, 'undoable').waitFor({ state: 'detached' });
    await press(card(page, 2), 'Start');
    await letGo(page);
    await entries(card(page, 2), 'sent').waitFor();
    expect([(await taskNow(1)).status, (await taskNow(2)).status]).toEqual(['sent', 'in_progress']);
  });
});

describe('while the page is open', () => {
  onPhone(site, 'changes by SQL appear: fields, places, tasks that come and go', async () => {
    const page = await openLink(site, await newPhone(site));
    await page.evaluate(() => Object.assign(window, { wasNotReloaded: true }));
    await site.psql.query(
      `update tasks set title = 'Sweep both chimneys', review_note = 'Mind the ladder' where id = 1`,
    );
    await card(page, 1).getByText('Sweep both chimneys').waitFor();
    await card(page, 1).getByText('Mind the ladder').waitFor();
    expect(await card(page, 1).locator('.changed').textContent()).toMatch(
      /^Changed \d\d:\d\d: title, note from the office$/,
    );
    await site.psql.query(`update systems set phone = '+1 555 9999' where id = 1`);
    await card(page, 1).getByText('+1 555 9999').waitFor();
    await site.psql.query('insert into link_tasks (link_id, task_id) values ($1, 3)', [site.linkId]);
    await card(page, 3).waitFor();
    await page.locator('.news').getByText('New task: Grease bearings').waitFor();
    await site.psql.query('update tasks set employee_id = 2 where id = 2');
    await card(page, 2).waitFor({ state: 'detached' });
    await page.locator('.news').getByText('No longer yours: Change seal').waitFor();
    expect(await page.getByRole('status').textContent()).toContain('Change seal');
    expect(await page.evaluate(() => 'wasNotReloaded' in window)).toBe(true);
  });

  onPhone(site, '“Got it” is no news of others, however its answer and the feed overtake each other', async () => {
    const page = await openLink(site, await newPhone(site));
    // Whatever the page shows in between.
    await page.evaluate(() => {
      Object.assign(window, { told: [] });
      new MutationObserver(() => {
        for (const { textContent } of document.querySelectorAll('.changed'))
          Reflect.get(window, 'told').push(textContent);
      }).observe(document.body, { subtree: true, childList: true });
    });
    await page.getByRole('button', { name: 'Got it' }).click();
    for (const id of [1, 2]) {
      await eventually('it is received', async () => (await taskNow(id)).status === 'received');
      await card(page, id).getByText('To do', { exact: true }).waitFor();
    }
    await site.psql.query(`update tasks set title = 'Change both seals' where id = 2`);
    await card(page, 2).getByText('Change both seals').waitFor();
    const told = await page.evaluate(() => [...new Set(Reflect.get(window, 'told') as string[])]);
    expect(told).toEqual([expect.stringMatching(/^Changed \d\d:\d\d: title$/)]);
  });

  onPhone(site, 'HTML in a title or note is text', async () => {
    const page = await openLink(site, await newPhone(site));
    const title = '<img src=x onerror="window.wasRun=1"><b>bold</b>';
    await site.psql.query('update tasks set title = $1::text, review_note = $1::text where id = 1', [title]);
    await card(page, 1).getByRole('heading', { name: title }).waitFor();
    expect(await page.locator('main b, main img').count()).toBe(0);
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
  });

  onPhone(site, 'it says so when it is stale, and catches up by itself', async () => {
    // In front, so that the page finds the next server where this one was, whatever takes its port meanwhile.
    const front = await openTcpProxy(site.server.server.port);
    site.scope.add(() => front.close());
    const page = await openLink(site, await newPhone(site), `${front.url}/c/${site.token}`);
    await site.server.stop();
    await isStale(page);
    expect(await page.locator('.freshness').textContent()).toMatch(/^Stale, as of \d\d:\d\d$/);
    await site.psql.query(`update tasks set title = 'Changed meanwhile' where id = 2`);
    site.server = await site.scope.server(site.database);
    front.pointAt(site.server.server.port);
    await isLive(page);
    await card(page, 2).getByText('Changed meanwhile').waitFor();
  });

  const ends: [string, string, string][] = [
    ['revoked', 'update links set revoked_at = now()', 'This link has ended'],
    ['expired', `update links set expires_at = now() - interval '1 second'`, 'This link has expired'],
  ];
  for (const [what, sql, words] of ends) {
    onPhone(site, `a link that is ${what} locks it at once, and loses no text or photo`, async () => {
      const page = await openLink(site, await newPhone(site));
      // The answer to the step, when its ten seconds are over, would say the same: it does not come.
      await page.route('**/api/confirm/*/task/**', (route) => route.abort());
      await card(page, 1).getByRole('button', { name: 'Write a note' }).click();
      await page.getByLabel('Your note for the office').fill('half a sentence');
      await press(card(page, 2), 'Start');
      await site.psql.query(sql);
      await page.getByRole('alert').getByText(words).waitFor();
      expect(await page.getByRole('alert').textContent()).toContain('Ask for a new link.');
      expect(await page.getByRole('link', { name: '+1 555 0110' }).getAttribute('href')).toBe('tel:+15550110');
      await page.getByText('half a sentence').waitFor();
      expect(await page.locator('.task').count()).toBe(0);
      await eventually('the step is kept', async () => (await page.getByText('Status: In progress').count()) === 1);
    });
  }
});

describe('the language', () => {
  onPhone(site, 'can be switched without losing the place, and is kept in the address', async () => {
    const page = await openLink(site, await newPhone(site));
    await page.getByRole('link', { name: 'עברית' }).click();
    await page.getByRole('button', { name: 'קיבלתי' }).waitFor();
    expect(await page.evaluate(() => [document.documentElement.dir, document.documentElement.lang])).toEqual([
      'rtl',
      'he',
    ]);
    const box = await card(page, 1).locator('.tags .tag').first().boundingBox();
    expect(box?.x).toBeGreaterThan(200);
    await page.reload();
    await page.getByRole('button', { name: 'קיבלתי' }).waitFor();
  });
});

describe('without JavaScript', () => {
  onPhone(site, 'reading and “got it” work', async () => {
    const page = await (await newPhone(site, { javaScriptEnabled: false })).newPage();
    await page.goto(site.url);
    await card(page, 1).getByText('Boiler house, door C').waitFor();
    expect(await card(page, 1).getByRole('button').count()).toBe(0);
    await press(page, 'Got it');
    await page.getByText('You said “got it”: today').waitFor();
    expect((await taskNow(1)).status).toBe('received');
  });
});

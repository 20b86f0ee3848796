// What was done without a connection: everything reaches the server, once, whatever was lost on the way.
import { describe, expect } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { hold } from './board-page.ts';
import {
  between,
  card,
  createLinkSite,
  entries,
  gallery,
  letGo,
  newPhone,
  onPhone,
  openLink,
  photoFile,
  press,
  writeNote,
} from './link-support.ts';

const site = createLinkSite();

/** A note and two photos for task 1, as far as the outbox. */
async function noteAndPhotos(page: Page): Promise<void> {
  // Nothing goes out before all are there, also if its ten seconds are over: photos wait for the note before them.
  const release = await hold(page, 'PUT', '/task/1');
  await writeNote(page, 1, 'Soot everywhere');
  await gallery(page, 1).setInputFiles([
    await photoFile('a.jpg', { hue: 10, width: 400, height: 300 }),
    await photoFile('b.jpg', { hue: 90, width: 400, height: 300 }),
  ]);
  await eventually('all three are in the outbox', async () => (await page.locator('.entry').count()) === 3);
  release();
  await letGo(page);
}

/** One effect, one image row and one history entry each; the server knows three keys. */
async function isDoneOnce(): Promise<void> {
  const { rows } = await site.psql.query(
    `select (select note from tasks where id = 1),
            (select count(*)::int from task_images where task_id = 1 and uploaded_by = 'link:1') as images,
            (select count(*)::int from idempotency_keys) as keys,
            (select count(*)::int from taskfeed.change_journal where topic = 'task' and actor = 'link:1') as changes,
            (select count(*)::int from taskfeed.change_journal where topic = 'task_image') as uploads`,
  );
  expect(rows[0]).toEqual({ note: 'Soot everywhere', images: 2, keys: 3, changes: 1, uploads: 2 });
}

async function isEmpty(page: Page): Promise<void> {
  await eventually(
    'the outbox is empty',
    async () => (await outbox(page)).length === 0 && (await card(page, 1).locator('.photos img').count()) === 2,
    20_000,
  );
}

function outbox(page: Page): Promise<{ key: string }[]> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        indexedDB.open('taskfeed-outbox').onsuccess = ({ target }) => {
          const all = (target as IDBOpenDBRequest).result.transaction('entries').objectStore('entries').getAll();
          all.onsuccess = () => resolve(all.result);
        };
      }),
  );
}

describe('a note and two photos', () => {
  onPhone(site, 'made offline are sent when the network is back', async () => {
    const context = await newPhone(site);
    const page = await openLink(site, context);
    await context.setOffline(true);
    await noteAndPhotos(page);
    expect(await entries(page, 'sent').count()).toBe(0);
    expect((await site.psql.query('select note from tasks where id = 1')).rows).toEqual([{ note: null }]);
    await context.setOffline(false);
    await isEmpty(page);
    await isDoneOnce();
    await eventually('two are told', async () => (await entries(card(page, 1), 'sent').count()) === 2);
  });

  onPhone(site, 'made offline are sent by the next visit, if the page was closed meanwhile', async () => {
    const context = await newPhone(site);
    const page = await openLink(site, context);
    await context.setOffline(true);
    await noteAndPhotos(page);
    const kept = (await outbox(page)).map(({ key }) => key);
    expect(kept).toHaveLength(3);
    await page.close();
    await context.setOffline(false);
    await isEmpty(await openLink(site, context));
    await isDoneOnce();
    const { rows } = await site.psql.query('select key from idempotency_keys order by key');
    expect(rows.map(({ key }) => key)).toEqual(kept.sort());
  });

  onPhone(site, 'reach the server twice when answers are lost, and take effect once', async () => {
    const context = await newPhone(site);
    const arrived = await between(site, context, ({ times }) => (times === 1 ? 'deaf' : 'pass'));
    const page = await openLink(site, context);
    await noteAndPhotos(page);
    await isEmpty(page);
    await isDoneOnce();
    const times = new Map<string, number>();
    for (const { key } of arrived) times.set(key, (times.get(key) ?? 0) + 1);
    expect([...times.values()]).toEqual([2, 2, 2]);
    expect(arrived.map(({ path }) => path)).toEqual([...Array(2).fill('/task/1'), ...Array(4).fill('/task/1/images')]);
  });
});

describe('several pages of one link', () => {
  onPhone(site, 'in two tabs of a phone send each thing once', async () => {
    const context = await newPhone(site);
    const arrived = await between(site, context, () => 'pass');
    const [one, other] = [await openLink(site, context), await openLink(site, context)];
    await noteAndPhotos(one);
    await isEmpty(one);
    await isEmpty(other);
    expect(new Set(arrived.map(({ key }) => key)).size).toBe(arrived.length);
    await isDoneOnce();
  });

  onPhone(site, 'on two phones do the same step once, and are told of each other’s notes', async () => {
    const [one, other] = [await openLink(site, await newPhone(site)), await openLink(site, await newPhone(site))];
    for (const page of [one, other]) await press(card(page, 2), 'Start');
    await Promise.all([letGo(one), letGo(other)]);
    for (const page of [one, other]) await entries(card(page, 2), 'sent').waitFor();
    const { rows } = await site.psql.query(
      `select count(*)::int as n from taskfeed.change_journal where topic = 'task' and row_id = 2 and actor = 'link:1'`,
    );
    expect(rows).toEqual([{ n: 1 }]);
    const release = await hold(other, 'PUT', '/task/1');
    for (const page of [one, other]) await writeNote(page, 1, page === one ? 'from one' : 'from the other');
    await letGo(one);
    await entries(card(one, 1), 'sent').waitFor();
    release();
    await letGo(other);
    await entries(card(other, 1), 'refused').getByText('from the other').waitFor();
    await card(other, 1).locator('.note').getByText('from one').waitFor();
  });
});

describe('a conflict is told, and nothing is lost', () => {
  async function offline(): Promise<{ context: BrowserContext; page: Page }> {
    const context = await newPhone(site, { permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await openLink(site, context);
    await context.setOffline(true);
    return { context, page };
  }

  onPhone(site, 'when the task was given to somebody else: text and photo can be taken along', async () => {
    const { context, page } = await offline();
    await writeNote(page, 1, 'My words');
    await gallery(page, 1).setInputFiles(await photoFile('IMG_7.jpg', { width: 400, height: 300 }));
    await eventually('both are in the outbox', async () => (await page.locator('.entry').count()) === 2);
    await letGo(page);
    await site.psql.query('update tasks set employee_id = 2 where id = 1');
    await context.setOffline(false);
    await entries(page, 'refused').nth(1).waitFor();
    await page.getByText('The office has given this task to somebody else').first().waitFor();
    await press(page, 'Copy text');
    await eventually('copied', async () => (await page.evaluate(() => navigator.clipboard.readText())) === 'My words');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save on this phone' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('IMG_7.jpg');
    expect((await site.psql.query('select note from tasks where id = 1')).rows).toEqual([{ note: null }]);
    for (const left of [1, 0]) {
      await page.getByRole('button', { name: 'Discard' }).first().click();
      await eventually('one less', async () => (await entries(page, 'refused').count()) === left);
    }
    expect(await outbox(page)).toEqual([]);
  });

  onPhone(site, 'when the link was renewed meanwhile: the new one offers to send it', async () => {
    const { context, page } = await offline();
    await noteAndPhotos(page);
    await page.close();
    const { body } = await site.server.http('POST', `/api/links/${site.linkId}/renew`, {});
    await context.setOffline(false);
    const renewed = await openLink(site, context, `${site.server.url}/c/${body['token']}`);
    // The note may be the task's already: what was on its way when the page was closed can arrive, and its answer nowhere.
    await entries(card(renewed, 1), 'refused').getByText('Soot everywhere').waitFor();
    for (let left = 3; left > 0; left -= 1) {
      await entries(card(renewed, 1), 'refused')
        .nth(left - 1)
        .waitFor();
      await entries(card(renewed, 1), 'refused').first().getByRole('button', { name: 'Try again' }).click();
    }
    await isEmpty(renewed);
    const { rows } = await site.psql.query(
      'select note, (select count(*)::int from task_images) as n from tasks where id = 1',
    );
    expect(rows).toEqual([{ note: 'Soot everywhere', n: 2 }]);
  });

  onPhone(site, 'when the office closed the task: the text alone can still be sent', async () => {
    const { context, page } = await offline();
    await press(card(page, 1), 'Cannot do it');
    await page.getByLabel('Why can it not be done?').fill('Locked');
    await press(card(page, 1), 'Send');
    await letGo(page);
    await site.psql.query(`update tasks set status = 'completed' where id = 1`);
    await context.setOffline(false);
    const told = entries(card(page, 1), 'refused');
    await told.getByText('Locked').waitFor();
    await told.getByRole('button').first().click();
    await eventually('the text is there', async () => {
      const { rows } = await site.psql.query('select status, note from tasks where id = 1');
      return rows[0].note === 'Locked' && rows[0].status === 'completed';
    });
  });

  onPhone(site, 'when the office changed the same note: one’s own can be sent nevertheless', async () => {
    const { context, page } = await offline();
    await writeNote(page, 1, 'mine');
    await letGo(page);
    await site.psql.query(`update tasks set note = 'theirs', title = 'Other title' where id = 1`);
    await context.setOffline(false);
    const told = entries(card(page, 1), 'refused');
    await told.getByText('The office changed the same thing').waitFor();
    await card(page, 1).locator('.note').getByText('theirs').waitFor();
    await press(told, 'Send mine anyway');
    await card(page, 1).locator('.note').getByText('mine').waitFor();
    await eventually('mine is kept', async () => {
      const { rows } = await site.psql.query('select title, note from tasks where id = 1');
      return rows[0].note === 'mine' && rows[0].title === 'Other title';
    });
  });
});

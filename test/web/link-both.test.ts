// Both pages side by side: what the manager sees while an employee works, and the other way round.
import { expect } from '@jest/globals';
import { signIn } from '../support/identity.ts';
import {
  camera,
  card,
  createLinkSite,
  entries,
  isLive,
  letGo,
  newPhone,
  onPhone,
  photoFile,
  press,
} from './link-support.ts';

const site = createLinkSite();

onPhone(site, 'from the manager’s link to approval, each sees what the other does, without a reload', async () => {
  const desk = await site.browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  site.scope.add(() => desk.close());
  await desk.addCookies([await signIn(site.server.url)]);
  const manager = await desk.newPage();
  await manager.goto(`${site.server.url}/links`);
  await manager.locator('html[data-freshness="live"]').waitFor();
  await press(manager, 'New link');
  await manager.getByRole('region', { name: 'New link' }).locator('select').first().selectOption({ label: 'Dana' });
  await press(manager, 'Make a link for 3 tasks');
  const text = await manager.getByRole('dialog').locator('textarea').inputValue();
  const [url = ''] = /http:\/\/\S+\/c\/[\w-]{43}/.exec(text) ?? [];

  const phone = await (await newPhone(site)).newPage();
  await phone.goto(url);
  await isLive(phone);
  await manager.goto(`${site.server.url}/table?task=1`);
  const drawer = manager.getByRole('dialog');
  await drawer.getByText('Sweep chimney').first().waitFor();
  const row = manager.locator('.table-row[data-id="1"]');
  const shows = (status: string) => row.locator('.status-word', { hasText: status }).waitFor();
  await shows('Sent');
  for (const page of [phone, manager]) await page.evaluate(() => Object.assign(window, { isSame: true }));

  await press(phone, 'Got it');
  await shows('Received');
  await press(card(phone, 1), 'Start');
  await letGo(phone);
  await shows('In progress');
  await camera(phone, 1).setInputFiles(await photoFile('soot.jpg', { width: 800, height: 600 }));
  await card(phone, 1).locator('.photos img').waitFor();
  await press(card(phone, 1), 'Done, send for approval');
  await letGo(phone);
  await shows('Pending approval');
  await drawer.locator('img').first().waitFor();
  await drawer.getByRole('button', { name: 'Approve' }).click();
  await card(phone, 1).getByText('Approved', { exact: true }).waitFor();
  await shows('Completed');
  expect(await entries(phone, 'refused').count()).toBe(0);
  for (const page of [phone, manager]) expect(await page.evaluate(() => 'isSame' in window)).toBe(true);
});

// Every screen for everybody: axe in light, dark and right to left, and the rules of the page's policy.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { languages } from '../../src/web/manager/words/languages.ts';
import { eventually } from '../support/eventually.ts';
import { openBoard, small } from './board-page.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const { board, inBrowser } = openBoard({ seed: small });

const screens = [
  '/',
  '/board',
  '/table',
  '/table?task=1',
  '/employees?id=1',
  '/systems?id=1',
  '/links?employee=1',
  '/feed',
  '/print',
];

interface Report {
  checked: number;
  findings: string[];
}

interface AxeResults {
  violations: { id: string; impact: string; nodes: { html: string; any: { message: string }[] }[] }[];
}
interface Axe {
  run(root: Document, options: object): Promise<AxeResults>;
}

/** Serious and critical findings; `evaluate` runs beside the page's policy, as a person's extension would. */
async function check(page: Page): Promise<Report> {
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    const checker = (globalThis as unknown as { axe: Axe }).axe;
    const { violations } = await checker.run(document, { resultTypes: ['violations'] });
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return {
      checked: document.querySelectorAll('body *').length,
      findings: serious.flatMap(({ id, nodes }) =>
        nodes.slice(0, 3).map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`),
      ),
    };
  });
}

async function isSettled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  // One that is cancelled, because its element goes, has ended too: that rejects.
  await page.evaluate(() =>
    Promise.allSettled(document.getAnimations().map((animation) => animation.finished)).then(() => undefined),
  );
}

const looks = [
  { name: 'in light', context: { colorScheme: 'light' as const }, language: 'en' },
  { name: 'in dark', context: { colorScheme: 'dark' as const }, language: 'en' },
  { name: 'right to left', context: { colorScheme: 'light' as const }, language: 'he' },
  {
    name: 'on a phone',
    context: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    language: 'en',
  },
];

/** The first words of a key in the page's language, as far as they are the same whatever is filled in. */
type Say = (key: string) => RegExp;

async function wordsOf(language: string): Promise<Say> {
  const groups = (await languages[language]?.load()) as unknown as Record<string, Record<string, string>>;
  return (key) => {
    const [group = '', name = ''] = key.split('.');
    const text = groups[group]?.[name];
    if (text === undefined) throw new Error(`No words for ${key}.`);
    return new RegExp(`^${text.split('{{')[0]}`);
  };
}

/** What opens above a screen: where, and how it is opened. */
const openings: [name: string, path: string, open: (page: Page, say: Say) => Promise<unknown>][] = [
  ['the keys', '/', (page) => page.keyboard.press('?')],
  ['the form for tasks', '/', (page) => page.keyboard.press('n')],
  [
    'a reason',
    '/',
    (page, say) =>
      page
        .getByRole('button', { name: say('action.sendBack') })
        .first()
        .click(),
  ],
  [
    'the settings',
    '/',
    (page, say) =>
      page
        .getByRole('button', { name: say('nav.settings') })
        .first()
        .click(),
  ],
  ['a card’s menu', '/board', (page) => page.locator('.card', { hasText: 'Check valve' }).getByRole('button').click()],
  ['what was deleted', '/table', (page, say) => page.getByRole('button', { name: say('deleted.open') }).click()],
  ['a new link', '/links?employee=1', (page) => page.locator('.content .button.main:enabled').last().click()],
  ['the form for a person', '/employees', (page) => page.keyboard.press('n')],
  ['a question', '/systems?id=2', (page, say) => page.getByRole('button', { name: say('action.delete') }).click()],
  [
    'many at once',
    '/table',
    async (page, say) => {
      await page.locator('.table-row[data-id="2"] [type="checkbox"]').click();
      await page
        .locator('.bulk')
        .getByRole('button', { name: say('bulk.due') })
        .click();
    },
  ],
  [
    'a clash',
    '/table?task=3',
    async (page) => {
      const title = page.locator('#task-title');
      await title.fill('Mine');
      await board.psql.query(`update tasks set title = 'Theirs ' || version where id = 3`);
      await page.locator('.overtaken').waitFor();
      await title.press('Enter');
      await page.locator('.clash').waitFor();
    },
  ],
];
const above = '[role="dialog"], [role="menu"], form, .bulk';

describe('what opens above a screen', () => {
  for (const { name, context, language } of looks) {
    inBrowser(
      `has no serious finding of axe ${name}`,
      async () => {
        const page = await board.open('/', { context, language });
        const say = await wordsOf(language);
        const findings: string[] = [];
        for (const [what, path, open] of openings) {
          await page.goto(`${board.server.url}${path}`);
          await page.locator('html[data-freshness="live"]').waitFor();
          await isSettled(page);
          await open(page, say);
          await page.locator(above).first().waitFor();
          await isSettled(page);
          findings.push(...(await check(page)).findings.map((finding) => `${what}: ${finding}`));
        }
        expect(findings).toEqual([]);
      },
      90_000,
    );
  }
});

describe('every screen', () => {
  for (const { name, context, language } of looks) {
    inBrowser(
      `has no serious finding of axe ${name}`,
      async () => {
        const page = await board.open('/', { context, language });
        expect(await page.evaluate(() => document.documentElement.dir)).toBe(language === 'he' ? 'rtl' : 'ltr');
        const findings: string[] = [];
        for (const path of screens) {
          await page.goto(`${board.server.url}${path}`);
          await page.locator('html[data-freshness="live"], .sheet').first().waitFor();
          await isSettled(page);
          const report = await check(page);
          expect([path, report.checked > 30]).toEqual([path, true]);
          findings.push(...report.findings.map((finding) => `${path} ${finding}`));
        }
        expect(findings).toEqual([]);
      },
      90_000,
    );
  }

  inBrowser('would be found faulty by axe if it were', async () => {
    const page = await board.open('/');
    await page.evaluate(() => {
      const image = document.createElement('img');
      image.src = '/favicon.svg';
      document.querySelector('#main')?.append(image);
    });
    expect((await check(page)).findings.join()).toContain('image-alt');
  });

  inBrowser('would fail its test if it broke its policy, asked somebody else or threw', async () => {
    const page = await board.open('/', { context: { bypassCSP: false } });
    const found = async (fault: RegExp) => {
      let faults: string[] = [];
      await eventually(`${fault} is found`, async () => {
        faults = [...faults, ...board.takeFaults()];
        return faults.some((one) => fault.test(one));
      });
    };
    await page.evaluate(() => {
      const style = document.createElement('style');
      style.textContent = 'body { color: red }';
      document.head.append(style);
    });
    await found(/^policy: style-src/);
    // The same server by another name is somebody else.
    const elsewhere = board.server.url.replace('127.0.0.1', 'localhost');
    expect(elsewhere).not.toBe(board.server.url);
    const open = await board.open('/', { context: { bypassCSP: true } });
    await open.evaluate((url) => void fetch(url, { mode: 'no-cors' }).catch(() => undefined), `${elsewhere}/api/site`);
    await found(/^third party: http:\/\/localhost/);
    await open.evaluate(() => void setTimeout(() => Promise.reject(new Error('planted'))));
    await found(/^error: planted/);
  });
});

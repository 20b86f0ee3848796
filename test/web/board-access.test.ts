// Every screen for everybody: axe in light, dark and right to left, and the rules of the page's policy.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { languages } from '../../src/web/manager/words/languages.ts';
import { eventually } from '../support/eventually.ts';
import { isReady, openBoard, small } from './board-page.ts';

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

// Without motion, what opens has its colours from the first frame: in the middle of a fade they would be others.
const looks: { name: string; context: BrowserContextOptions; language: string }[] = [
  { name: 'in light', context: { colorScheme: 'light' }, language: 'en' },
  { name: 'in dark', context: { colorScheme: 'dark' }, language: 'en' },
  { name: 'right to left', context: { colorScheme: 'light' }, language: 'he' },
  {
    name: 'on a phone',
    context: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    language: 'en',
  },
];
for (const { context } of looks) context.reducedMotion = 'reduce';

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

interface Opening {
  what: string;
  path: string;
  open: (page: Page, say: Say) => Promise<unknown>;
  /** What it opens. */
  opened: string;
}

const dialog = '[role="dialog"]';
const menu = '[role="menu"]';

/** What opens above a screen. */
const openings: Opening[] = [
  { what: 'the keys', path: '/', open: (page) => page.keyboard.press('?'), opened: dialog },
  { what: 'the form for tasks', path: '/', open: (page) => page.keyboard.press('n'), opened: 'form.create' },
  { what: 'a reason', path: '/', open: (page, say) => firstButton(page, say('action.sendBack')), opened: dialog },
  { what: 'the settings', path: '/', open: (page, say) => firstButton(page, say('nav.settings')), opened: menu },
  {
    what: 'a card’s menu',
    path: '/board',
    open: (page) => page.locator('.card', { hasText: 'Check valve' }).getByRole('button').click(),
    opened: menu,
  },
  {
    what: 'what was deleted',
    path: '/table',
    open: (page, say) => firstButton(page, say('deleted.open')),
    opened: dialog,
  },
  {
    what: 'a new link',
    path: '/links?employee=1',
    open: (page) => page.locator('.content .button.main:enabled').last().click(),
    opened: dialog,
  },
  {
    what: 'the form for a person',
    path: '/employees',
    open: (page) => page.keyboard.press('n'),
    opened: 'form.row-form',
  },
  {
    what: 'a question',
    path: '/systems?id=2',
    open: (page, say) => firstButton(page, say('action.delete')),
    opened: dialog,
  },
  { what: 'many at once', path: '/table', open: chooseDue, opened: menu },
  { what: 'a clash', path: '/table?task=3', open: clash, opened: '.clash' },
];

async function firstButton(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('button', { name }).first().click();
}

async function chooseDue(page: Page, say: Say): Promise<void> {
  await page.locator('.table-row[data-id="2"] [type="checkbox"]').click();
  await page
    .locator('.bulk')
    .getByRole('button', { name: say('bulk.due') })
    .click();
}

async function clash(page: Page): Promise<void> {
  const title = page.locator('#task-title');
  await title.fill('Mine');
  await board.psql.query(`update tasks set title = 'Theirs ' || version where id = 3`);
  await page.locator('.overtaken').waitFor();
  await title.press('Enter');
}

describe('what opens above a screen', () => {
  for (const { name, context, language } of looks) {
    inBrowser(`has no serious finding of axe ${name}`, async () => {
      const page = await board.open('/', { context, language });
      const say = await wordsOf(language);
      const findings: string[] = [];
      for (const { what, path, open, opened } of openings) {
        await page.goto(`${board.server.url}${path}`);
        await isReady(page);
        await open(page, say);
        await page.locator(opened).first().waitFor();
        findings.push(...(await check(page)).findings.map((finding) => `${what}: ${finding}`));
      }
      expect(findings).toEqual([]);
    });
  }
});

describe('every screen', () => {
  for (const { name, context, language } of looks) {
    inBrowser(`has no serious finding of axe ${name}`, async () => {
      const page = await board.open('/', { context, language });
      expect(await page.evaluate(() => document.documentElement.dir)).toBe(language === 'he' ? 'rtl' : 'ltr');
      const findings: string[] = [];
      for (const path of screens) {
        await page.goto(`${board.server.url}${path}`);
        // Sheets are for paper and say nothing of how fresh they are.
        await (path === '/print' ? page.locator('.sheet').first().waitFor() : isReady(page));
        const report = await check(page);
        expect([path, report.checked > 30]).toEqual([path, true]);
        findings.push(...report.findings.map((finding) => `${path} ${finding}`));
      }
      expect(findings).toEqual([]);
    });
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

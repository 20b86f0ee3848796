// Every screen for everybody: axe in light, dark and right to left, and the rules of the page's policy.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
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
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished)).then(() => undefined),
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
    on: ['/', '/board', '/feed'],
  },
];

/** What opens above a screen: where, and how it is opened. */
const openings: [name: string, path: string, open: (page: Page) => Promise<unknown>][] = [
  ['the keys', '/', (page) => page.keyboard.press('?')],
  ['the form for tasks', '/', (page) => page.keyboard.press('n')],
  ['a reason', '/', (page) => page.getByRole('button', { name: 'Send back' }).first().click()],
  ['a card’s menu', '/board', (page) => page.getByRole('button', { name: 'Actions for Check valve' }).click()],
  ['what was deleted', '/table', (page) => page.getByRole('button', { name: 'Recently deleted' }).click()],
  ['a new link', '/links?employee=1', (page) => page.getByRole('button', { name: /^Make a link for/ }).click()],
  ['a question', '/systems?id=2', (page) => page.getByRole('button', { name: 'Delete' }).click()],
  [
    'many at once',
    '/table',
    async (page) => {
      await page.getByRole('checkbox', { name: 'Select task 2' }).click();
      await page.locator('.bulk').getByRole('button', { name: 'Due' }).click();
    },
  ],
];
const above = '[role="dialog"], [role="menu"], form, .bulk';

describe('what opens above a screen', () => {
  for (const { name, context } of [
    { name: 'in light', context: { colorScheme: 'light' as const } },
    { name: 'in dark', context: { colorScheme: 'dark' as const } },
    { name: 'on a phone', context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
  ]) {
    inBrowser(
      `has no serious finding of axe ${name}`,
      async () => {
        const page = await board.open('/', { context });
        const findings: string[] = [];
        for (const [what, path, open] of openings) {
          await page.goto(`${board.server.url}${path}`);
          await page.locator('html[data-freshness="live"]').waitFor();
          await isSettled(page);
          await open(page);
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
  for (const { name, context, language, on = screens } of looks) {
    inBrowser(
      `has no serious finding of axe ${name}`,
      async () => {
        const page = await board.open('/', { context, language });
        expect(await page.evaluate(() => document.documentElement.dir)).toBe(language === 'he' ? 'rtl' : 'ltr');
        const findings: string[] = [];
        for (const path of on) {
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

  inBrowser('would be heard if it broke its policy', async () => {
    const page = await board.open('/');
    const heard = page.evaluate(
      () =>
        new Promise((resolve) => {
          const hear = (event: SecurityPolicyViolationEvent) => {
            event.stopImmediatePropagation();
            resolve(event.violatedDirective);
          };
          window.addEventListener('securitypolicyviolation', hear, { capture: true, once: true });
          const style = document.createElement('style');
          style.textContent = 'body { color: red }';
          document.head.append(style);
        }),
    );
    expect(await heard).toContain('style-src');
  });
});

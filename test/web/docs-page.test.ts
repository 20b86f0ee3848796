// /docs in a real browser: everything is there, readable by everybody, under the server's own policy.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from '@jest/globals';
import { groups } from '../../src/server/docs/operations.ts';
import { openBrowser } from '../support/browser-file.ts';
import { createScope } from '../support/scope.ts';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const scope = createScope();
const opened = openBrowser();

it('shows every route, asks nobody else, and is accessible on a desk and on a phone', async () => {
  const { browser } = opened;
  if (!browser) return;
  const paths = groups.flatMap(({ operations }) => operations.map(({ path }) => path));
  const server = await scope.server(await scope.database());
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [360, 'dark'],
  ] as const) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
    scope.add(() => context.close());
    const page = await context.newPage();
    const asked: string[] = [];
    const said: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${server.url}/docs`);
    expect([asked.filter((path) => path !== '/favicon.ico'), said.filter((text) => !text.includes('404'))]).toEqual([
      ['/docs'],
      [],
    ]);
    // The style is applied, so the policy let it pass.
    expect(await page.locator('header').evaluate((header) => getComputedStyle(header).paddingLeft)).not.toBe('0px');
    const shown = await page.locator('summary code').allTextContents();
    expect(shown).toEqual(expect.arrayContaining(paths));
    await page.getByText('/api/tasks/:id/history', { exact: true }).click();
    await page.evaluate(() =>
      document.querySelectorAll('details').forEach((details, index) => {
        details.open ||= index < 3;
      }),
    );
    expect(await page.getByText('complete_since').first().isVisible()).toBe(true);
    const { all, visible } = await page.evaluate(() => {
      const { scrollWidth: all, clientWidth: visible } = document.documentElement;
      return { all, visible };
    });
    expect(all).toBeLessThanOrEqual(visible);
    await page.evaluate(readFileSync(axe, 'utf8'));
    const violations = await page.evaluate(async () => {
      // biome-ignore lint/suspicious/noExplicitAny: axe puts itself on window
      const { violations: found } = await (window as any).axe.run();
      return found.map((violation: { id: string; nodes: { html: string }[] }) => [
        violation.id,
        violation.nodes[0]?.html,
      ]);
    });
    expect(violations).toEqual([]);
  }
});

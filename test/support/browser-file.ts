// The one browser of a test file, opened before its tests and closed after them.
import { afterAll, beforeAll } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';

/** `browser` is undefined where none can start: tests of pages pass there, as launchBrowser says. */
export function openBrowser(): { readonly browser: Browser | undefined } {
  const opened: { browser: Browser | undefined } = { browser: undefined };
  beforeAll(async () => {
    opened.browser = await launchBrowser();
  });
  afterAll(() => opened.browser?.close());
  return opened;
}

// Nobody sees anything before signing in, and nothing goes on after signing out.
import { describe, expect } from '@jest/globals';
import { testManager } from '../support/identity.ts';
import { openBoard, small } from './board-page.ts';

const { board, inBrowser } = openBoard({ seed: small });

describe('the door', () => {
  inBrowser('opens to the right password only, and closes at signing out', async () => {
    const page = await board.open('/table', { isAwaited: false, isSignedIn: false });
    await page.getByLabel('Email').fill(testManager.email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'do not belong together' }).waitFor();
    expect(await page.getByText('Sweep chimney').count()).toBe(0);
    await page.getByLabel('Password').fill(testManager.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Sweep chimney').waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    expect(await page.getByText('Sweep chimney').count()).toBe(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Backoff, pause, unlessHeldUp } from '../../src/feed/retry.ts';

describe('the back-off', () => {
  it('doubles up to a cap, with full jitter, and begins again after a reset', () => {
    const backoff = new Backoff({ firstMs: 100, capMs: 1_000, random: () => 1 });
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.next())).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
    expect(new Backoff({ firstMs: 100, capMs: 1_000, random: () => 0 }).next()).toBe(10);
  });

  it('does not overflow after days of failures', () => {
    const backoff = new Backoff({ firstMs: 100, capMs: 1_000, random: () => 1 });
    for (let attempt = 0; attempt < 2_000; attempt += 1) backoff.next();
    expect(backoff.next()).toBe(1_000);
  });
});

describe('a pause', () => {
  it('ends at once when it is aborted, before or during', async () => {
    const during = new AbortController();
    const paused = pause(3_600_000, during.signal);
    during.abort();
    await paused;
    await pause(3_600_000, AbortSignal.abort());
  });
});

describe('a start that is held up', () => {
  it('goes on where somebody is only in the way, and fails where nothing would help', () => {
    for (const code of ['55P03', '57014', '40P01']) unlessHeldUp(Object.assign(new Error('in the way'), { code }));
    const forbidden = Object.assign(new Error('permission denied'), { code: '42501' });
    expect(() => unlessHeldUp(forbidden)).toThrow(forbidden);
    expect(() => unlessHeldUp(undefined)).toThrow();
  });
});

// Who is too slow: the decision alone.
import { describe, expect, it } from '@jest/globals';
import { isTooSlow, slowClientLimits } from '../../src/server/slow-clients.ts';

describe('who is too slow', () => {
  const { longestMs, mostBytes, graceMs } = slowClientLimits;

  it.each([
    ['nothing is unsent', { bytes: 0, ageMs: 0 }, false],
    ['a little, not for long', { bytes: 500, ageMs: longestMs }, false],
    ['a little, for too long', { bytes: 500, ageMs: longestMs + 1 }, true],
    ['a large batch that was handed over just now', { bytes: 10 * mostBytes, ageMs: graceMs }, false],
    ['a large batch that is not taken', { bytes: mostBytes + 1, ageMs: graceMs + 1 }, true],
    ['as much as may be', { bytes: mostBytes, ageMs: longestMs }, false],
  ])('%s', (_, unsent, isSlow) => {
    expect(isTooSlow(unsent, slowClientLimits)).toBe(isSlow);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Batch } from '../../src/feed/drain-session.ts';
import { RecentReplays } from '../../src/feed/recent-replays.ts';

/** An empty batch counts as 200 bytes. */
const to = (place: string): Batch => ({ from: '', to: place, asOf: [1, 0], term: 0, events: [] });

describe('recent replays', () => {
  it('are found by the place they began at, the newest one', () => {
    const recent = new RecentReplays();
    recent.keep('a', to('b'));
    recent.keep('a', to('c'));
    expect(recent.get('a')?.to).toBe('c');
    expect(recent.get('b')).toBeUndefined();
  });

  it('are forgotten in time', () => {
    let now = 0;
    const recent = new RecentReplays({ keepMs: 10, now: () => now });
    recent.keep('a', to('b'));
    now = 9;
    expect(recent.get('a')?.to).toBe('b');
    now = 10;
    expect(recent.get('a')).toBeUndefined();
  });

  it.each([
    ['number', { most: 2 }],
    ['bytes', { maxBytes: 400 }],
  ])('are bounded in %s: the oldest goes', (_, bound) => {
    const recent = new RecentReplays(bound);
    for (const place of ['a', 'b', 'c']) recent.keep(place, to('z'));
    expect(['a', 'b', 'c'].map((place) => recent.get(place)?.to)).toEqual([undefined, 'z', 'z']);
  });
});

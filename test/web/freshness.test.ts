// What the page says of its own freshness.
import { describe, expect, it } from '@jest/globals';
import type { Freshness } from '../../src/client/freshness.ts';
import { freshnessWords } from '../../src/web/manager/freshness.ts';

const told = (freshness: Freshness) => freshnessWords(freshness, () => '14:02');

describe('the page', () => {
  it('says since when it is stale, and why', () => {
    expect(told({ state: 'live' })).toEqual({ level: 'live', label: 'Live', detail: '' });
    const stale = told({ state: 'stale', since: 1, code: 'behind', trouble: 'The server cannot read the database.' });
    expect(stale).toEqual({
      level: 'stale',
      label: 'Stale since 14:02',
      detail: 'The server cannot read the database.',
    });
    expect(told({ state: 'ended', since: 1, trouble: 'Signed out.' })).toMatchObject({ detail: 'Signed out.' });
  });

  it('says in words that changes come later while the server is deaf', () => {
    expect(told({ state: 'live', code: 'deaf' })).toMatchObject({ level: 'delayed', label: 'Delayed' });
  });

  it('is loading before there is anything to show, and says so when that fails', () => {
    expect(told({ state: 'connecting' })).toMatchObject({ level: 'loading', label: 'Loading' });
    expect(told({ state: 'connecting', code: 'load_failed', trouble: 'No answer.' })).toMatchObject({
      label: 'Not loaded',
    });
    expect(told({ state: 'catching up' })).toMatchObject({ label: 'Catching up' });
  });
});

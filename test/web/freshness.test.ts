// What the page says of its own freshness.
import { describe, expect, it } from '@jest/globals';
import { freshness, type LineState, staleAfterMs } from '../../src/web/manager/freshness.ts';

const at = 1_000_000;
const live: LineState = { isConnected: true, isReady: true, hasBeenReady: true, state: 'live', freshAt: at };
const told = (change: Partial<LineState>, now = at) => freshness({ ...live, ...change }, now, () => '14:02');

describe('the page', () => {
  it('is live while pulses come', () => {
    expect(told({}, at + staleAfterMs)).toEqual({ level: 'live', label: 'Live', detail: '' });
  });

  it('is stale without a pulse for 12 seconds, whatever the transport says', () => {
    expect(told({}, at + 12_001)).toMatchObject({ level: 'stale', label: 'Stale since 14:02' });
  });

  it('is stale at once when the connection is lost', () => {
    expect(told({ isConnected: false, isReady: false })).toMatchObject({ level: 'stale' });
  });

  it('is stale while the server cannot read the database, with the reason', () => {
    const { level, detail } = told({ state: 'behind' });
    expect({ level, detail }).toEqual({ level: 'stale', detail: expect.stringContaining('database') });
  });

  it('says in words that changes come later while the server is deaf', () => {
    expect(told({ state: 'deaf' })).toMatchObject({ level: 'delayed', label: 'Delayed' });
  });

  it('is catching up until nothing is missing, and stale when that takes too long', () => {
    const first = { isConnected: false, isReady: false, hasBeenReady: false };
    expect(told(first)).toMatchObject({ label: 'Catching up' });
    expect(told({ isReady: false })).toMatchObject({ label: 'Catching up' });
    expect(told({ isReady: false }, at + 12_001)).toMatchObject({ level: 'stale' });
    expect(told({ isReady: false, trouble: 'The server does not answer.' })).toMatchObject({ level: 'stale' });
  });

  it('says why it is not served any more', () => {
    expect(told({ ended: 'protocol' })).toMatchObject({
      level: 'stale',
      detail: expect.stringContaining('Load the page'),
    });
  });

  it('is loading before there is anything to show, and says so when that fails', () => {
    const first = { freshAt: undefined, isReady: false, isConnected: false };
    expect(told(first)).toMatchObject({ level: 'loading', label: 'Loading' });
    expect(told({ ...first, trouble: 'The server does not answer.' })).toMatchObject({ label: 'Not loaded' });
  });
});

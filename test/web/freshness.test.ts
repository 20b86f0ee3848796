// The words for how fresh the page is.
import { describe, expect, it } from '@jest/globals';
import { freshnessView } from '../../src/web/manager/shell/freshness.model.ts';

describe('freshness in words', () => {
  it('is live only when the client says so', () => {
    expect(freshnessView({ state: 'live' })).toMatchObject({ level: 'live', label: 'live' });
    expect(freshnessView({ state: 'catching up', since: 5 })).toMatchObject({ level: 'catching-up', since: 5 });
  });

  it('tells a deaf server: live, but later', () => {
    expect(freshnessView({ state: 'live', code: 'deaf' })).toMatchObject({ level: 'delayed', detail: 'delayed' });
  });

  it('tells since when it is stale, why, and offers to try now', () => {
    expect(freshnessView({ state: 'stale', since: 7, code: 'no_connection' })).toEqual({
      level: 'stale',
      label: 'stale',
      detail: 'no_connection',
      since: 7,
      action: 'tryNow',
    });
  });

  it('offers to sign in where that helps, else to load again', () => {
    expect(freshnessView({ state: 'ended', code: 'signed_out' }).action).toBe('signIn');
    expect(freshnessView({ state: 'ended', code: 'protocol' })).toMatchObject({ action: 'reload', detail: 'other' });
  });

  it('says why nothing is shown yet only when there is a reason', () => {
    expect(freshnessView({ state: 'connecting' })).toMatchObject({
      level: 'loading',
      detail: undefined,
      action: undefined,
    });
    expect(freshnessView({ state: 'connecting', code: 'load_failed' })).toMatchObject({ action: 'tryNow' });
  });
});

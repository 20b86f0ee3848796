// When a client tries again: by itself within 5 s, at once when somebody looks, never when it is refused for good.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backOffMs } from '../../src/client/back-off.ts';
import { cursorAt } from './factories.ts';
import { type Held, hold, settled } from './held.ts';

let held: Held;

const refusal = (retry: boolean) => Object.assign(new Error('refused'), { data: { code: 'too_many', retry } });

const ready = () => ({
  ask: held.socket().asked,
  cursor: cursorAt(10),
  outcome: 'current',
  count: 0,
  now: new Date(held.clock.wallNow).toISOString(),
});

async function begin(): Promise<void> {
  held = hold(() => ({ tasks: [], cursor: cursorAt(10), next: null }));
  held.clock.nextChance = 0.999;
  held.feed.start();
  await settled();
}

describe('the wait before the next attempt', () => {
  it('is at most 1, 2, 4 and then 5 seconds, and any part of that', () => {
    const most = [0, 1, 2, 3, 4, 50].map((failures) => backOffMs(failures, 1));
    expect(most).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => {
        expect(backOffMs(failures, chance)).toBeCloseTo(chance * backOffMs(failures, 1));
      }),
    );
  });

  it('grows while nothing works, and is short again after a feed:ready', async () => {
    await begin();
    for (const ms of [1_000, 2_000, 4_000, 5_000, 5_000]) {
      const before = held.sockets.length;
      held.socket().receive('connect_error', new Error('down'));
      held.clock.advance(ms * 0.998);
      expect(held.sockets).toHaveLength(before);
      held.clock.advance(ms * 0.002);
      expect(held.sockets).toHaveLength(before + 1);
    }
    held.socket().receive('connect');
    held.socket().receive('feed:ready', ready());
    const before = held.sockets.length;
    held.socket().receive('disconnect', 'transport close');
    held.clock.advance(1_000);
    expect(held.sockets).toHaveLength(before + 1);
  });
});

describe('a client whose server stops', () => {
  const stop = (spread_ms?: number) => {
    held.socket().receive('connect');
    held.socket().receive('feed:end', { code: 'shutdown', spread_ms });
  };
  const fail = () => held.socket().receive('connect_error', new Error('down'));
  /** The waits before the next attempts, which all fail, in steps of 100 ms. */
  function waits(count: number): number[] {
    return Array.from({ length: count }, () => {
      const before = held.sockets.length;
      let ms = 0;
      for (; held.sockets.length === before && ms < 60_000; ms += 100) held.clock.advance(100);
      fail();
      return ms;
    });
  }

  it('leaves it at once, and says that there is no connection', async () => {
    await begin();
    stop(200);
    expect([held.sockets[0]?.isOpen, held.feed.freshness.get()]).toEqual([
      false,
      expect.objectContaining({ code: 'no_connection' }),
    ]);
  });

  it('comes back over the time that the server asks for, which is short for a few', async () => {
    await begin();
    stop(200);
    expect(waits(6)).toEqual([200, 400, 800, 1_600, 3_200, 5_000]);
  });

  it('and long for many, attempt by attempt, until it is back', async () => {
    await begin();
    stop(8_000);
    expect(waits(3)).toEqual([8_000, 8_000, 8_000]);
    held.clock.advance(8_000);
    held.socket().receive('connect');
    held.socket().receive('feed:ready', ready());
    held.socket().receive('disconnect', 'transport close');
    expect(waits(2)).toEqual([1_000, 2_000]);
  });

  it('does not wait longer than 30 seconds, whatever the server asks for, nor when somebody looks', async () => {
    await begin();
    stop(3_600_000);
    expect(waits(2)).toEqual([30_000, 30_000]);
    held.feed.checkNow();
    expect(held.sockets).toHaveLength(4);
  });

  it('comes back as after any loss when the server does not say over what time', async () => {
    await begin();
    stop();
    expect(waits(2)).toEqual([1_000, 2_000]);
  });
});

describe('a client that hears nothing', () => {
  it('gives a connection up that is not made in 20 seconds', async () => {
    await begin();
    held.clock.advance(19_999);
    expect(held.sockets).toHaveLength(1);
    held.clock.advance(2_000);
    expect([held.sockets.length, held.sockets[0]?.isOpen]).toEqual([2, false]);
  });
});

describe('a client that hears what has lain in a buffer', () => {
  it('believes nothing that it knew, and asks at once', async () => {
    await begin();
    const pulse = () => ({ cursor: cursorAt(10), now: new Date(held.clock.wallNow).toISOString(), state: 'live' });
    held.socket().receive('connect');
    held.socket().receive('feed:ready', ready());
    const old = pulse();
    held.clock.advance(11_000);
    held.socket().receive('feed:pulse', pulse());
    held.clock.advance(1_500);
    expect([held.feed.freshness.get().state, held.socket().sent]).toEqual(['live', []]);
    held.socket().receive('feed:pulse', old);
    expect(held.feed.freshness.get()).toMatchObject({ state: 'stale', code: 'asleep' });
    expect(held.socket().sent).toEqual([
      { name: 'feed:resume', data: expect.objectContaining({ since: cursorAt(10) }) },
    ]);
    held.socket().receive('feed:ready', ready());
    held.socket().receive('feed:pulse', pulse());
    expect(held.feed.freshness.get()).toEqual({ state: 'live' });
  });
});

describe('a client that is refused', () => {
  it('for good ends and does not come back by itself', async () => {
    await begin();
    held.socket().receive('connect_error', refusal(false));
    expect(held.feed.freshness.get()).toMatchObject({ state: 'ended', code: 'too_many' });
    held.feed.checkNow();
    held.clock.advance(600_000);
    expect([held.sockets.length, held.clock.timers]).toEqual([1, 0]);
  });

  it('for now comes back', async () => {
    await begin();
    held.socket().receive('connect_error', refusal(true));
    held.clock.advance(1_000);
    expect(held.sockets).toHaveLength(2);
  });
});

describe('a page', () => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const browser = new EventTarget();

  beforeEach(async () => {
    Object.assign(globalThis, { document: page, window: browser });
    page.visibilityState = 'visible';
    await begin();
  });

  afterEach(() => {
    held.feed.stop();
    Reflect.deleteProperty(globalThis, 'document');
    Reflect.deleteProperty(globalThis, 'window');
  });

  it.each([
    ['visibilitychange', page],
    ['resume', page],
    ['pageshow', browser],
    ['focus', browser],
    ['online', browser],
  ])('tries at once to connect at %s', (name, target) => {
    held.socket().receive('disconnect', 'transport close');
    target.dispatchEvent(new Event(name));
    expect(held.sockets).toHaveLength(2);
  });

  it('asks at once what it has missed when it is shown again, though its connection stands', () => {
    held.socket().receive('connect');
    held.socket().receive('feed:ready', ready());
    page.dispatchEvent(new Event('visibilitychange'));
    expect(held.socket().sent).toEqual([{ name: 'feed:resume', data: { ask: 2, since: cursorAt(10) } }]);
  });

  it('does not try when it is hidden, nor after it was stopped', () => {
    held.socket().receive('disconnect', 'transport close');
    page.visibilityState = 'hidden';
    page.dispatchEvent(new Event('visibilitychange'));
    expect(held.sockets).toHaveLength(1);
    page.visibilityState = 'visible';
    held.feed.stop();
    for (const name of ['online', 'focus']) browser.dispatchEvent(new Event(name));
    expect(held.sockets).toHaveLength(1);
  });
});

// The states of the listener, decision by decision: pure, with the clock in the test's hands.
import { describe, expect, it } from '@jest/globals';
import {
  areFollowersThere,
  asleep,
  decide,
  following,
  hot,
  isFollowersLookDue,
  isLookDue,
  isRelayDue,
  type ListenerState,
  noFollowers,
  type Observation,
  settling,
  measuredTuning as tuning,
} from '../../src/feed/listener-state.ts';

const seen = (observation: Partial<Observation> = {}): Observation => ({
  now: 1_000,
  events: 0,
  ms: 1,
  xmin: 100n,
  woken: 0,
  rings: 0,
  ...observation,
});

/** Runs observations through, one after the other; the last decision. */
function run(state: ListenerState, observations: Partial<Observation>[]) {
  let decision: ReturnType<typeof decide> = { state };
  for (const observation of observations) decision = decide(decision.state, seen(observation), tuning);
  return decision;
}

describe('settling', () => {
  it('ends only with a snapshot whose xmin is beyond X, and then rings for the others', () => {
    const state = settling(100n);
    expect(run(state, [{ xmin: 99n }]).state.name).toBe('settling');
    // X itself may still be running in this snapshot.
    expect(run(state, [{ xmin: 100n }]).state.name).toBe('settling');
    expect(run(state, [{ xmin: 101n }])).toMatchObject({ state: { name: 'asleep' }, action: 'relay' });
  });

  it('does not end because drains find nothing, nor go on because they find something', () => {
    expect(run(settling(100n), [{}, {}, {}, {}]).state.name).toBe('settling');
    expect(run(settling(100n), [{ xmin: 101n, events: 50, rings: 3 }]).state.name).toBe('asleep');
  });

  it('asks for K again and again while somebody else holds it, whatever the snapshots say', () => {
    expect(run(settling(undefined), [{ xmin: 10n ** 12n }])).toMatchObject({
      state: { name: 'settling' },
      action: 'cool',
    });
  });

  it('looks less and less often, but never less than four times a second', () => {
    const waits: number[] = [];
    let state = settling(100n);
    for (let times = 0; times < 40; times += 1) {
      const decision = decide(state, seen(), tuning);
      state = decision.state;
      waits.push(decision.waitMs ?? Number.POSITIVE_INFINITY);
    }
    expect(waits[0]).toBeLessThanOrEqual(5);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBe(250);
  });
});

describe('asleep', () => {
  it('stays so at any rate of rings while nobody queues and drains keep up', () => {
    const rings = Array.from({ length: 500 }, (_, index) => ({ now: 1_000 + index * 2, rings: index % 2, queue: 0 }));
    expect(run(asleep(1_000), rings)).toMatchObject({ state: { name: 'asleep' } });
    expect(run(asleep(1_000), rings).action).toBeUndefined();
  });

  it('wants to be hot when writers queue for the NOTIFY lock', () => {
    expect(run(asleep(1_000), [{ queue: 14 }]).action).toBe('heat');
    expect(
      run(
        asleep(1_000),
        Array.from({ length: 100 }, () => ({ queue: 1 })),
      ).action,
    ).toBeUndefined();
  });

  it('does not take a burst that is seen once for a queue, but three writers that queue for long', () => {
    expect(run(asleep(1_000), [{ queue: 12 }, { queue: 0 }, { queue: 0 }]).action).toBeUndefined();
    expect(run(asleep(1_000), [{ queue: 12 }]).action).toBeUndefined();
    expect(
      run(
        asleep(1_000),
        Array.from({ length: 10 }, () => ({ queue: 3 })),
      ).action,
    ).toBe('heat');
  });

  it('wants to be hot when every drain meets another ring for long', () => {
    const latched = Array.from({ length: tuning.hotLatched }, () => ({ rings: 1 }));
    expect(run(asleep(1_000), latched).action).toBe('heat');
    expect(run(asleep(1_000), [...latched.slice(1), { rings: 0 }, { rings: 1 }]).action).toBeUndefined();
  });

  it('wants to be hot sooner when, besides, rings come as fast as from a writer without a pause', () => {
    const share = Math.ceil(tuning.hotLatched * tuning.fastLatchedShare);
    // A hundred rings in 100 ms, and then every drain meets another one.
    const rings = Array.from({ length: 50 }, (_, n) => ({ now: 1_000 + n * 2, woken: 2 }));
    const latched = Array.from({ length: share }, () => ({ now: 1_100, woken: 1, rings: 1 }));
    expect(run(asleep(1_000), [...rings, ...latched]).action).toBe('heat');
    expect(run(asleep(1_000), [...rings, ...latched.slice(1)]).action).toBeUndefined();
    const few = rings.map(({ now }) => ({ now, woken: 1 }));
    expect(run(asleep(1_000), [...few, ...latched]).action).toBeUndefined();
  });

  it('looks at the queue though every drain is done before the next ring, as where NOTIFY is slow', () => {
    const slow = Array.from({ length: 40 }, (_, n) => ({ now: 1_000 + n * 5, woken: 1, rings: 0 }));
    expect(isLookDue(run(asleep(1_000), slow).state, 1_200, tuning)).toBe(true);
  });

  it('looks at the queue only while rings come often, and not more than every 20 ms', () => {
    expect(isLookDue(asleep(0), 50, tuning)).toBe(false);
    const busy = run(
      asleep(1_000),
      Array.from({ length: 30 }, (_, n) => ({ now: 1_000 + n * 5, woken: 1 })),
    ).state;
    expect(isLookDue(busy, 1_150, tuning)).toBe(true);
    const looked = decide(busy, seen({ now: 1_150, queue: 0 }), tuning).state;
    expect(isLookDue(looked, 1_160, tuning)).toBe(false);
    expect(isLookDue(looked, 1_171, tuning)).toBe(true);
    for (const state of [following, hot(0), settling(1n)]) expect(isLookDue(state, 10_000, tuning)).toBe(false);
  });
});

describe('hot', () => {
  it('drains again after a pause that grows with the drain, within bounds', () => {
    expect(run(hot(1_000), [{ now: 1_002, events: 5, ms: 0.1 }]).waitMs).toBe(tuning.leastTickMs);
    expect(run(hot(1_000), [{ now: 1_002, events: 5, ms: 5 }]).waitMs).toBe(5 * tuning.tickShare);
    expect(run(hot(1_000), [{ now: 1_002, events: 5, ms: 900 }]).waitMs).toBe(tuning.mostTickMs);
  });

  it('stays so while changes come, and cools down when they have become few, not at the first empty drain', () => {
    const busy = Array.from({ length: 500 }, (_, index) => ({ now: 1_000 + index * 4, events: (index % 2) * 20 }));
    expect(run(hot(1_000), busy)).toMatchObject({ state: { name: 'hot' } });
    const quiet = Array.from({ length: 1_000 }, (_, index) => ({ now: 3_000 + index * 4, events: 0 }));
    let state = run(hot(1_000), busy).state;
    const cooledAt = quiet.find((observation) => {
      const decision = decide(state, seen(observation), tuning);
      state = decision.state;
      return decision.action === 'cool';
    });
    expect(cooledAt?.now).toBeGreaterThan(3_050);
    expect(cooledAt?.now).toBeLessThan(5_000);
  });
});

describe('hot again soon after it was left', () => {
  const leaves = (state: ListenerState, from: number) => {
    let current = state;
    for (let now = from; ; now += 5) {
      const decision = decide(current, seen({ now }), tuning);
      current = decision.state;
      if (decision.action === 'cool') return { state: current, now };
    }
  };

  it('lasts twice as long as before, so that a slow disk is not tried out again and again', () => {
    const first = leaves(hot(1_000), 1_000);
    const slept = asleep(first.now + 10, settling(5n, first.state, first.now));
    const second = leaves(hot(first.now + 200, slept), first.now + 200);
    expect(second.now - first.now - 200).toBeGreaterThanOrEqual(2 * tuning.leastHotMs);
  });

  it('begins anew after a longer sleep', () => {
    const first = leaves(hot(1_000), 1_000);
    const slept = asleep(first.now + 10, settling(5n, first.state, first.now));
    const later = first.now + tuning.relapseMs + 1;
    expect(hot(later, slept)).toMatchObject({ stay: { ms: tuning.leastHotMs } });
  });
});

describe('a ring for the other processes', () => {
  const everyMs = 20;

  it('is due so long after the last one', () => {
    for (const state of [hot(500), settling(100n), asleep(500)]) {
      expect(isRelayDue(state, { now: 1_019, relayedAt: 1_000 }, everyMs)).toBe(false);
      expect(isRelayDue(state, { now: 1_020, relayedAt: 1_000 }, everyMs)).toBe(true);
    }
  });

  it('is not due in the first moments of hot, when writers queue who have rung for them', () => {
    expect(isRelayDue(hot(1_000), { now: 1_019, relayedAt: 0 }, everyMs)).toBe(false);
    expect(isRelayDue(hot(1_000), { now: 1_020, relayedAt: 0 }, everyMs)).toBe(true);
  });
});

describe('who follows', () => {
  it('is looked for now and then', () => {
    expect(isFollowersLookDue(noFollowers, 0)).toBe(true);
    expect(isFollowersLookDue({ ...noFollowers, lookedAt: 1_000 }, 1_249)).toBe(false);
    expect(isFollowersLookDue({ ...noFollowers, lookedAt: 1_000 }, 1_250)).toBe(true);
  });

  it('is rung for though it was not seen at the last looks, as between two waits for the key', () => {
    expect(areFollowersThere(noFollowers, 0)).toBe(false);
    expect(areFollowersThere({ lookedAt: 1_750, seenAt: 1_000 }, 1_999)).toBe(true);
    expect(areFollowersThere({ lookedAt: 1_750, seenAt: 1_000 }, 2_000)).toBe(false);
  });
});

describe('following', () => {
  it('decides nothing: it is woken by rings and relays', () => {
    expect(run(following, [{ rings: 5, events: 5, queue: 20 }])).toEqual({ state: following });
  });
});

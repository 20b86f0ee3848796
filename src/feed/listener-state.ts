// When writers have to ring, and when they need not: the states of the listener as pure decisions.
//
// A transaction that executed NOTIFY takes a cluster-wide lock at commit and holds it through the flush, so writers that
// ring are serialised. A network driver has the same trouble with interrupts, and the same cure: interrupts while idle,
// polling while busy. Two advisory keys carry it:
//
//   K  held exclusively by a listener that is hot. A writer tries K shared, after its journal INSERT and without
//      keeping it: if that works nobody is hot, and it rings.
//   M  held by the one process that may become hot, the driver. Whoever else listens waits for M, and is the driver
//      when the one before it dies or stops.
//
//            got M             drained past X            writers queue for NOTIFY
//   following ────▶ settling ──────────────────▶ asleep ──────────────────────────▶ hot
//        ▲             ▲  └─ a drain a moment         └─ a drain per ring            │ a drain per tick
//        │             └─────────────────────────────────────────────────────────────┘ few changes
//        └── the session broke (K and M are free again), from any state
//
// Going to sleep is the dangerous step. A writer that found K taken has not rung, and may commit long after K is free.
// So every way to asleep leads through settling: (a) K is released, and seen free; (b) then X, a fresh transaction id
// of our own, is taken; (c) drains go on until one whose snapshot has xmin > X. A writer that skipped its ring tested K
// before (a), after its journal row had given it an id below X. A snapshot with xmin > X says that every transaction
// below X has ended, so the drain has seen that writer's rows; everybody who tests K after (a) rings.
//
// Ways that look right and lose changes, each kept as a strategy that a test shows to lose:
// - asleep as soon as K is released, or after one more drain: the writer above commits afterwards.
// - the snapshot's xmax for X: running transactions may have ids beyond it, since it is the next one after the latest
//   that has ended. X must be taken, not read.
// - asleep at start: the process before us may have died hot a moment ago.
// - a writer that keeps K shared to its commit: no ring is lost, but under load the listener never becomes hot.
//
// For the others the driver relays: whoever is not the driver hears no writer while the driver is hot. It rings for them
// after drains that found something, at most every `relayEveryMs`, and once at the end of every settling, which covers a
// driver before it that died before it could. Where nobody follows, that would be fifty transactions a second for
// nothing, and a drain behind each: the driver looks now and then who waits for M, and what it owes stays owed meanwhile.

export type ListenerStateName = 'following' | 'settling' | 'asleep' | 'hot';

export type ListenerState =
  | { name: 'following' }
  /** `after` is X; undefined while somebody else holds K, so that X cannot be taken yet. */
  | { name: 'settling'; after: bigint | undefined; pauseMs: number; stay: Stay }
  | { name: 'asleep'; queue: number; latched: number; rings: RingRate; lookedAt: number; stay: Stay }
  | { name: 'hot'; since: number; rate: number; at: number; stay: Stay };

/** How long hot lasts at least, and when it was last left. */
interface Stay {
  ms: number;
  leftAt: number;
}

interface RingRate {
  windowAt: number;
  count: number;
}

/** What one drain has shown. */
export interface Observation {
  /** Milliseconds of a monotonic clock. */
  now: number;
  /** Rows that had changed. */
  events: number;
  /** How long the drain took. */
  ms: number;
  /** Oldest transaction that was running in the drain's snapshot. */
  xmin: bigint;
  /** Rings that led to the drain. */
  woken: number;
  /** Rings since the drain began: latched, they lead to the next one. */
  rings: number;
  /** Writers queueing for the NOTIFY lock, if it was looked at. */
  queue?: number;
}

/** `heat`: try to take K. `cool`: release K and take X. `relay`: ring for the others. */
export type Action = 'heat' | 'cool' | 'relay';

export interface Decision {
  state: ListenerState;
  action?: Action;
  /** Drain again after this time, ms, or earlier at a ring; undefined: at a ring or the safety poll only. */
  waitMs?: number;
}

export interface Strategy {
  /** Wrong if false: asleep as soon as K is released. */
  settles: boolean;
  /** Wrong if false: a new driver begins asleep. */
  settlesAtStart: boolean;
  /** Wrong if `xmax`: X is read off a snapshot. */
  bound: 'taken' | 'xmax';
}

export const soundStrategy: Strategy = { settles: true, settlesAtStart: true, bound: 'taken' };

export interface Tuning {
  /** Looks at the NOTIFY queue: at most this often, and only while this many rings come per second. */
  lookEveryMs: number;
  lookAboveRingsPerSecond: number;
  /**
   * Writers in the queue, smoothed, that make the listener hot, and the weight of one look: a burst that is seen once
   * must not, since it is over by the time the listener is hot.
   */
  hotQueue: number;
  lookWeight: number;
  /**
   * Drains in a row in which another ring came in, that do so too: the listener drains without a pause anyway. A share
   * of them is enough while more than `fastRingsPerSecond` come, as from one writer that writes without a pause.
   */
  hotLatched: number;
  fastLatchedShare: number;
  fastRingsPerSecond: number;
  /**
   * Changed rows per second, smoothed over `rateMs`, below which it goes back to sleep, no earlier than `leastHotMs`. On
   * a slow disk even fewer may be too many for NOTIFY, which only trying shows: whoever becomes hot again within
   * `relapseMs` stays so for twice as long as the time before, up to `mostHotMs`.
   */
  coolRate: number;
  rateMs: number;
  leastHotMs: number;
  relapseMs: number;
  mostHotMs: number;
  /**
   * Pause between hot drains: this much of the last drain's time, within bounds. A long drain means that much waits
   * already, and after it a long pause would only make the next one long as well.
   */
  tickShare: number;
  leastTickMs: number;
  mostTickMs: number;
  /** Pause between settling drains: grows from the first to the last. */
  leastSettleMs: number;
  mostSettleMs: number;
}

// Measured on two cores, see docs/performance.md.
export const measuredTuning: Tuning = {
  lookEveryMs: 20,
  lookAboveRingsPerSecond: 40,
  hotQueue: 2,
  lookWeight: 0.15,
  hotLatched: 60,
  fastLatchedShare: 0.25,
  fastRingsPerSecond: 700,
  coolRate: 1_000,
  rateMs: 300,
  leastHotMs: 300,
  relapseMs: 2_000,
  mostHotMs: 20_000,
  tickShare: 0.5,
  leastTickMs: 1,
  mostTickMs: 4,
  leastSettleMs: 2,
  mostSettleMs: 250,
};

export const following: ListenerState = { name: 'following' };

const freshStay: Stay = { ms: 0, leftAt: Number.NEGATIVE_INFINITY };

/** After K was released: `after` is X, or undefined if K was not free; `from` is the state before. */
export function settling(after: bigint | undefined, from: ListenerState = following, now = 0): ListenerState {
  return {
    name: 'settling',
    after,
    pauseMs: 0,
    stay: from.name === 'hot' ? { ...from.stay, leftAt: now } : stayOf(from),
  };
}

export function asleep(now: number, from: ListenerState = following): ListenerState {
  return {
    name: 'asleep',
    queue: 0,
    latched: 0,
    rings: { windowAt: now, count: 0 },
    lookedAt: now,
    stay: stayOf(from),
  };
}

/** After K was taken. */
export function hot(now: number, from: ListenerState = following, tuning: Tuning = measuredTuning): ListenerState {
  const before = stayOf(from);
  const isRelapse = now - before.leftAt < tuning.relapseMs;
  const ms = isRelapse ? Math.min(before.ms * 2, tuning.mostHotMs) : tuning.leastHotMs;
  return { name: 'hot', since: now, rate: Number.POSITIVE_INFINITY, at: now, stay: { ms, leftAt: now } };
}

function stayOf(state: ListenerState): Stay {
  return state.name === 'following' ? freshStay : state.stay;
}

/** Whether the NOTIFY queue is worth a look now. */
export function isLookDue(state: ListenerState, now: number, tuning: Tuning): boolean {
  if (state.name !== 'asleep' || now - state.lookedAt < tuning.lookEveryMs) return false;
  return perSecond(state.rings, now) > tuning.lookAboveRingsPerSecond;
}

/**
 * Whether a ring for the others that is owed may go now. In the first moments of hot the writers who have rung still queue
 * for the NOTIFY lock: the others hear them, and a ring of our own would wait behind them, and the next drain for it.
 */
export function isRelayDue(
  state: ListenerState,
  { now, relayedAt }: { now: number; relayedAt: number },
  everyMs: number,
): boolean {
  const from = state.name === 'hot' ? Math.max(relayedAt, state.since) : relayedAt;
  return now - from >= everyMs;
}

/** What the driver knows of others: when it looked who waits for M, and when it last saw somebody. */
export interface Followers {
  lookedAt: number;
  seenAt: number;
}

export const noFollowers: Followers = { lookedAt: Number.NEGATIVE_INFINITY, seenAt: Number.NEGATIVE_INFINITY };

/** Who has just begun to follow is not rung for until it is seen: it drained when it came, and waits this long at most. */
const lookForFollowersMs = 250;
/** Longer than a follower may be unseen between two waits for M. */
const followersStayMs = 1_000;

export function isFollowersLookDue({ lookedAt }: Followers, now: number): boolean {
  return now - lookedAt >= lookForFollowersMs;
}

export function areFollowersThere({ seenAt }: Followers, now: number): boolean {
  return now - seenAt < followersStayMs;
}

function perSecond({ count, windowAt }: RingRate, now: number): number {
  return (count * 1000) / Math.max(now - windowAt, 100);
}

/** What to do after a drain. */
export function decide(state: ListenerState, seen: Observation, tuning: Tuning): Decision {
  switch (state.name) {
    case 'following':
      return { state };
    case 'settling':
      return settle(state, seen, tuning);
    case 'asleep':
      return doze(state, seen, tuning);
    case 'hot':
      return poll(state, seen, tuning);
  }
}

function settle(state: ListenerState & { name: 'settling' }, seen: Observation, tuning: Tuning): Decision {
  const pauseMs = Math.min(Math.max(state.pauseMs * 1.5, tuning.leastSettleMs), tuning.mostSettleMs);
  if (state.after === undefined) return { state: { ...state, pauseMs }, action: 'cool', waitMs: pauseMs };
  if (seen.xmin > state.after) return { state: asleep(seen.now, state), action: 'relay' };
  return { state: { ...state, pauseMs }, waitMs: pauseMs };
}

function doze(state: ListenerState & { name: 'asleep' }, seen: Observation, tuning: Tuning): Decision {
  const isNewWindow = seen.now - state.rings.windowAt > 200;
  const rings = isNewWindow
    ? { windowAt: seen.now, count: seen.woken }
    : { windowAt: state.rings.windowAt, count: state.rings.count + seen.woken };
  const latched = seen.rings > 0 ? state.latched + 1 : 0;
  const next = { ...state, rings, latched, ...looked(state, seen, tuning) };
  const isFast = perSecond(rings, seen.now) > tuning.fastRingsPerSecond;
  const mostLatched = tuning.hotLatched * (isFast ? tuning.fastLatchedShare : 1);
  const isPressed = next.queue >= tuning.hotQueue || latched >= mostLatched;
  return isPressed ? { state: next, action: 'heat' } : { state: next };
}

function looked(state: ListenerState & { name: 'asleep' }, { queue, now }: Observation, tuning: Tuning) {
  if (queue === undefined) return undefined;
  return { queue: state.queue + (queue - state.queue) * tuning.lookWeight, lookedAt: now };
}

function poll(state: ListenerState & { name: 'hot' }, seen: Observation, tuning: Tuning): Decision {
  const elapsed = Math.max(seen.now - state.at, 0.5);
  const current = (seen.events * 1000) / elapsed;
  const weight = 1 - Math.exp(-elapsed / tuning.rateMs);
  const rate = Number.isFinite(state.rate) ? state.rate + (current - state.rate) * weight : Math.max(current, 1000);
  if (rate < tuning.coolRate && seen.now - state.since >= state.stay.ms) {
    return { state: { ...state, rate, at: seen.now }, action: 'cool' };
  }
  const tickMs = Math.min(Math.max(seen.ms * tuning.tickShare, tuning.leastTickMs), tuning.mostTickMs);
  return { state: { ...state, rate, at: seen.now }, waitMs: tickMs };
}

// What a line does about each event, by the state it is in. The table in line.ts says which of these answers where.
import { compareAsOf } from '../protocol/cursor.ts';
import type { FeedBatch } from '../protocol/feed.ts';
import { backOffMs } from './back-off.ts';
import { answerMs, ask, awaiting, check, connect, end, isDue, load, lose, stay } from './line-moves.ts';
import { type EventOf, idleLine, type Line, type Moment, type Step, staleAfterMs } from './line-state.ts';
import { isLaterThan, laterOf, placeOf } from './place.ts';
import { ageOf, unknownClock, withMessage } from './server-clock.ts';

const behindMs = 30_000;

/** From the beginning, also after an end; what is shown stays until the new snapshot is complete. */
export function onStart(line: Line, _event: object, at: Moment): Step {
  return load(freshLine(line, at), { waitMs: 0 }, at);
}

/** Nothing is left of what was known but the numbers, and whether something is shown. */
export function freshLine({ run, isShown, asked, answered }: Line, at: Moment): Line {
  return { ...idleLine, run, isShown, asked, answered, startedAt: at.steady };
}

export function onEnd(line: Line, { code }: EventOf<'end'>): Step {
  return end(line, code);
}

// A random part of what the server asks for, so that a herd does not load at once. What a reset that is told to
// everybody stands for may be in the stores already: they were loaded a moment before.
export function onReset(line: Line, { reset }: EventOf<'reset'>, at: Moment): Step {
  const told = placeOf(reset.cursor);
  const isKnown = told && line.chain?.epoch === told.epoch && compareAsOf(told.asOf, line.chain.asOf) <= 0;
  return isKnown ? stay(line) : load(line, { waitMs: reset.spread_ms * at.chance }, at);
}

export function onLoaded(line: Line, { run, snapshot }: EventOf<'loaded'>, at: Moment): Step {
  if (run !== line.run || !snapshot) return stay(line);
  const { place, horizon } = snapshot;
  const next: Line = { ...line, failedLoads: 0, trouble: undefined, loaded: snapshot, place, chain: place, horizon };
  return line.isConnected ? ask(next, place, at) : connect(next, at);
}

export function onLoadFailed(line: Line, { run, trouble, endCode }: EventOf<'loadFailed'>, at: Moment): Step {
  if (run !== line.run) return stay(line);
  if (endCode !== undefined) return end({ ...line, trouble }, endCode);
  const dueAt = at.steady + backOffMs(line.failedLoads, at.chance);
  return stay({ ...line, failedLoads: line.failedLoads + 1, trouble, dueAt });
}

export function onLoadTick(line: Line, _event: object, at: Moment): Step {
  return isDue(line, at) ? load(line, { waitMs: 0 }, at) : stay(line);
}

// Only a failed load is hurried: the wait after a reset is what keeps a herd apart.
export function onLoadCheck(line: Line, _event: object, at: Moment): Step {
  const isFailed = line.failedLoads > 0 && line.dueAt !== undefined;
  return isFailed ? load(line, { waitMs: 0 }, at) : stay(line);
}

// The load goes on; what comes of it decides how to connect.
export function onLostWhileLoading(line: Line): Step {
  return stay({ ...line, isConnected: false });
}

// The handshake has carried `place`; its answer is feed:ready or feed:reset.
export function onConnected(line: Line, _event: object, at: Moment): Step {
  if (!line.place) return load({ ...line, isConnected: true }, { waitMs: 0 }, at);
  return stay(awaiting({ ...line, isConnected: true }, line.place, at));
}

export function onLost(line: Line, { spreadMs = line.spreadMs }: EventOf<'lost'>, at: Moment): Step {
  return lose({ ...line, spreadMs }, at);
}

export function onRefused(line: Line, { code, retry }: EventOf<'refused'>, at: Moment): Step {
  return retry ? lose(line, at) : end(line, code);
}

export function onWaitTick(line: Line, _event: object, at: Moment): Step {
  return isDue(line, at) ? connect(line, at) : stay(line);
}

export function onWaitCheck(line: Line, _event: object, at: Moment): Step {
  return connect(line, at);
}

// Much that was missed comes no faster than it is read, and takes its time; what comes shows that the line is good.
export function onMissedBatch(line: Line, { batch }: EventOf<'batch'>, at: Moment): Step {
  return stay({ ...hear(line, batch, at), held: [...line.held, batch] });
}

export function onReady(line: Line, { ready }: EventOf<'ready'>, at: Moment): Step {
  const { place, loaded } = line;
  const told = placeOf(ready.cursor);
  if (!place || ready.outcome === 'fresh' || told?.epoch !== place.epoch) return load(line, { waitMs: 0 }, at);
  const batches = line.held.filter(({ from }) => placeOf(from)?.epoch === place.epoch);
  if (line.heard < ready.count) return ask(line, line.chain ?? place, at);
  const reached = laterOf(place, told);
  const next: Line = { ...synced(line, ready.now, at), phase: 'live', place: reached, chain: reached, failures: 0 };
  const shown: Line = { ...next, held: [], loaded: undefined, isShown: true, dueAt: undefined, checkedAt: at.steady };
  return { line: shown, effects: [{ do: 'show', snapshot: loaded, batches, upTo: reached.asOf }] };
}

export function onAnswerTick(line: Line, _event: object, at: Moment): Step {
  if (!isDue(line, at)) return stay(line);
  return { line: lose(line, at).line, effects: [{ do: 'disconnect' }] };
}

export function onBatch(before: Line, { batch }: EventOf<'batch'>, at: Moment): Step {
  const line = hear(before, batch, at);
  const { chain, place } = line;
  if (!chain || !place) return load(line, { waitMs: 0 }, at);
  const from = placeOf(batch.from);
  if (from?.epoch !== chain.epoch) return ask(line, place, at);
  if (compareAsOf(batch.as_of, chain.asOf) <= 0) return stay(line);
  if (compareAsOf(from.asOf, chain.asOf) > 0) return ask(line, chain, at);
  // Parts of one batch have one as_of; a beginning whose end never came counts for nothing.
  const parts = line.held.filter((part) => isSameBatch(part, batch));
  if ((batch.part ?? 0) !== parts.length) return (batch.part ?? 0) < parts.length ? stay(line) : ask(line, chain, at);
  const held = [...parts, batch];
  const to = placeOf(batch.to);
  if (!to) return stay({ ...line, held });
  const shown: Line = { ...line, held: [], chain: to, place: laterOf(place, to) };
  return { line: shown, effects: [{ do: 'show', snapshot: undefined, batches: held, upTo: to.asOf }] };
}

function hear(line: Line, { events }: FeedBatch, at: Moment): Line {
  const dueAt = line.dueAt === undefined ? undefined : at.steady + answerMs;
  return { ...line, heard: line.heard + events.length, dueAt };
}

function isSameBatch(a: FeedBatch, b: FeedBatch): boolean {
  return compareAsOf(a.as_of, b.as_of) === 0;
}

/** The answer to a check. */
export function onReadyAgain(line: Line, { ready }: EventOf<'ready'>, at: Moment): Step {
  const told = placeOf(ready.cursor);
  if (!line.place || told?.epoch !== line.place.epoch) return load(line, { waitMs: 0 }, at);
  if (line.heard < ready.count) return ask(line, line.chain ?? line.place, at);
  const place = laterOf(line.place, told);
  const next: Line = { ...synced(line, ready.now, at), place, chain: place, dueAt: undefined };
  return { line: next, effects: [{ do: 'bury', upTo: place.asOf }] };
}

export function onPulse(line: Line, event: EventOf<'pulse'>, at: Moment): Step {
  const { pulse } = event;
  const age = ageOf(line.serverClock, pulse.now, at.wall);
  // A pulse that has lain in a buffer says how things were, not how they are.
  if (age > staleAfterMs) return stay({ ...line, isSuspect: true });
  const { line: heard } = onPulseHeard(line, event, at);
  if (line.isSuspect) return stay(heard);
  if (line.chain && isLaterThan(pulse.tip, line.chain)) return ask(heard, line.chain, at);
  const told = placeOf(pulse.cursor);
  const place = line.place && told?.epoch === line.place.epoch ? laterOf(line.place, told) : line.place;
  if (pulse.state === 'behind') return stay({ ...heard, place });
  const freshAt = at.steady - Math.max(0, age || 0);
  return stay({ ...heard, place, freshAt, freshServerAt: Date.parse(pulse.now) });
}

/** A pulse that says nothing about the stores yet, but tells the server's clock and state. */
export function onPulseHeard(line: Line, { pulse }: EventOf<'pulse'>, at: Moment): Step {
  return stay({ ...line, server: pulse.state, serverClock: withMessage(line.serverClock, pulse.now, at) });
}

// Both clocks are taken as they are now: what the server has just said is the first thing known after a jump.
export function synced(line: Line, now: string, { wall }: Moment): Line {
  const known = line.isSuspect ? unknownClock : line.serverClock;
  // A steady clock that stood still meanwhile would make the last pulse look young.
  const freshAt = line.isSuspect ? undefined : line.freshAt;
  const serverClock = withMessage(known, now, { wall, asked: line.askedAt });
  const isSuspect = line.isSuspect && line.askedAt === undefined;
  return { ...line, isSuspect, answered: line.asked, askedAt: undefined, serverClock, freshAt, spreadMs: undefined };
}

export function onCheck(line: Line, _event: object, at: Moment): Step {
  return check(line, at);
}

// Silence on an open connection is asked about; a check that is not answered gives the connection up.
export function onLiveTick(line: Line, _event: object, at: Moment): Step {
  if (isDue(line, at)) {
    const { line: next, effects } = connect({ ...lose(line, at).line, failures: 0 }, at);
    return { line: next, effects: [{ do: 'disconnect' }, ...effects] };
  }
  const lately = Math.max(line.freshAt ?? 0, line.checkedAt ?? 0);
  // No pulse comes while the server cannot read the database, so there is less reason to ask.
  const isSilent = at.steady - lately > (line.server === 'behind' ? behindMs : staleAfterMs);
  return isSilent ? check(line, at) : stay(line);
}

// The few ways in which a line goes from one state to another. What they are called for is in line-answers.ts.
import { backOffMs } from './back-off.ts';
import type { Line, Moment, Step } from './line-state.ts';
import type { Place } from './place.ts';

/** A connection, and an answer to feed:resume or to the handshake, is waited for this long, ms; a check of a live line, less. */
export const answerMs = 20_000;
const checkMs = 2_500;

export function stay(line: Line): Step {
  return { line, effects: [] };
}

export function load(line: Line, { waitMs }: { waitMs: number }, at: Moment): Step {
  const next: Line = { ...line, phase: 'loading', run: line.run + 1, held: [], loaded: undefined };
  if (waitMs > 0) return { line: { ...next, dueAt: at.steady + waitMs }, effects: [] };
  return { line: { ...next, dueAt: undefined }, effects: [{ do: 'load', run: next.run }] };
}

// The handshake is a question too, and the server may answer before this side knows that the connection stands.
export function connect(line: Line, at: Moment): Step {
  const next = numbered({ ...line, phase: 'connecting', dueAt: at.steady + answerMs }, at);
  return { line: next, effects: [{ do: 'connect', ask: next.asked }] };
}

// What was held and not shown will be told again: the place has not moved.
export function lose(line: Line, at: Moment): Step {
  const dueAt = at.steady + backOffMs(line.failures, at.chance, line.spreadMs);
  const lost: Line = { ...line, phase: 'waiting', isConnected: false, held: [], failures: line.failures + 1, dueAt };
  return { line: lost, effects: [] };
}

/** Waits for the answer to a question that was asked `since` a place. */
export function awaiting(line: Line, since: Place | undefined, at: Moment): Line {
  return { ...line, phase: 'catching up', held: [], heard: 0, chain: since, dueAt: at.steady + answerMs };
}

export function ask(line: Line, since: Place | undefined, at: Moment): Step {
  const asked = numbered(awaiting(line, since, at), at);
  return { line: asked, effects: [{ do: 'ask', ask: asked.asked, since: since?.cursor }] };
}

/** Asks for what is missing since `place` while the line goes on; if no answer comes soon, it is given up. */
export function check(line: Line, at: Moment): Step {
  if (line.askedAt !== undefined) return stay(line);
  const dueAt = at.steady + (line.server === 'behind' ? answerMs : checkMs);
  const checked = numbered({ ...line, chain: line.place, heard: 0, dueAt, checkedAt: at.steady }, at);
  return { line: checked, effects: [{ do: 'ask', ask: checked.asked, since: line.place?.cursor }] };
}

// Only the answer to the newest question counts: an earlier one may have lain in a buffer while the machine slept, and
// taken for the answer to what was asked afterwards it would make the past look like now.
function numbered(line: Line, { wall }: Moment): Line {
  return { ...line, asked: line.asked + 1, askedAt: wall };
}

export function stop(line: Line): Step {
  const stopped: Line = { ...line, phase: 'idle', isConnected: false, run: line.run + 1, dueAt: undefined, held: [] };
  return { line: { ...stopped, loaded: undefined }, effects: [{ do: 'disconnect' }] };
}

export function end(line: Line, code: string): Step {
  const { line: stopped, effects } = stop(line);
  return { line: { ...stopped, phase: 'ended', endCode: code }, effects };
}

export function isDue({ dueAt }: Line, { steady }: Moment): boolean {
  return dueAt !== undefined && steady >= dueAt;
}

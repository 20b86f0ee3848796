// One step of a machine that is given as a table. The table's type is complete: an event that a state has no answer for
// does not compile.
import { check } from './line-moves.ts';
import type { EventName, EventOf, Line, LineEvent, Moment, Phase, Step } from './line-state.ts';

type Handler<Name extends EventName> = (line: Line, event: EventOf<Name>, at: Moment) => Step;
type Handlers = { readonly [Name in EventName]: Handler<Name> };
export type Table = Readonly<Record<Phase, Handlers>>;
export type StepLine = (line: Line, event: LineEvent, at: Moment) => Step;

/** The clocks may disagree by this much between two looks at them, ms. */
const jumpMs = 5_000;

export function stepper(table: () => Table): StepLine {
  return (line, event, at) => {
    const next = handle(table()[line.phase], look(line, at), event, at);
    if (!next.line.isSuspect || next.line.phase !== 'live') return next;
    // A doubtful line is checked at once, whatever the event was; not again while an answer is waited for.
    const checked = check(next.line, at);
    return { line: checked.line, effects: [...next.effects, ...checked.effects] };
  };
}

function handle<Name extends EventName>(handlers: Handlers, line: Line, event: EventOf<Name>, at: Moment): Step {
  const handler: Handler<Name> = handlers[event.type];
  return handler(line, event, at);
}

/**
 * Whether the clocks have gone different ways since the last look: a steady clock may stand still while a machine
 * sleeps, the wall clock may be set. Then nothing that was known before says anything about now.
 */
export function hasJumped({ seen }: Line, { steady, wall }: Moment): boolean {
  return seen !== undefined && Math.abs(wall - seen.wall - (steady - seen.steady)) > jumpMs;
}

// An answer to what was asked before the jump does not end the doubt: it may have lain in a buffer all the while.
function look(line: Line, at: Moment): Line {
  const seen = { steady: at.steady, wall: at.wall };
  return hasJumped(line, at) ? { ...line, seen, isSuspect: true, askedAt: undefined } : { ...line, seen };
}

// One step of a machine that is given as a table. The table's type is complete: an event that a state has no answer for
// does not compile.
import { check, stay } from './line-moves.ts';
import type { EventName, EventOf, Line, LineEvent, Moment, Phase, Step } from './line-state.ts';

type Handler<Name extends EventName> = (line: Line, event: EventOf<Name>, at: Moment) => Step;
type Handlers = { readonly [Name in EventName]: Handler<Name> };
export type Table = Readonly<Record<Phase, Handlers>>;
export type StepLine = (line: Line, event: LineEvent, at: Moment) => Step;

/** The clocks may disagree by this much between two looks at them, ms. */
const jumpMs = 5_000;

export function stepper(table: () => Table): StepLine {
  return (line, event, at) => {
    const looked = look(line, at);
    if (!isAnswered(looked, event)) return stay(looked);
    const next = handle(table()[line.phase], looked, event, at);
    if (!next.line.isSuspect || next.line.phase !== 'live') return next;
    // A doubtful line is checked at once, whatever the event was; not again while an answer is waited for.
    const checked = check(next.line, at);
    return { line: checked.line, effects: [...next.effects, ...checked.effects] };
  };
}

// What answers an earlier question than the last says nothing that the last answer will not say.
function isAnswered({ asked, answered }: Line, event: LineEvent): boolean {
  if (event.type === 'ready') return event.ready.ask === asked && answered < asked;
  return event.type !== 'reset' || event.reset.ask === undefined || event.reset.ask === asked;
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

// The line of a confirmation link's page, as a table beside the one in line.ts. A link has no cursor, so its page is
// loaded after every feed:ready, and what is told meanwhile is applied to it by as_of.
//
//   start ─▶ connecting ─▶ catching up ─ feed:ready ─▶ loading ─▶ live
//               ▲ │ lost        ▲                        ▲          │
//               │ ▼             │                        └── ready ─┤ (the answer to a check)
//             waiting ──────────┘ after feed:reset ◀────────────────┘
import * as on from './line-answers.ts';
import { ask, awaiting, connect, isDue, load, stay, stop } from './line-moves.ts';
import type { EventOf, Line, Moment, Step } from './line-state.ts';
import { stepper, type Table } from './line-step.ts';
import { offsetOf } from './server-clock.ts';

export const stepLink = /* @__PURE__ */ stepper(() => table);

function onStart(line: Line, _event: object, at: Moment): Step {
  return connect(on.freshLine({ ...line, run: line.run + 1 }, at), at);
}

function onConnected(line: Line, _event: object, at: Moment): Step {
  return stay(awaiting({ ...line, isConnected: true }, undefined, at));
}

function onReady(line: Line, { ready }: EventOf<'ready'>, at: Moment): Step {
  return begin({ ...on.synced(line, ready.now, at), failures: 0, failedLoads: 0 }, at);
}

function begin(line: Line, at: Moment): Step {
  return load({ ...line, checkedAt: at.steady }, { waitMs: 0 }, at);
}

// The page comes straight from the database, so it is as fresh as the moment it was asked for.
function onLoaded(line: Line, { run }: EventOf<'loaded'>, at: Moment): Step {
  if (run !== line.run) return stay(line);
  const freshAt = line.checkedAt ?? at.steady;
  const freshServerAt = at.wall + offsetOf(line.serverClock) - (at.steady - freshAt);
  const loaded: Line = { ...line, phase: 'live', isShown: true, failedLoads: 0, trouble: undefined, dueAt: undefined };
  return stay({ ...loaded, freshAt, freshServerAt });
}

function onLoadTick(line: Line, _event: object, at: Moment): Step {
  return isDue(line, at) ? begin(line, at) : stay(line);
}

function onLoadCheck(line: Line, _event: object, at: Moment): Step {
  return line.dueAt === undefined ? stay(line) : begin(line, at);
}

// The connection stands; after the wait the link's scope is asked for anew.
function onReset(line: Line, { reset }: EventOf<'reset'>, at: Moment): Step {
  return stay({ ...line, phase: 'waiting', run: line.run + 1, dueAt: at.steady + reset.spread_ms * at.chance });
}

function onWaitTick(line: Line, _event: object, at: Moment): Step {
  if (!isDue(line, at)) return stay(line);
  return line.isConnected ? ask(line, undefined, at) : connect(line, at);
}

function onWaitCheck(line: Line, _event: object, at: Moment): Step {
  return line.isConnected ? stay(line) : connect(line, at);
}

const resting = {
  start: onStart,
  stop: stay,
  loaded: stay,
  loadFailed: stay,
  connected: stay,
  lost: stay,
  refused: stay,
  ready: stay,
  batch: stay,
  reset: stay,
  pulse: stay,
  end: stay,
  check: stay,
  tick: stay,
} as const;

const table: Table = {
  idle: resting,
  ended: resting,
  connecting: {
    ...resting,
    start: stay,
    stop,
    connected: onConnected,
    lost: on.onLost,
    refused: on.onRefused,
    end: on.onEnd,
    tick: on.onAnswerTick,
  },
  'catching up': {
    ...resting,
    start: stay,
    stop,
    lost: on.onLost,
    refused: on.onRefused,
    ready: onReady,
    reset: onReset,
    pulse: on.onPulseHeard,
    end: on.onEnd,
    tick: on.onAnswerTick,
  },
  loading: {
    ...resting,
    start: stay,
    stop,
    loaded: onLoaded,
    loadFailed: on.onLoadFailed,
    lost: on.onLost,
    refused: on.onRefused,
    ready: onReady,
    reset: onReset,
    pulse: on.onPulseHeard,
    end: on.onEnd,
    check: onLoadCheck,
    tick: onLoadTick,
  },
  live: {
    ...resting,
    start: stay,
    stop,
    lost: on.onLost,
    refused: on.onRefused,
    ready: onReady,
    reset: onReset,
    pulse: on.onPulse,
    end: on.onEnd,
    check: on.onCheck,
    tick: on.onLiveTick,
  },
  waiting: {
    ...resting,
    start: stay,
    stop,
    lost: on.onLost,
    refused: on.onRefused,
    ready: onReady,
    pulse: on.onPulseHeard,
    end: on.onEnd,
    check: onWaitCheck,
    tick: onWaitTick,
  },
};

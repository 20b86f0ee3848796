// The client's line to the server as a pure machine: state and event in, state and effects out. The table is complete by
// its type: an event that a state has no answer for does not compile.
//
//   start ─▶ loading ─▶ connecting ─▶ catching up ─▶ live        stores change on the way into `live`, and in it
//              ▲            ▲ │           │  ▲ │       │
//              │            │ ▼           │  │ └─lost──┼─▶ waiting ─▶ connecting
//              │          waiting ◀───────┘  └── gap ──┤
//              └──────────── feed:reset ───────────────┘         `ended` from anywhere: refused, feed:end
//
// The way that looks right and is not: applying what was missed as it arrives. A reader would see a table that never was,
// and a cut in the middle would leave it there. So batches are held until feed:ready, or until their last part.
import * as on from './line-answers.ts';
import { stay, stop } from './line-moves.ts';
import { stepper, type Table } from './line-step.ts';

/** Pure: what the line is after the event, and what is to be done. */
export const step = stepper(() => table);

const table: Table = {
  idle: {
    start: on.onStart,
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
  },
  // Whatever comes meanwhile is told again, or is in the snapshot: feed:resume follows the load.
  loading: {
    start: stay,
    stop,
    loaded: on.onLoaded,
    loadFailed: on.onLoadFailed,
    connected: stay,
    lost: on.onLostWhileLoading,
    refused: on.onLostWhileLoading,
    ready: stay,
    batch: stay,
    reset: stay,
    pulse: on.onPulseHeard,
    end: on.onEnd,
    check: on.onLoadCheck,
    tick: on.onLoadTick,
  },
  waiting: {
    start: stay,
    stop,
    loaded: stay,
    loadFailed: stay,
    connected: stay,
    lost: stay,
    refused: stay,
    ready: stay,
    batch: stay,
    reset: stay,
    pulse: stay,
    end: on.onEnd,
    check: on.onWaitCheck,
    tick: on.onWaitTick,
  },
  connecting: {
    start: stay,
    stop,
    loaded: stay,
    loadFailed: stay,
    connected: on.onConnected,
    lost: on.onLost,
    refused: on.onRefused,
    ready: stay,
    batch: stay,
    reset: stay,
    pulse: stay,
    end: on.onEnd,
    check: stay,
    tick: on.onAnswerTick,
  },
  'catching up': {
    start: stay,
    stop,
    loaded: stay,
    loadFailed: stay,
    connected: stay,
    lost: on.onLost,
    refused: on.onRefused,
    ready: on.onReady,
    batch: on.onMissedBatch,
    reset: on.onReset,
    pulse: on.onPulseHeard,
    end: on.onEnd,
    check: stay,
    tick: on.onAnswerTick,
  },
  live: {
    start: stay,
    stop,
    loaded: stay,
    loadFailed: stay,
    connected: stay,
    lost: on.onLost,
    refused: on.onRefused,
    ready: on.onReadyAgain,
    batch: on.onBatch,
    reset: on.onReset,
    pulse: on.onPulse,
    end: on.onEnd,
    check: on.onCheck,
    tick: on.onLiveTick,
  },
  ended: {
    start: on.onStart,
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
  },
};

// What the client's line to the server is made of: its states, what can happen to it, and what it wants done.
// SPEC.md beside this file says the same in prose.
import type { AsOf } from '../protocol/cursor.ts';
import type { FeedBatch, FeedPulse, FeedReady, FeedReset } from '../protocol/feed.ts';
import type { Place } from './place.ts';
import { type ServerClock, unknownClock } from './server-clock.ts';
import type { Snapshot } from './snapshot.ts';

export type Phase = 'idle' | 'loading' | 'waiting' | 'connecting' | 'catching up' | 'live' | 'ended';

/** Now, as every decision gets it. */
export interface Moment {
  /** ms, never set back; may stand still while the machine sleeps. */
  steady: number;
  /** ms since 1970 by this machine's clock, which may jump. */
  wall: number;
  /** In [0, 1). */
  chance: number;
}

export interface Line {
  readonly phase: Phase;
  readonly isConnected: boolean;
  /** Number of the load under way; the answer to an earlier one is not used. */
  readonly run: number;
  /** When to go on, by the steady clock: to load, to connect, or to give up waiting for an answer. */
  readonly dueAt?: number | undefined;
  /** Attempts that have failed since the last feed:ready, and loads since the last good one. */
  readonly failures: number;
  /** The time over which a server that stopped has asked its clients to come back, ms; until the next feed:ready. */
  readonly spreadMs?: number | undefined;
  readonly failedLoads: number;
  /** Everything committed up to here is in the stores, or in `loaded`. Never moves back within an epoch. */
  readonly place?: Place | undefined;
  /** Where the chain of batches was heard up to. A pulse moves `place`, not this: what it skips would go unnoticed. */
  readonly chain?: Place | undefined;
  /** The latest page of the snapshot; before `place` has reached it, some rows are ahead of others. */
  readonly horizon?: AsOf | undefined;
  /** Loaded and not shown yet. */
  readonly loaded?: Snapshot | undefined;
  /** Told and not shown yet: what was missed, or the first parts of a batch. */
  readonly held: readonly FeedBatch[];
  readonly isShown: boolean;
  readonly server: FeedPulse['state'];
  readonly serverClock: ServerClock;
  /** Numbers of the last question (a handshake or feed:resume), and of the last that was answered with feed:ready. */
  readonly asked: number;
  readonly answered: number;
  /** When the last question was asked, by this machine's clock, while its answer may say something about now. */
  readonly askedAt?: number | undefined;
  /** When the stores were last known to equal the database, by the steady clock and by the server's. */
  readonly freshAt?: number | undefined;
  readonly freshServerAt?: number | undefined;
  /** The clocks do not agree with each other: the machine has slept, or its clock was set. Nothing counts until checked. */
  readonly isSuspect: boolean;
  readonly seen?: Pick<Moment, 'steady' | 'wall'> | undefined;
  readonly checkedAt?: number | undefined;
  /** Events heard since the last question: an answer that was told more of lacks something. */
  readonly heard: number;
  readonly startedAt?: number | undefined;
  readonly trouble?: string | undefined;
  readonly endCode?: string | undefined;
}

export interface LineEvents {
  start: object;
  stop: object;
  /** A link's page is no snapshot of the feed. */
  loaded: { run: number; snapshot?: Snapshot };
  /** `endCode`: loading again would not help. */
  loadFailed: { run: number; trouble: string; endCode?: string | undefined };
  connected: object;
  /** A connection, or the attempt at one, has ended. `spreadMs`: the server stops, and asks to come back over that time. */
  lost: { spreadMs?: number | undefined };
  /** connect_error with a code. */
  refused: { code: string; retry: boolean };
  ready: { ready: FeedReady };
  batch: { batch: FeedBatch };
  reset: { reset: FeedReset };
  pulse: { pulse: FeedPulse };
  /** feed:end, or a message that this version cannot read: it may have held a change, so nothing after it is sure. */
  end: { code: string };
  /** Somebody looks at the screen again, or the network is back. */
  check: object;
  tick: object;
}
export type EventName = keyof LineEvents;
export type EventOf<Name extends EventName> = { type: Name } & LineEvents[Name];
export type LineEvent = { [Name in EventName]: EventOf<Name> }[EventName];

export type Effect =
  | { do: 'load'; run: number }
  | { do: 'connect'; ask: number }
  | { do: 'disconnect' }
  /** feed:resume. */
  | { do: 'ask'; ask: number; since: string | undefined }
  /** One step for every reader: the snapshot, if any, then the batches. */
  | { do: 'show'; snapshot: Snapshot | undefined; batches: readonly FeedBatch[]; upTo: AsOf }
  /** Nothing up to here will be told any more: deleted rows up to here need not be remembered. */
  | { do: 'bury'; upTo: AsOf };

export interface Step {
  line: Line;
  effects: readonly Effect[];
}

export const idleLine: Line = {
  phase: 'idle',
  isConnected: false,
  run: 0,
  failures: 0,
  failedLoads: 0,
  held: [],
  heard: 0,
  asked: 0,
  answered: 0,
  isShown: false,
  server: 'live',
  serverClock: unknownClock,
  isSuspect: false,
};

/** A client without a pulse for this long is stale, whatever the transport says, ms. */
export const staleAfterMs = 12_000;

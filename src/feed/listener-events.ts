// Everything that the listener says: the only side channel of the feed. Logs, metrics and tests hang on it.
import type { Cursor } from '../protocol/cursor.ts';
import type { ResetReason } from '../protocol/feed.ts';
import type { Batch } from './drain-session.ts';
import type { ListenerStateName } from './listener-state.ts';

/** live: all is well. deaf: rings may be missed, polling fast. behind: the database does not answer drains. */
export type FeedHealth = 'live' | 'deaf' | 'behind';

export interface ListenerEvents {
  /** The feed begins here: every later change will be in a batch. */
  'feed:began': [cursor: Cursor];
  /** Something changed, or readers must load anew: the next link of the chain. */
  'batch:drained': [batch: Batch];
  /** A drain succeeded: how long it took, how many events it had. */
  'drain:done': [drain: { ms: number; events: number }];
  'drain:failed': [error: Error];
  'doorbell:rang': [ring: { processId: number }];
  'doorbell:listening': [];
  'doorbell:deaf': [reason: Error];
  /** Nobody rang for a while, or rings cannot be heard: it looks by itself. */
  'poll:due': [kind: 'safety' | 'deaf'];
  /** asleep, hot, settling, or following another process. */
  'state:changed': [state: ListenerStateName];
  'health:changed': [health: FeedHealth];
  /** One of the subscribers of these events threw. */
  'subscriber:failed': [error: unknown];
}

/** What becomes of readers that come back with a cursor. */
export interface ReaderEvents {
  /** It has what it missed: from the ring buffer, or from the journal by a replay. */
  'reader:served': [served: { from: 'memory' | 'journal'; ms: number }];
  /** Its cursor cannot be served: it loads anew. */
  'reader:reset': [reason: ResetReason];
}

// The feed on the wire (Socket.IO): what is sent when is told in docs/protocol.md; these schemas are what both sides
// parse with.
import * as z from 'zod/mini';
import { asOf, cursor } from './cursor.ts';
import { employee } from './employee.ts';
import { id, int, time } from './fields.ts';
import { link, linkedSystem, linkState } from './link.ts';
import { system } from './system.ts';
import { task } from './task.ts';

/** Raised with every change of these schemas that an older client would misread. */
export const protocolVersion = 1;

export const topics = ['task', 'system', 'employee', 'link'] as const;

export const kinds = ['created', 'updated', 'deleted'] as const;
export type Kind = (typeof kinds)[number];

/** What changed, who changed it, and how many changes of the row this event stands for. */
export const change = z.object({
  /** Journal number of the last change, a decimal string. */
  seq: z.string(),
  /** Names of the fields that differ from before; `version` and `updated_at` are not named. */
  changed: z.array(z.string()),
  /** The old values of those fields; null for created and deleted. */
  before: z.nullable(z.looseObject({})),
  /** `manager:3`, `link:17`, `db:alice (psql)`. */
  actor: z.string(),
  /** The name behind the actor, where there is one. */
  actor_name: z.nullable(z.string()),
  at: time,
  /** Changes of the row itself that are folded into this event; 0 when only something shown beside it changed. */
  count: int,
});
export type Change = z.infer<typeof change>;

/** What a link's holder is told of a change: neither who made it nor what was before. */
const linkChange = z.object({ seq: z.string(), changed: z.array(z.string()), at: time, count: int });

/** A task that a link's holder may not see any more arrives as its id alone. */
const gone = z.object({ id });

const single = { change, as_of: asOf, cursor: z.optional(cursor) };
export const taskEvent = z.object({ task, ...single });
/** `task:*` as a link's socket gets it; never with a cursor. */
export const linkTaskEvent = z.object({ task: z.union([task, gone]), change: linkChange, as_of: asOf });
export type LinkTaskEvent = z.infer<typeof linkTaskEvent>;
/** `system:updated` on a link's socket: a system of its tasks, as far as the holder may know it. */
export const linkSystemEvent = z.object({ system: linkedSystem, change: linkChange, as_of: asOf });
export type LinkSystemEvent = z.infer<typeof linkSystemEvent>;
/** `link:updated` on a link's socket: its own link was acknowledged, or lives longer or shorter. */
export const linkStateEvent = z.object({ link: linkState, change: linkChange, as_of: asOf });
export type LinkStateEvent = z.infer<typeof linkStateEvent>;
export const systemEvent = z.object({ system, ...single });
export const employeeEvent = z.object({ employee, ...single });
export const linkEvent = z.object({ link, ...single });

const eventName = z.enum(topics.flatMap((topic) => kinds.map((kind) => `${topic}:${kind}` as const)));
export type EventName = z.infer<typeof eventName>;

/** One event of a batch: its name, the row under its topic's name, and the change. */
export const batchEvent = z.object({
  event: eventName,
  task: z.optional(task),
  system: z.optional(system),
  employee: z.optional(employee),
  link: z.optional(link),
  change,
});
export type BatchEvent = z.infer<typeof batchEvent>;

/** `feed:batch`: one packet per drain, or a part of it; only the last part carries `to`. */
export const feedBatch = z.object({
  from: cursor,
  to: z.optional(cursor),
  /** Number of the part, from 0; absent where there is but one. */
  part: z.optional(int),
  as_of: asOf,
  term: int,
  events: z.array(batchEvent),
});
export type FeedBatch = z.infer<typeof feedBatch>;

/** Number of the question that a message answers, as the client has given it with the handshake or with feed:resume. */
const ask = z.optional(int);
export type Ask = z.infer<typeof ask>;

/** What an answer names its question by. */
export function named(number: Ask): { ask?: number } {
  return number === undefined ? {} : { ask: number };
}

/** A link's socket gets no cursor: its page loads its tasks after every feed:ready. */
export const feedReady = z.object({
  ask,
  cursor: z.optional(cursor),
  outcome: z.enum(['fresh', 'current', 'replayed']),
  /** Events sent before this message. */
  count: int,
  now: time,
});
export type FeedReady = z.infer<typeof feedReady>;

export const resetReasons = ['expired', 'epoch', 'bulk', 'truncated', 'behind', 'malformed'] as const;
export type ResetReason = (typeof resetReasons)[number];

/** The longest `spread_ms`: no client is asked to wait longer. */
export const longestSpreadMs = 30_000;

/** "Your cursor cannot be served: wait a random part of spread_ms, load the snapshot, feed:resume." */
export const feedReset = z.object({
  ask,
  /** Told to everybody: the end of the batch that this stands for. Who has read that far already lacks nothing. */
  cursor: z.optional(cursor),
  reason: z.enum(resetReasons),
  count: z.optional(int),
  spread_ms: int,
});
export type FeedReset = z.infer<typeof feedReset>;

export const feedPulse = z.object({
  cursor: z.optional(cursor),
  /** The end of the last batch that was sent to everybody: who has not had it lacks something. */
  tip: z.optional(cursor),
  now: time,
  state: z.enum(['live', 'deaf', 'behind']),
});
export type FeedPulse = z.infer<typeof feedPulse>;

/** With `shutdown`: come back after a random part of `spread_ms`. */
export const feedEnd = z.object({
  code: z.enum(['revoked', 'expired', 'signed_out', 'disabled', 'shutdown']),
  spread_ms: z.optional(int),
});
export type FeedEnd = z.infer<typeof feedEnd>;

// Only the server parses what a client sends; so marked, these leave no trace in a page's script.
/*@__NO_SIDE_EFFECTS__*/ function short(max: number) {
  return z.string().check(z.maxLength(max));
}

/** Handshake `auth`. Unknown fields are refused: a misspelt `since` must not be taken as "fresh". */
export const handshake = z.strictObject({
  protocol: z.optional(int),
  since: z.optional(short(16_384)),
  batch: z.optional(z.boolean()),
  link: z.optional(short(512)),
  token: z.optional(short(512)),
  ask,
});
export type Handshake = z.infer<typeof handshake>;

/** `feed:resume`, client to server; a link's socket sends it without `since`. */
export const feedResume = z.strictObject({ since: z.optional(short(16_384)), ask });

export const connectErrors = [
  'unauthenticated',
  'link_unknown',
  'link_expired',
  'link_revoked',
  'origin',
  'too_many',
  'protocol',
  'unavailable',
] as const;

/** `connect_error.data`. */
export const connectError = z.object({ code: z.enum(connectErrors), retry: z.boolean() });
export type ConnectError = z.infer<typeof connectError>;

/** Socket.IO event maps, for a typed server and a typed client. */
export interface ServerToClient extends Record<EventName, (event: Record<string, unknown>) => void> {
  'feed:batch': (batch: FeedBatch) => void;
  'feed:ready': (ready: FeedReady) => void;
  'feed:reset': (reset: FeedReset) => void;
  'feed:pulse': (pulse: FeedPulse) => void;
  'feed:end': (end: FeedEnd) => void;
}
/** All that a client may send once it is connected. */
export const clientEvents = ['feed:resume'] as const;

export interface ClientToServer {
  'feed:resume': (request: unknown) => void;
}

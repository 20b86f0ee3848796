// `GET /api/feed`: how the feed of this process is doing, as the board's Feed screen shows it.
import * as z from 'zod/mini';
import { time } from './fields.ts';

const count = z.int();
const ms = z.number();

export const listenerStates = ['following', 'settling', 'asleep', 'hot'] as const;

export const feedReport = z.object({
  now: time,
  /** When this process began to serve. */
  started_at: time,
  /** live: all is well. deaf: rings may be missed, it looks by itself. behind: the database does not answer. */
  health: z.enum(['live', 'deaf', 'behind']),
  listener: z.object({ state: z.enum(listenerStates), since: time }),
  doorbell: z.object({ state: z.enum(['listening', 'deaf']), since: time }),
  /** The feed's place: everything committed up to here has been told. */
  cursor: z.nullable(z.string()),
  /** The last time it looked, and the last time it found something. */
  last_drain: z.nullable(z.object({ at: time, ms })),
  last_found: z.nullable(z.object({ at: time, ms, events: count })),
  /** From the change in its transaction to the sockets, over the last minute; null where nothing changed. Within 5 %. */
  latency_ms: z.object({ p50: z.nullable(ms), p95: z.nullable(ms), max: z.nullable(ms) }),
  /** Since the start: events told, and the changes of rows that they stand for. */
  events_total: count,
  changes_total: count,
  /** Of the last 60 whole seconds, the oldest first. */
  events_per_second: z.array(count),
  /** Connected sockets: of managers and programs, of links, and those still catching up. */
  clients: z.object({ managers: count, links: count, arriving: count, cut: count }),
  replays: z.object({ from_memory: count, from_journal: count, resets: count }),
  journal: z.object({
    /** Estimated where it is large. */
    rows: count,
    bytes: count,
    oldest_at: z.nullable(time),
    /** Committed and not told yet; counted up to 10,000. */
    backlog: count,
  }),
});
export type FeedReport = z.infer<typeof feedReport>;

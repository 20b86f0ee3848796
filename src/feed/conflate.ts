// From a drained row to an event: what kind of change it was and which fields differ. Pure.
import * as z from 'zod/mini';
import type { Change, Kind } from '../protocol/feed.ts';

// Not z.record, which walks through every field of every row to learn what JSON says already: that names are text.
export const jsonObject = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** The first row of a drain: where the statement stood and whether its rows may be used. */
export const drainState = z.object({
  snapshot: z.string(),
  epoch: z.nullable(z.string()),
  standby: z.boolean(),
  rows: z.number(),
  overrun: z.boolean(),
  truncated: z.boolean(),
  /** More happened to internal topics than is told row by row. */
  internal_overrun: z.boolean(),
  horizon: z.nullable(z.string()),
});
export type DrainState = z.infer<typeof drainState>;

/** Every other row of a drain: one changed row, its changes folded into one. */
export const drainedRow = z.object({
  topic: z.string(),
  row_id: z.string(),
  seq: z.string(),
  count: z.number(),
  inserted: z.boolean(),
  before: z.nullable(jsonObject),
  actor: z.string(),
  actor_name: z.nullable(z.string()),
  at: z.string(),
  row: z.nullable(jsonObject),
  gone: z.nullable(jsonObject),
  was: z.nullable(jsonObject),
  audience: z.nullable(z.array(z.number())),
  /** Nothing changed but who may see the row. */
  unseen: z.boolean(),
  /** Size of the rows as JSON, where it is known. */
  bytes: z.optional(z.number()),
});
export type DrainedRow = z.infer<typeof drainedRow>;

/** One event of the feed, for whatever topic. */
export interface FeedEvent {
  topic: string;
  kind: Kind;
  id: number;
  row: Record<string, unknown>;
  change: Change;
  /** Ids of the limited audiences that may see the row now. */
  audience: number[];
  /** Nothing changed but the audience, or the topic is internal: those who see everything need not hear of it. */
  isForAudienceOnly: boolean;
  /** Roughly its size as JSON, measured once for all who bound what they keep or send. */
  bytes: number;
}

// They differ with every change, so naming them would say nothing.
const bookkeeping = new Set(['version', 'updated_at']);

export function toEvent(drained: DrainedRow): FeedEvent {
  const kind = kindOf(drained);
  const before = kind === 'updated' ? fieldsBefore(drained) : null;
  const row = drained.row ?? drained.gone ?? {};
  const change: Change = {
    seq: drained.seq,
    changed: before ? Object.keys(before) : [],
    before,
    actor: drained.actor,
    actor_name: drained.actor_name,
    at: drained.at,
    count: drained.count,
  };
  return {
    topic: drained.topic,
    kind,
    id: Number(drained.row_id),
    row,
    change,
    audience: drained.audience ?? [],
    isForAudienceOnly: drained.unseen,
    bytes: drained.bytes ?? JSON.stringify(row).length + JSON.stringify(change).length + 50,
  };
}

// The live row decides, not the last operation: it is what a reader will find. A row that came and went within the
// slice is deleted too, since some reader may have loaded it in between.
function kindOf({ row, inserted }: DrainedRow): Kind {
  if (!row) return 'deleted';
  return inserted ? 'created' : 'updated';
}

// A column that only the table has (an administrator added it) is in no row that readers see, so it is not named.
function fieldsBefore({ before, row, was }: DrainedRow): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (!row) return fields;
  for (const values of was ? [before, was] : [before]) {
    for (const field in values) {
      if (!(field in row) || bookkeeping.has(field)) continue;
      const old = values[field];
      if (isEqual(old, row[field])) delete fields[field];
      else fields[field] = old;
    }
  }
  return fields;
}

// Values of one row: scalars, or small arrays that PostgreSQL writes in one form.
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b);
}

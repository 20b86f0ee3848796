// Where a reader is: a cursor with its parts, compared as docs/protocol.md says.
import { type AsOf, type Cursor, compareAsOf, parseCursor } from '../protocol/cursor.ts';

export interface Place {
  cursor: Cursor;
  epoch: string;
  asOf: AsOf;
}

/** Undefined for text that is no cursor. */
export function placeOf(cursor: Cursor | undefined): Place | undefined {
  const parts = cursor === undefined ? undefined : parseCursor(cursor);
  return parts && cursor !== undefined ? { cursor, epoch: parts.epoch, asOf: parts.asOf } : undefined;
}

/** The later one; `a` when they are equal. Both are of one epoch. */
export function laterOf(a: Place, b: Place): Place {
  return compareAsOf(b.asOf, a.asOf) > 0 ? b : a;
}

/** Whether a cursor of the same epoch is later. */
export function isLaterThan(cursor: Cursor | undefined, place: Place): boolean {
  const other = placeOf(cursor);
  return other?.epoch === place.epoch && compareAsOf(other.asOf, place.asOf) > 0;
}

// Where a reader is: a cursor with its parts, compared as docs/protocol.md says.
import { type AsOf, type Cursor, compareAsOf } from '../protocol/cursor.ts';

export interface Place {
  cursor: Cursor;
  epoch: string;
  asOf: AsOf;
}

// epoch.xmin:xmax:running,… – what PostgreSQL would refuse is not the client's to find out.
const form = /^([^.]+)\.\d+:(\d+):(.*)$/;

/** Undefined for text that is no cursor. */
export function placeOf(cursor: Cursor | undefined): Place | undefined {
  const [, epoch, xmax, running] = form.exec(cursor ?? '') ?? [];
  if (cursor === undefined || epoch === undefined || running === undefined) return undefined;
  return { cursor, epoch, asOf: [Number(xmax), running === '' ? 0 : -running.split(',').length] };
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

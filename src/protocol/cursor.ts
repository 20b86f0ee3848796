// A reader's place in the feed: `<epoch>.<pg_snapshot>`. Opaque to clients, which only keep it and send it back; the
// parts are read by the server, and as_of (the order of cursors) by the client's store.
import * as z from 'zod/mini';
import { must } from './fields.ts';

/** `[xmax, -number of xip]`: compared left to right. Snapshots of one primary are totally ordered by it. */
export type AsOf = [number, number];
export const asOf = z
  .array(z.number())
  .check(must(({ length }) => length === 2, 'must be two numbers')) as unknown as z.ZodMiniType<AsOf, AsOf>;

// xmin:xmax:xip,xip,… – PostgreSQL's text form. A snapshot lists one id per open writer, so it is bounded by the
// server's connections; 16 kB is over a thousand of them.
const longest = 16_384;
export const cursorForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[\d:,]{4,16347}$/;
const partsForm =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.((\d{1,20}):(\d{1,20}):((?:\d{1,20}(?:,\d{1,20})*)?))$/;

export const cursor = z.string().check(must((text) => cursorForm.test(text), 'must be a cursor'));
export type Cursor = string;

export interface CursorParts {
  epoch: string;
  snapshot: string;
  /** Oldest transaction that was running. */
  xmin: bigint;
  asOf: AsOf;
}

/** The parts of a cursor, or undefined for text that PostgreSQL would not take as one. */
export function parseCursor(text: string): CursorParts | undefined {
  const match = text.length <= longest ? partsForm.exec(text) : null;
  if (!match) return undefined;
  const [, epoch = '', snapshot = '', xmin = '', xmax = '', list = ''] = match;
  const xip = list === '' ? [] : list.split(',').map(BigInt);
  if (!isSnapshot(BigInt(xmin), BigInt(xmax), xip)) return undefined;
  return { epoch, snapshot, xmin: BigInt(xmin), asOf: [Number(xmax), -xip.length] };
}

/** -1, 0 or 1: whether `a` is earlier than, equal to or later than `b`. */
export function compareAsOf(a: AsOf, b: AsOf): number {
  return Math.sign(a[0] - b[0] || a[1] - b[1]);
}

// The rules of PostgreSQL's own parser: 0 < xmin <= xmax <= 2^63, ids rising and within [xmin, xmax).
function isSnapshot(xmin: bigint, xmax: bigint, xip: bigint[]): boolean {
  if (xmin <= 0n || xmax < xmin || xmax > 0x7fff_ffff_ffff_ffffn) return false;
  let last = 0n;
  for (const xid of xip) {
    if (xid < xmin || xid >= xmax || xid <= last) return false;
    last = xid;
  }
  return true;
}

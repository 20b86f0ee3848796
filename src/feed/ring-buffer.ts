// The last batches, so that a reader who was away for a moment is served without asking the database. Bounded in
// bytes: the oldest batches go first, and a reader from before them is served by a replay instead.
//
// They are kept as the bytes of their JSON, and made into objects again for the few who come. As objects they would
// outlive their first moments, and all of them would be moved about by every collection of young garbage: at 2,000
// changes per second that stopped the process for 7 ms, three times a second (docs/decisions/015-ring-as-bytes.md).
import { type AsOf, type Cursor, type CursorParts, compareAsOf, parseCursor } from '../protocol/cursor.ts';
import type { Batch } from './drain-session.ts';

export interface RingBufferOptions {
  /** Most bytes of JSON kept. */
  maxBytes: number;
}

interface Kept {
  json: Buffer;
  to: Cursor;
  asOf: AsOf;
  /** As it was last made: a herd that comes back is told one and the same, and shares what is made of it. */
  made?: WeakRef<Batch>;
}

export class RingBuffer {
  readonly #maxBytes: number;
  #batches: Kept[] = [];
  #bytes = 0;
  /** All batches are of its epoch. */
  #begin: Pick<CursorParts, 'epoch' | 'asOf'> | undefined;

  constructor({ maxBytes }: RingBufferOptions) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** From `cursor` on every batch will be pushed; what was kept of before is dropped. */
  begin(cursor: Cursor): void {
    this.#begin = parseCursor(cursor);
    this.#batches = [];
    this.#bytes = 0;
  }

  push(batch: Batch): void {
    // A new epoch makes all cursors of before worthless, and with them the way from there to here.
    if (batch.reset?.reason === 'epoch') {
      this.begin(batch.to);
      return;
    }
    const kept = { json: Buffer.from(JSON.stringify(batch)), to: batch.to, asOf: batch.asOf };
    this.#batches.push(kept);
    this.#bytes += kept.json.length;
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#batches.shift();
      if (!oldest) break;
      this.#bytes -= oldest.json.length;
      this.#begin = parseCursor(oldest.to);
    }
  }

  /** How many batches a reader at `cursor` has not seen; undefined if that cannot be told from here. */
  countSince(cursor: Cursor): number | undefined {
    const first = this.#firstSince(cursor);
    return first === undefined ? undefined : this.#batches.length - first;
  }

  /** These batches, oldest first (none if it has seen all). */
  since(cursor: Cursor): Batch[] | undefined {
    const first = this.#firstSince(cursor);
    return first === undefined ? undefined : this.#batches.slice(first).map(make);
  }

  #firstSince(cursor: Cursor): number | undefined {
    const place = parseCursor(cursor);
    if (!place || place.epoch !== this.#begin?.epoch || compareAsOf(this.#begin.asOf, place.asOf) > 0) return undefined;
    // Most who come have missed little, and the last batches are the later ones.
    let first = this.#batches.length;
    while (first > 0 && isLater(this.#batches[first - 1], place)) first -= 1;
    return first;
  }
}

function make(kept: Kept): Batch {
  const made = kept.made?.deref();
  if (made) return made;
  const batch = JSON.parse(kept.json.toString()) as Batch;
  kept.made = new WeakRef(batch);
  return batch;
}

function isLater(kept: Kept | undefined, place: CursorParts): boolean {
  return kept !== undefined && compareAsOf(kept.asOf, place.asOf) > 0;
}

/** Whether `a` is a later place than `b`; places of different epochs cannot be compared and count as later. */
export function isAfter(a: Cursor, b: Cursor): boolean {
  const [left, right] = [parseCursor(a), parseCursor(b)];
  if (!left || !right || left.epoch !== right.epoch) return true;
  return compareAsOf(left.asOf, right.asOf) > 0;
}

// The last batches, so that a reader who was away for a moment is served without asking the database. Bounded in
// bytes: the oldest batches go first, and a reader from before them is served by a replay instead.
import { type Cursor, type CursorParts, compareAsOf, parseCursor } from '../protocol/cursor.ts';
import type { Batch } from './drain-session.ts';

export interface RingBufferOptions {
  /** Most bytes of JSON kept. */
  maxBytes: number;
}

export class RingBuffer {
  readonly #maxBytes: number;
  #batches: { batch: Batch; bytes: number }[] = [];
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
    const bytes = batch.events.reduce((sum, event) => sum + event.bytes, 200);
    this.#batches.push({ batch, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#batches.shift();
      if (!oldest) break;
      this.#bytes -= oldest.bytes;
      this.#begin = parseCursor(oldest.batch.to);
    }
  }

  /**
   * The batches that a reader at `cursor` has not seen, oldest first (none if it has seen all); undefined if that
   * cannot be told from here.
   */
  since(cursor: Cursor): Batch[] | undefined {
    const place = parseCursor(cursor);
    if (!place || place.epoch !== this.#begin?.epoch || compareAsOf(this.#begin.asOf, place.asOf) > 0) return undefined;
    // Most who come have missed little, and the last batches are the later ones.
    let first = this.#batches.length;
    while (first > 0 && isLater(this.#batches[first - 1]?.batch, place)) first -= 1;
    return this.#batches.slice(first).map(({ batch }) => batch);
  }
}

function isLater(batch: Batch | undefined, place: CursorParts): boolean {
  return batch !== undefined && compareAsOf(batch.asOf, place.asOf) > 0;
}

/** Whether `a` is a later place than `b`; places of different epochs cannot be compared and count as later. */
export function isAfter(a: Cursor, b: Cursor): boolean {
  const [left, right] = [parseCursor(a), parseCursor(b)];
  if (!left || !right || left.epoch !== right.epoch) return true;
  return compareAsOf(left.asOf, right.asOf) > 0;
}

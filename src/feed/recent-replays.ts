// The last replays, by the cursor they began at, for readers who come back from the same place a moment later. Bounded
// in number, bytes and time; the oldest go first.
import type { Cursor } from '../protocol/cursor.ts';
import { longestSpreadMs } from '../protocol/feed.ts';
import type { Batch } from './drain-session.ts';

export interface RecentReplaysOptions {
  most?: number;
  /** Most bytes of JSON kept, in all. */
  maxBytes?: number;
  /** How long one is kept, ms: a herd comes back over what the server that stopped has asked for, and takes its time. */
  keepMs?: number;
  now?: () => number;
}

interface Kept {
  batch: Batch;
  bytes: number;
  until: number;
}

export class RecentReplays {
  readonly #options: Required<RecentReplaysOptions>;
  readonly #kept = new Map<Cursor, Kept>();
  #bytes = 0;

  constructor(options: RecentReplaysOptions = {}) {
    this.#options = {
      most: 32,
      maxBytes: 4 * 1024 * 1024,
      keepMs: longestSpreadMs + 5_000,
      now: () => performance.now(),
      ...options,
    };
  }

  get(cursor: Cursor): Batch | undefined {
    this.#forget();
    return this.#kept.get(cursor)?.batch;
  }

  keep(cursor: Cursor, batch: Batch): void {
    const { keepMs, now } = this.#options;
    this.#drop(cursor);
    const bytes = batch.events.reduce((sum, event) => sum + event.bytes, 200);
    this.#kept.set(cursor, { batch, bytes, until: now() + keepMs });
    this.#bytes += bytes;
    this.#forget();
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #forget(): void {
    const { most, maxBytes, now } = this.#options;
    for (const [cursor, { until }] of this.#kept) {
      const isTooMuch = this.#kept.size > most || this.#bytes > maxBytes;
      if (!isTooMuch && until > now()) return;
      this.#drop(cursor);
    }
  }

  #drop(cursor: Cursor): void {
    this.#bytes -= this.#kept.get(cursor)?.bytes ?? 0;
    this.#kept.delete(cursor);
  }
}

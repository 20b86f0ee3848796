// Brings one reader from its cursor to the feed's place: from the ring buffer where that reaches back far enough,
// otherwise by a drain of its own from that cursor. Readers with an equal cursor share one drain, so a herd that comes
// back after a restart costs few queries.
//
// What is missed must be handed over and the reader joined to the live feed without anything in between. So the last
// step is a synchronous callback: it gets the batches, and whatever it joins there will get the next one.
import { type Cursor, parseCursor } from '../protocol/cursor.ts';
import type { ResetReason } from '../protocol/feed.ts';
import { type Batch, DrainSession, type DrainSessionOptions } from './drain-session.ts';
import type { Emitter } from './emitter.ts';
import type { Listener } from './listener.ts';
import type { ReaderEvents } from './listener-events.ts';
import { RecentReplays } from './recent-replays.ts';
import { pause } from './retry.ts';
import { isAfter, type RingBuffer } from './ring-buffer.ts';

export type CaughtUp =
  | { cursor: Cursor; batches: Batch[]; reset?: never }
  | { reset: { reason: ResetReason; count?: number } };

export interface ReplayerOptions extends Omit<DrainSessionOptions, 'applicationName'> {
  listener: Listener;
  ring: RingBuffer;
  /** Hears what became of each reader. */
  readers: Emitter<ReaderEvents>;
  now?: () => number;
}

// A replay that the ring buffer has overtaken is followed by another one from where it ended. If that happens again
// and again, the feed moves faster than it can be read: loading anew is then cheaper.
const maxReplays = 4;

/** Most live batches that are told after a replay of before, each by itself, instead of by another replay. */
const mostTail = 20;

/** Longest wait for the drain that brings the feed up to now, ms. */
const longestWaitMs = 2_000;

export class Replayer {
  readonly #options: ReplayerOptions;
  readonly #session: DrainSession;
  readonly #underWay = new Map<Cursor, Promise<Batch>>();
  readonly #recent: RecentReplays;
  #queue: Promise<unknown> = Promise.resolve();
  #queries = 0;

  constructor(options: ReplayerOptions) {
    this.#options = options;
    this.#recent = new RecentReplays(options.now ? { now: options.now } : {});
    this.#session = new DrainSession({ ...options, applicationName: 'taskfeed replay', lockTimeoutMs: 800 });
  }

  /** Replay queries sent so far, for metrics. */
  get queries(): number {
    return this.#queries;
  }

  async stop(): Promise<void> {
    await this.#queue.catch(() => undefined);
    this.#recent.clear();
    await this.#session.close().catch(() => undefined);
  }

  /** Calls `arrive` once, synchronously with the moment up to which its batches reach. Never rejects. */
  async catchUp(since: Cursor, arrive: (caughtUp: CaughtUp) => void): Promise<void> {
    const began = performance.now();
    const reached = await this.#reach(since).catch((): CaughtUp => ({ reset: { reason: 'behind' } }));
    const caughtUp = this.#finish(reached);
    arrive(caughtUp);
    const { readers } = this.#options;
    if (caughtUp.reset) {
      readers.emit('reader:reset', caughtUp.reset.reason);
      return;
    }
    const from = !reached.reset && reached.cursor === since ? 'memory' : 'journal';
    readers.emit('reader:served', { from, ms: performance.now() - began });
  }

  #finish(reached: CaughtUp): CaughtUp {
    if (reached.reset) return reached;
    // Between the end of #reach and this line other batches may have been published: they are in the ring buffer.
    const tail = this.#options.ring.since(reached.cursor);
    if (!tail) return { reset: { reason: 'behind' } };
    return finish(reached.batches.concat(tail), this.#later(reached.cursor, tail));
  }

  async #reach(since: Cursor): Promise<CaughtUp> {
    if (!parseCursor(since)) return { reset: { reason: 'malformed' } };
    const { ring } = this.#options;
    await this.#bringUpToNow();
    const batches: Batch[] = [];
    let cursor = since;
    for (let replays = 0; replays < maxReplays; replays += 1) {
      // A cursor ahead of the feed is none that we gave, unless a replay just did; the replay will tell.
      if ((replays > 0 || !this.#isAhead(cursor)) && ring.countSince(cursor) !== undefined) return { cursor, batches };
      const batch = await this.#replay(cursor);
      if (batch.reset) return { reset: batch.reset };
      if (batch.events.length > 0) batches.push(batch);
      cursor = batch.to;
    }
    return { reset: { reason: 'behind' } };
  }

  // What was committed before the reader came is part of what it missed, and the snapshot it has just loaded is often
  // ahead of the feed: one drain, shared by all who wait for it, covers both. If the database does not answer, the ring
  // buffer may still serve, and the pulse says that the feed is behind.
  async #bringUpToNow(): Promise<void> {
    const limit = new AbortController();
    const drained = this.#options.listener.drained().catch(() => undefined);
    await Promise.race([drained, pause(longestWaitMs, limit.signal)]);
    limit.abort();
  }

  #isAhead(cursor: Cursor): boolean {
    const { cursor: place } = this.#options.listener;
    return place === undefined || isAfter(cursor, place);
  }

  // A replay may end a little ahead of the live feed: the live batches that it contains already are told by their
  // cursors, and the reader's cursor does not move back.
  #later(cursor: Cursor, tail: Batch[]): Cursor {
    const place = tail.at(-1)?.to ?? this.#options.listener.cursor ?? cursor;
    return isAfter(place, cursor) ? place : cursor;
  }

  #replay(cursor: Cursor): Promise<Batch> {
    const shared = this.#underWay.get(cursor);
    if (shared !== undefined) return shared;
    // A herd does not come back in one moment. What was told to the first goes for the others, if the ring buffer can go
    // on from there, and with few batches: every one of them is a packet for every reader, a replay has all in one.
    const recent = this.#recent.get(cursor);
    const tail = recent && this.#options.ring.countSince(recent.to);
    if (recent && (recent.reset || (tail !== undefined && tail <= mostTail))) return Promise.resolve(recent);
    const replay = this.#queue.then(() => this.#drain(cursor)).finally(() => this.#underWay.delete(cursor));
    this.#underWay.set(cursor, replay);
    this.#queue = replay.catch(() => undefined);
    return replay;
  }

  async #drain(cursor: Cursor): Promise<Batch> {
    this.#queries += 1;
    if (!this.#session.isOpen) await this.#session.open();
    const batch = await this.#session.drain(cursor);
    this.#recent.keep(cursor, batch);
    return batch;
  }
}

function finish(batches: Batch[], cursor: Cursor): CaughtUp {
  const reset = batches.find((batch) => batch.reset)?.reset;
  return reset ? { reset } : { cursor, batches };
}

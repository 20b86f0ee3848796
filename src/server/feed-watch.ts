// Watches the feed of this process by its events and tells how it is doing: `GET /api/feed`. It keeps the last minute
// and nothing older; metrics.ts counts for those who keep numbers themselves.
import type { Knex } from 'knex';
import type { Batch } from '../feed/drain-session.ts';
import type { Feed } from '../feed/feed.ts';
import type { FeedReport } from '../protocol/feed-report.ts';
import { type JournalState, readJournalState } from '../tasks/journal-state.ts';
import { type FeedServer, rooms } from './broadcaster.ts';
import { RecentMinute } from './recent.ts';

export interface FeedWatchOptions {
  feed: Feed;
  io: FeedServer;
  knex: Knex;
  slowClients: { readonly cut: number };
  /** How long an answer about the journal is used again, ms. */
  journalMs?: number;
  now?: () => number;
}

type Since<State> = { state: State; since: string };

export class FeedWatch {
  readonly #options: Required<FeedWatchOptions>;
  readonly #recent: RecentMinute;
  readonly #startedAt: string;
  #stops: (() => void)[] = [];
  #listener: Since<FeedReport['listener']['state']>;
  #doorbell: Since<FeedReport['doorbell']['state']>;
  #lastDrain: { at: number; ms: number } | undefined;
  #lastFound: { at: number; ms: number; events: number } | undefined;
  #events = 0;
  #changes = 0;
  readonly #replays = { from_memory: 0, from_journal: 0, resets: 0 };
  #journal: { at: number; state: Promise<JournalState> } | undefined;

  constructor(options: FeedWatchOptions) {
    this.#options = { journalMs: 1_000, now: preciseClock(), ...options };
    const { feed, now } = this.#options;
    this.#recent = new RecentMinute(now);
    this.#startedAt = this.#time();
    this.#listener = { state: feed.listener.state, since: this.#startedAt };
    this.#doorbell = { state: feed.listener.doorbell, since: this.#startedAt };
  }

  /** After the broadcaster: a batch is counted when it has been handed to the sockets. */
  start(): void {
    const { feed } = this.#options;
    const { listener } = feed;
    this.#stops = [
      listener.on('batch:drained', (batch) => this.#count(batch)),
      listener.on('drain:done', ({ ms, events }) => {
        const at = this.#options.now();
        this.#lastDrain = { at, ms };
        if (events > 0) this.#lastFound = { at, ms, events };
      }),
      listener.on('state:changed', (state) => {
        this.#listener = { state, since: this.#time() };
      }),
      listener.on('doorbell:listening', () => this.#onDoorbell('listening')),
      listener.on('doorbell:deaf', () => this.#onDoorbell('deaf')),
      feed.on('reader:served', ({ from }) => {
        this.#replays[from === 'memory' ? 'from_memory' : 'from_journal'] += 1;
      }),
      feed.on('reader:reset', () => {
        this.#replays.resets += 1;
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  async report(): Promise<FeedReport> {
    const { feed, slowClients } = this.#options;
    const journal = await this.journal();
    const { values, max } = this.#recent.percentiles([0.5, 0.95]);
    const [p50 = null, p95 = null] = values;
    return {
      now: this.#time(),
      started_at: this.#startedAt,
      health: feed.listener.health,
      listener: this.#listener,
      doorbell: this.#doorbell,
      cursor: feed.listener.cursor ?? null,
      last_drain: dated(this.#lastDrain),
      last_found: dated(this.#lastFound),
      latency_ms: { p50, p95, max },
      events_total: this.#events,
      changes_total: this.#changes,
      events_per_second: this.#recent.perSecond(),
      clients: { ...this.clients(), cut: slowClients.cut },
      replays: { ...this.#replays },
      journal,
    };
  }

  /** Connected sockets by what they see. A link's socket is in its room once its scope is known. */
  clients(): { managers: number; links: number; arriving: number } {
    const { io } = this.#options;
    const sizeOf = (room: string) => io.sockets.adapter.rooms.get(room)?.size ?? 0;
    const managers = sizeOf(rooms.single) + sizeOf(rooms.batch);
    const links = sizeOf(rooms.links);
    return { managers, links, arriving: Math.max(0, io.sockets.sockets.size - managers - links) };
  }

  /** Asked of the database once for all who ask within a second. */
  journal(): Promise<JournalState> {
    const { knex, feed, journalMs, now } = this.#options;
    if (!this.#journal || now() - this.#journal.at >= journalMs) {
      const state = readJournalState(knex, feed.listener.cursor);
      state.catch(() => {
        this.#journal = undefined;
      });
      this.#journal = { at: now(), state };
    }
    return this.#journal.state;
  }

  #count(batch: Batch): void {
    for (const { change, isForAudienceOnly } of batch.events) {
      if (isForAudienceOnly) continue;
      this.#events += 1;
      this.#changes += change.count;
      this.#recent.add(latencyMs(change.at, this.#options.now()));
    }
  }

  // The doorbell confirms itself again and again; only a change is news.
  #onDoorbell(state: FeedReport['doorbell']['state']): void {
    if (this.#doorbell.state !== state) this.#doorbell = { state, since: this.#time() };
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }
}

function dated<Seen extends { at: number }>(seen: Seen | undefined): (Omit<Seen, 'at'> & { at: string }) | null {
  return seen ? { ...seen, at: new Date(seen.at).toISOString() } : null;
}

/** The second that was read last: Date.parse costs more than all else that is done to count a change. */
let known = { second: '', ms: 0 };

/**
 * From the change (the journal's time, by the database's clock, in UTC) until `now`, by ours. Where the two clocks
 * differ by more than the way takes, that is what it shows; it is never below zero.
 */
export function latencyMs(at: string, now: number): number {
  const second = at.slice(0, 19);
  if (known.second !== second) known = { second, ms: Date.parse(`${second}Z`) };
  const changed = known.ms + Number(`0${at.slice(19, at.indexOf('+', 19))}`) * 1_000;
  return Number.isNaN(changed) ? 0 : Math.max(0, now - changed);
}

/** The wall clock with parts of a millisecond, which is what most changes take. */
export function preciseClock(): () => number {
  let ahead = performance.timeOrigin;
  return () => {
    const now = performance.now() + ahead;
    // The wall clock may be set while this runs, the other one may not.
    if (Math.abs(Date.now() - now) < 5) return now;
    ahead = Date.now() - performance.now();
    return performance.now() + ahead;
  };
}

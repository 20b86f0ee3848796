// The feed of one process: listener, ring buffer, replays and pruning behind one start and one stop. Whoever wants
// changes subscribes to the listener's events; whoever comes back with a cursor calls catchUp.
import type { ClientConfig } from 'pg';
import { Emitter } from './emitter.ts';
import { Listener } from './listener.ts';
import type { ReaderEvents } from './listener-events.ts';
import { Pruner } from './pruner.ts';
import { type CaughtUp, Replayer } from './replayer.ts';
import { RingBuffer } from './ring-buffer.ts';
import type { Topic } from './topics.ts';

export interface FeedOptions {
  /** A direct connection: LISTEN and session locks do not work through a transaction pooler. */
  connection: ClientConfig;
  topics: Topic[];
  actorName: string;
  bulkLimit: number;
  safetyPollMs: number;
  /** How long a cursor is served, ms. */
  retentionMs: number;
  /** How long the history is kept, ms. */
  historyMs: number;
  /** Most bytes of batches kept for readers who were away for a moment. */
  ringBytes?: number;
  /** Tests let the time of a herd pass. */
  now?: () => number;
}

export class Feed {
  readonly listener: Listener;
  readonly #ring: RingBuffer;
  readonly #replayer: Replayer;
  readonly #pruner: Pruner;
  readonly #readers: Emitter<ReaderEvents>;
  readonly #onPruneError: ((error: unknown) => void)[] = [];
  #stops: (() => void)[] = [];

  constructor(options: FeedOptions) {
    this.#ring = new RingBuffer({ maxBytes: options.ringBytes ?? 16 * 1024 * 1024 });
    this.listener = new Listener(options);
    this.#readers = new Emitter<ReaderEvents>((error) => this.listener.report(error));
    this.#replayer = new Replayer({ ...options, listener: this.listener, ring: this.#ring, readers: this.#readers });
    this.#pruner = new Pruner({
      ...options,
      onError: (error) => {
        for (const listener of this.#onPruneError) listener(error);
      },
    });
  }

  /**
   * Resolves when LISTEN is confirmed and the first drain is done, or held up by a lock. Whoever has subscribed before
   * has a batch before the ring buffer makes bytes of it: nobody who waits for a change waits for that.
   */
  async start(): Promise<void> {
    this.#forget();
    this.#stops = [
      this.listener.on('feed:began', (cursor) => this.#ring.begin(cursor)),
      this.listener.on('batch:drained', (batch) => this.#ring.push(batch)),
    ];
    await this.listener.start();
    this.#pruner.start();
  }

  async stop(): Promise<void> {
    await this.#pruner.stop();
    await this.listener.stop();
    await this.#replayer.stop();
    this.#forget();
  }

  #forget(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  on<Name extends keyof ReaderEvents>(event: Name, listener: (...args: ReaderEvents[Name]) => void): () => void {
    return this.#readers.on(event, listener);
  }

  onPruneError(listener: (error: unknown) => void): void {
    this.#onPruneError.push(listener);
  }

  /** See Replayer.catchUp. */
  catchUp(since: string, arrive: (caughtUp: CaughtUp) => void): Promise<void> {
    return this.#replayer.catchUp(since, arrive);
  }

  /** Replay queries sent so far. */
  get replayQueries(): number {
    return this.#replayer.queries;
  }
}

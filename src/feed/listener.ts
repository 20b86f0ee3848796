// The listener: it keeps the feed's place in the database, drains whenever there may be something new, and publishes
// every drain as one batch. Batches form a chain: each begins where the last one ended, whatever happened in between.
//
// It drains after a ring, after LISTEN was confirmed (what was rung before is lost), after it lost its connection, and
// at every safety poll. One drain runs at a time; a ring during a drain is latched and leads to another one. A failed
// drain keeps the place, so it costs time and never a change.
import type { ClientConfig } from 'pg';
import type { Cursor } from '../protocol/cursor.ts';
import { Doorbell, type DoorbellState } from './doorbell.ts';
import { type Batch, DrainSession } from './drain-session.ts';
import { Emitter } from './emitter.ts';
import { Backoff, pause } from './retry.ts';
import type { Topic } from './topics.ts';

export type FeedHealth = 'live' | 'deaf' | 'behind';

export interface ListenerEvents {
  /** The feed begins here: every later change will be in a batch. */
  'feed:began': [cursor: Cursor];
  /** Something changed, or readers must load anew: the next link of the chain. */
  'batch:drained': [batch: Batch];
  /** A drain succeeded: how long it took, how many events it had. */
  'drain:done': [drain: { ms: number; events: number }];
  'drain:failed': [error: Error];
  'doorbell:rang': [ring: { processId: number }];
  'doorbell:listening': [];
  'doorbell:deaf': [reason: Error];
  /** live: all is well. deaf: rings may be missed, polling fast. behind: the database does not answer drains. */
  'health:changed': [health: FeedHealth];
  /** One of the subscribers of these events threw. */
  'subscriber:failed': [error: unknown];
}

export interface ListenerOptions {
  connection: ClientConfig;
  topics: Topic[];
  actorName: string;
  bulkLimit: number;
  /** Longest time between drains while all is quiet, ms; 0 turns the safety poll off. */
  safetyPollMs: number;
  /** Time between drains while the doorbell is deaf, ms. */
  deafPollMs?: number;
  applicationName?: string;
  channel?: string;
  random?: () => number;
}

interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class Listener {
  readonly #options: Required<ListenerOptions>;
  readonly #emitter = new Emitter<ListenerEvents>((error, event) => {
    if (event !== 'subscriber:failed') this.#emitter.emit('subscriber:failed', error);
  });
  readonly #session: DrainSession;
  readonly #doorbell: Doorbell;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #isRung = false;
  #waiting: Waiter[] = [];
  #place: Cursor | undefined;
  #announced: Cursor | undefined;
  #lastDrainAt: number | undefined;
  #isFailing = false;
  #health: FeedHealth = 'behind';

  constructor(options: ListenerOptions) {
    this.#options = {
      deafPollMs: 250,
      applicationName: 'taskfeed listener',
      channel: 'taskfeed',
      random: Math.random,
      ...options,
    };
    const { connection, channel, applicationName } = this.#options;
    this.#session = new DrainSession({
      ...this.#options,
      onLost: (error) => this.#failed(error),
    });
    this.#doorbell = new Doorbell({
      connection,
      channel,
      applicationName: `${applicationName} doorbell`,
      onError: (error) => this.#emitter.emit('subscriber:failed', error),
    });
    this.#doorbell.on('doorbell:rang', (ring) => {
      this.#emitter.emit('doorbell:rang', ring);
      this.ring();
    });
    this.#doorbell.on('doorbell:listening', () => {
      this.#emitter.emit('doorbell:listening');
      this.ring();
    });
    this.#doorbell.on('doorbell:deaf', (reason) => {
      this.#emitter.emit('doorbell:deaf', reason);
      this.ring();
    });
  }

  on<Name extends keyof ListenerEvents>(event: Name, listener: (...args: ListenerEvents[Name]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  /** Where the feed is: everything up to here has been published. Undefined before `start` resolves. */
  get cursor(): Cursor | undefined {
    return this.#place;
  }

  get health(): FeedHealth {
    return this.#health;
  }

  get doorbell(): DoorbellState {
    return this.#doorbell.state;
  }

  /** Time of the last drain that succeeded, ms since 1970. */
  get lastDrainAt(): number | undefined {
    return this.#lastDrainAt;
  }

  /** Resolves when LISTEN is confirmed and the first drain after it is done; rejects if the database refuses us. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    await this.#session.open();
    this.#place = await this.#session.here();
    this.#announced = this.#place;
    this.#emitter.emit('feed:began', this.#place);
    const confirmed = this.#confirmed();
    this.#doorbell.start();
    try {
      await confirmed;
    } catch (error) {
      await Promise.all([this.#doorbell.stop(), this.#session.close()]);
      throw error;
    }
    this.#running = this.#run(signal);
    await this.drained();
  }

  /** Resolves when the loop has ended and both connections are closed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
    this.#running = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('The listener was stopped.'));
    await Promise.all([this.#doorbell.stop(), this.#session.close().catch(() => undefined)]);
  }

  /** Resolves after a drain that began after this call; rejects if it fails. */
  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.ring();
    });
  }

  /** Look now. */
  ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  #confirmed(): Promise<void> {
    return new Promise((resolve, reject) => {
      const off = [
        this.#doorbell.on('doorbell:listening', () => settle(resolve)),
        this.#doorbell.on('doorbell:deaf', (reason) => settle(() => reject(reason))),
      ];
      const settle = (how: () => void) => {
        for (const stop of off) stop();
        how();
      };
    });
  }

  async #run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ firstMs: 50, capMs: 1_000, random: this.#options.random });
    while (!signal.aborted) {
      if (!this.#isRung) await this.#sleep(signal);
      if (signal.aborted) return;
      // The latch is cleared before the drain: a ring that comes while it runs may be for something it did not see.
      this.#isRung = false;
      try {
        await this.#drain();
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error instanceof Error ? error : new Error(String(error)));
        this.#isRung = true;
        await pause(backoff.next(), signal);
      }
    }
  }

  /** Waits for a ring, or for the next poll. */
  #sleep(signal: AbortSignal): Promise<void> {
    const { safetyPollMs, deafPollMs, random } = this.#options;
    const isDeaf = this.#doorbell.state === 'deaf';
    const poll = isDeaf ? deafPollMs : safetyPollMs;
    return new Promise((resolve) => {
      const timer = poll > 0 ? setTimeout(resolve, poll * (0.75 + 0.5 * random())) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (signal.aborted) this.#wake();
    });
  }

  async #drain(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    try {
      await this.#drainOnce();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      throw error;
    }
    for (const { resolve } of waiting) resolve();
  }

  async #drainOnce(): Promise<void> {
    const began = performance.now();
    if (!this.#session.isOpen) await this.#session.open();
    const from = this.#place ?? (await this.#session.here());
    const batch = await this.#session.drain(from);
    this.#place = batch.to;
    this.#lastDrainAt = Date.now();
    this.#isFailing = false;
    if (batch.events.length > 0 || batch.reset) {
      // Empty drains are not announced, so the chain goes from one announced cursor to the next.
      const link = { ...batch, from: this.#announced ?? from };
      this.#announced = batch.to;
      this.#emitter.emit('batch:drained', link);
    }
    this.#emitter.emit('drain:done', { ms: performance.now() - began, events: batch.events.length });
    this.#updateHealth();
  }

  #failed(error: Error): void {
    this.#isFailing = true;
    this.#emitter.emit('drain:failed', error);
    this.#updateHealth();
    this.ring();
  }

  #updateHealth(): void {
    const health = this.#isFailing ? 'behind' : this.#doorbell.state === 'deaf' ? 'deaf' : 'live';
    if (health === this.#health) return;
    this.#health = health;
    this.#emitter.emit('health:changed', health);
  }
}

// The listener: it keeps the feed's place in the database, drains whenever there may be something new, and publishes
// every drain as one batch. Batches form a chain: each begins where the last one ended, whatever happened in between.
//
// It drains after a ring, after LISTEN was confirmed (what was rung before is lost), after it lost its connection, at
// every safety poll, and by itself while it is hot or settling (listener-state.ts). One drain runs at a time; a ring
// during a drain is latched and leads to another one. A failed drain keeps the place, so it costs time, never a change.
import type { ClientConfig } from 'pg';
import { type Cursor, parseCursor } from '../protocol/cursor.ts';
import { Doorbell, type DoorbellState } from './doorbell.ts';
import { DrainSession } from './drain-session.ts';
import { Duty } from './duty.ts';
import { Emitter } from './emitter.ts';
import type { FeedHealth, ListenerEvents } from './listener-events.ts';
import { type ListenerStateName, measuredTuning, type Strategy, soundStrategy, type Tuning } from './listener-state.ts';
import { Backoff, pause, unlessHeldUp } from './retry.ts';
import type { Topic } from './topics.ts';

export interface ListenerOptions {
  connection: ClientConfig;
  topics: Topic[];
  actorName: string;
  bulkLimit: number;
  /** Longest time between drains while all is quiet, ms; 0 turns the safety poll off. */
  safetyPollMs: number;
  /** Time between drains while the doorbell is deaf, ms. */
  deafPollMs?: number;
  /** Least time between two rings for other processes, ms. */
  relayEveryMs?: number;
  /** Longest time for one drain, ms. */
  statementTimeoutMs?: number;
  applicationName?: string;
  channel?: string;
  /** Tests put a wrong one in and see it lose a change. */
  strategy?: Strategy;
  tuning?: Tuning;
  random?: () => number;
}

export class Listener {
  readonly #options: Required<ListenerOptions>;
  readonly #emitter = new Emitter<ListenerEvents>((error, event) => {
    if (event !== 'subscriber:failed') this.#emitter.emit('subscriber:failed', error);
  });
  readonly #doorbell: Doorbell;
  readonly #duty: Duty;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #wake: () => void = () => undefined;
  #rings = 0;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #place: Cursor | undefined;
  #announced: Cursor | undefined;
  #lastDrainAt: number | undefined;
  #isFailing = false;
  #health: FeedHealth = 'behind';

  constructor(options: ListenerOptions) {
    this.#options = {
      deafPollMs: 250,
      relayEveryMs: 20,
      statementTimeoutMs: 10_000,
      applicationName: 'taskfeed listener',
      channel: 'taskfeed',
      strategy: soundStrategy,
      tuning: measuredTuning,
      random: Math.random,
      ...options,
    };
    const { connection, channel, applicationName } = this.#options;
    this.#duty = new Duty({
      ...this.#options,
      createSession: (onLost) => new DrainSession({ ...this.#options, onLost }),
      onLost: (error) => this.#failed(error),
      onGranted: () => this.ring(),
      onState: (state) => this.#emitter.emit('state:changed', state),
    });
    this.#doorbell = new Doorbell({
      connection,
      channel,
      applicationName: `${applicationName} doorbell`,
      onError: (error) => this.#emitter.emit('subscriber:failed', error),
    });
    this.#followDoorbell();
  }

  on<Name extends keyof ListenerEvents>(event: Name, listener: (...args: ListenerEvents[Name]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  /** Where the feed is: everything up to here has been published. Undefined until the database has told where it begins. */
  get cursor(): Cursor | undefined {
    return this.#place;
  }

  get health(): FeedHealth {
    return this.#health;
  }

  get state(): ListenerStateName {
    return this.#duty.state;
  }

  get doorbell(): DoorbellState {
    return this.#doorbell.state;
  }

  /** Time of the last drain that succeeded, ms since 1970. */
  get lastDrainAt(): number | undefined {
    return this.#lastDrainAt;
  }

  /** Resolves when LISTEN is confirmed and the first drain is done, or held up by a lock; rejects if we are refused. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    try {
      // LISTEN first: where that does not work (a transaction pooler, a standby) nothing else may be tried, since a
      // pooler would hand our session's settings and keys to other clients.
      const confirmed = this.#confirmed();
      this.#doorbell.start();
      await confirmed;
      await this.#duty.connect();
      this.#running = this.#run(signal);
      await this.drained().catch(unlessHeldUp);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Resolves when the loop has ended and all connections are closed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#ended();
    this.#running = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('The listener was stopped.'));
    await this.#release();
  }

  /** Resolves after a drain that began after this call; rejects if it fails. */
  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#wake();
    });
  }

  /** A subscriber of the feed threw. */
  report(error: unknown): void {
    this.#emitter.emit('subscriber:failed', error);
  }

  /** Look now. */
  ring(): void {
    this.#rings += 1;
    this.#wake();
  }

  // A drain that gets no answer must not hold up the end: after a second its session is closed under it.
  async #ended(): Promise<void> {
    const limit = new AbortController();
    const released = pause(1_000, limit.signal).then(() => (limit.signal.aborted ? undefined : this.#release()));
    await this.#running;
    limit.abort();
    await released;
  }

  async #release(): Promise<void> {
    await Promise.all([this.#doorbell.stop(), this.#duty.release()]);
  }

  #followDoorbell(): void {
    this.#doorbell.on('doorbell:rang', (ring) => {
      // Our own relays are for the others.
      if (ring.processId === this.#duty.session.processId) return;
      this.#emitter.emit('doorbell:rang', ring);
      this.ring();
    });
    this.#doorbell.on('doorbell:listening', () => {
      this.#emitter.emit('doorbell:listening');
      this.ring();
    });
    this.#doorbell.on('doorbell:deaf', (reason) => {
      this.#emitter.emit('doorbell:deaf', reason);
      // Now, not after the next drain: where the network is gone that one hangs for a while.
      this.#updateHealth();
      this.ring();
    });
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
      if (this.#waiting.length === 0 && this.#rings === 0) await this.#sleep(signal);
      if (signal.aborted) return;
      try {
        await this.#turn();
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error instanceof Error ? error : new Error(String(error)));
        await pause(backoff.next(), signal);
      }
    }
  }

  /** Waits for a ring, for the next tick, or for the next poll. */
  #sleep(signal: AbortSignal): Promise<void> {
    const { safetyPollMs, deafPollMs, random } = this.#options;
    const isDeaf = this.#doorbell.state === 'deaf';
    const poll = (isDeaf ? deafPollMs : safetyPollMs) * (0.75 + 0.5 * random());
    const tick = this.#duty.waitMs;
    const isTick = tick !== undefined && (poll === 0 || tick < poll);
    const waitMs = isTick ? tick : poll;
    return new Promise((resolve) => {
      const onTime = () => {
        if (!isTick) this.#emitter.emit('poll:due', isDeaf ? 'deaf' : 'safety');
        resolve();
      };
      const timer = waitMs > 0 ? setTimeout(onTime, waitMs) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (signal.aborted) this.#wake();
    });
  }

  /** One drain and what it leads to. */
  async #turn(): Promise<void> {
    // The latch is cleared before the drain: a ring that comes while it runs may be for something it did not see.
    const woken = this.#rings;
    this.#rings = 0;
    const waiting = this.#waiting.splice(0);
    try {
      await this.#duty.connect();
      const began = performance.now();
      const { events, xmin } = await this.#drain();
      const now = performance.now();
      this.#emitter.emit('drain:done', { ms: now - began, events });
      for (const { resolve } of waiting) resolve();
      await this.#duty.consider({ now, events, xmin, woken, ms: now - began }, () => this.#rings);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
      this.#rings += 1;
      throw error;
    }
  }

  async #drain(): Promise<{ events: number; xmin: bigint }> {
    this.#place ??= await this.#begin();
    const batch = await this.#duty.session.drain(this.#place);
    this.#place = batch.to;
    this.#lastDrainAt = Date.now();
    this.#isFailing = false;
    // Empty drains are not announced, so the chain goes from one announced cursor to the next.
    if (batch.events.length > 0 || batch.reset || batch.isInternalOverrun) {
      const announced = { ...batch, from: this.#announced ?? batch.from };
      this.#announced = batch.to;
      this.#emitter.emit('batch:drained', announced);
    }
    this.#updateHealth();
    return { events: batch.reset?.count ?? batch.events.length, xmin: parseCursor(batch.to)?.xmin ?? 0n };
  }

  async #begin(): Promise<Cursor> {
    this.#announced = await this.#duty.session.here();
    this.#emitter.emit('feed:began', this.#announced);
    return this.#announced;
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

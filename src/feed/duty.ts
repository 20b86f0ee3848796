// The listener's duty towards the writers: it owns the session that drains, the two keys on it, and the state that
// decides when writers must ring (listener-state.ts). The listener tells it what each drain has shown; it takes and
// releases keys, waits for its turn to drive, and rings for the others.
import type { DrainSession } from './drain-session.ts';
import { Successor } from './driver.ts';
import { cool, heat, isFollowed, notifyQueue, relay, tryDrive } from './keys.ts';
import {
  type Action,
  areFollowersThere,
  asleep,
  decide,
  type Followers,
  following,
  hot,
  isFollowersLookDue,
  isLookDue,
  isRelayDue,
  type ListenerState,
  type ListenerStateName,
  noFollowers,
  type Observation,
  type Strategy,
  settling,
  type Tuning,
} from './listener-state.ts';

export interface DutyOptions {
  /** Makes a session of the kind that drains, not yet open. */
  createSession: (onLost: (error: Error) => void) => DrainSession;
  channel: string;
  /** Least time between two rings for other processes, ms. */
  relayEveryMs: number;
  strategy: Strategy;
  tuning: Tuning;
  random: () => number;
  /** The session that drained has broken. */
  onLost: (error: Error) => void;
  /** It is our turn to drive: drain soon. */
  onGranted: () => void;
  onState: (state: ListenerStateName) => void;
}

export class Duty {
  readonly #options: DutyOptions;
  readonly #successor: Successor;
  #session: DrainSession;
  /** A session that holds M already, to be drained with from the next drain on. */
  #granted: DrainSession | undefined;
  #state: ListenerState = following;
  #waitMs: number | undefined;
  #relayedAt = 0;
  #isRelayOwed = false;
  #followers: Followers = noFollowers;

  constructor(options: DutyOptions) {
    this.#options = options;
    this.#session = this.#createSession();
    this.#successor = new Successor({
      createSession: () => this.#createSession(),
      onDrive: (session) => {
        this.#granted = session;
        options.onGranted();
      },
      random: options.random,
    });
  }

  get state(): ListenerStateName {
    return this.#state.name;
  }

  get session(): DrainSession {
    return this.#session;
  }

  /** When to drain again though nobody rings, ms; undefined: not before the safety poll. */
  get waitMs(): number | undefined {
    return this.#waitMs;
  }

  /** Makes sure of an open session, and of driving if nobody else does. */
  async connect(): Promise<void> {
    const granted = this.#granted;
    this.#granted = undefined;
    if (granted?.isOpen) {
      const former = this.#session;
      this.#session = granted;
      await former.close().catch(() => undefined);
      return await this.#begin();
    }
    if (granted && this.#state.name === 'following') this.#successor.start();
    if (this.#session.isOpen) return;
    this.#session = this.#createSession();
    await this.#session.open();
    if (await tryDrive(this.#session)) return await this.#begin();
    this.#enter(following);
    this.#waitMs = undefined;
    this.#successor.start();
  }

  /** What follows from a drain; `rings` is asked as late as possible. */
  async consider(seen: Omit<Observation, 'rings' | 'queue'>, rings: () => number): Promise<void> {
    const isDriving = this.#state.name === 'hot' || this.#state.name === 'settling';
    this.#isRelayOwed ||= isDriving && seen.events > 0;
    const queue = isLookDue(this.#state, seen.now, this.#options.tuning)
      ? { queue: await notifyQueue(this.#session) }
      : {};
    const { state, action, waitMs } = decide(this.#state, { ...seen, rings: rings(), ...queue }, this.#options.tuning);
    this.#enter(state);
    this.#waitMs = waitMs;
    if (action) await this.#act(action);
    const since = { now: seen.now, relayedAt: this.#relayedAt };
    if (this.#isRelayOwed && isRelayDue(this.#state, since, this.#options.relayEveryMs)) await this.#relayTo(seen.now);
  }

  /** Gives up both keys with their session. */
  async release(): Promise<void> {
    this.#enter(following);
    await this.#successor.stop();
    const granted = this.#granted;
    this.#granted = undefined;
    const sessions = granted ? [this.#session, granted] : [this.#session];
    await Promise.all(sessions.map((session) => session.close().catch(() => undefined)));
  }

  async #act(action: Action): Promise<void> {
    if (action === 'relay') await this.#relay();
    if (action === 'cool') await this.#cool();
    if (action === 'heat' && (await heat(this.#session))) {
      this.#enter(hot(performance.now(), this.#state, this.#options.tuning));
      this.#waitMs = 1;
    }
  }

  async #cool(): Promise<void> {
    const { bound, settles } = this.#options.strategy;
    const after = await cool(this.#session, bound);
    // Somebody else holds K still: settling goes on, and asks again a little later each time.
    if (after === undefined && this.#state.name === 'settling') return;
    const now = performance.now();
    this.#enter(settles ? settling(after, this.#state, now) : asleep(now, this.#state));
    this.#waitMs = settles ? 1 : undefined;
  }

  async #begin(): Promise<void> {
    this.#followers = noFollowers;
    if (this.#options.strategy.settlesAtStart) return await this.#cool();
    this.#enter(asleep(performance.now()));
    this.#waitMs = undefined;
  }

  /** Rings for those who follow, if anybody does. */
  async #relayTo(now: number): Promise<void> {
    if (isFollowersLookDue(this.#followers, now)) {
      const isSeen = await isFollowed(this.#session);
      this.#followers = { lookedAt: now, seenAt: isSeen ? now : this.#followers.seenAt };
    }
    if (areFollowersThere(this.#followers, now)) await this.#relay();
  }

  async #relay(): Promise<void> {
    this.#isRelayOwed = false;
    this.#relayedAt = performance.now();
    await relay(this.#session, this.#options.channel);
  }

  #createSession(): DrainSession {
    const session: DrainSession = this.#options.createSession((error) => this.#lost(session, error));
    return session;
  }

  // With the session both keys are free again: whoever waits for M drives, and if that is nobody, it will be us.
  #lost(session: DrainSession, error: Error): void {
    if (session !== this.#session) return;
    this.#enter(following);
    this.#options.onLost(error);
  }

  #enter(state: ListenerState): void {
    const before = this.#state.name;
    this.#state = state;
    if (state.name !== before) this.#options.onState(state.name);
  }
}

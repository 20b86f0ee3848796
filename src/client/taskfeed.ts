// The typed client of a Taskfeed server: a store of rows for each topic that shows whole truths only, and how fresh they
// are. Wiring; decisions are in line.ts, what counts as news in row-store.ts.
import { type Change, feedBatch, protocolVersion } from '../protocol/feed.ts';
import { type Clock, machineClock } from './clock.ts';
import { type Connect, type Connection, connectBySocketIo, openConnection } from './connection.ts';
import type { Freshness } from './freshness.ts';
import { createHttp, RequestError, type Send } from './http.ts';
import { step } from './line.ts';
import { LineRunner } from './line-runner.ts';
import type { Effect, LineEvent } from './line-state.ts';
import type { StepLine } from './line-step.ts';
import { Listeners, rethrow } from './listeners.ts';
import { type Answer, OptimisticChanges } from './optimistic.ts';
import type { Patch } from './overlays.ts';
import { onReturn } from './page.ts';
import { type StoreRule, storeRule } from './row-store.ts';
import { loadSnapshot, SnapshotError } from './snapshot.ts';
import type { Store } from './store.ts';
import { Stores } from './stores.ts';
import { allTopics, type ListPage, lists, type Rows, type Topic } from './topics.ts';

export interface TaskfeedOptions {
  /** Origin of the server. In a browser the page's own, with its session cookie, unless told otherwise. */
  url?: string;
  /** An API token, for programs. */
  token?: string;
  /** `live` (default): open tasks and those completed in the last 30 days. `all`: every task. */
  scope?: 'live' | 'all';
  /** What to keep stores of; all unless told otherwise. */
  topics?: readonly Topic[];
  /** Keep with every task who changed it last (`last_change`). */
  withLastChange?: boolean;
  /** Called with what a listener has thrown; rethrown as uncaught unless told otherwise. */
  onError?: (error: unknown) => void;
  fetch?: typeof fetch;
  connect?: Connect;
  clock?: Clock;
}

export interface Taskfeed {
  readonly tasks: Store<Rows['task'], Change>;
  readonly systems: Store<Rows['system'], Change>;
  readonly employees: Store<Rows['employee'], Change>;
  readonly links: Store<Rows['link'], Change>;
  readonly freshness: { get(): Freshness; subscribe(listener: () => void): () => void };
  /** Begins to load and follow; again after a stop or an end. */
  start(): void;
  /** Closes the connection. The stores keep what they have. */
  stop(): void;
  /** Now by the server's clock, ms: what `at` and `due_at` are to be compared with. */
  serverNow(): number;
  /** Asks the server at once whether anything is missing, and does not wait for the next attempt to reach it. */
  checkNow(): void;
  /** A request of the API; rejects with RequestError. */
  request: Send;
  /**
   * Shows `patch` on top of the row at once (null hides it), sends the request, and takes the patch away with the event
   * that contains the change, or when the request fails. Resolves with the request's answer, rejects with its error; the
   * `current` row of a 409 is in `RequestError.body`.
   */
  optimistic<T extends Topic, A extends Answer>(
    topic: T,
    id: number,
    patch: Patch<Rows[T]>,
    request: () => Promise<A>,
  ): Promise<A>;
}

/** A client; nothing happens before `start()`. */
export function createTaskfeed(options: TaskfeedOptions = {}): Taskfeed {
  const client = new TaskfeedClient(options);
  return {
    tasks: client.stores.of('task'),
    systems: client.stores.of('system'),
    employees: client.stores.of('employee'),
    links: client.stores.of('link'),
    freshness: { get: () => client.runner.freshness, subscribe: (listener) => client.freshListeners.add(listener) },
    start: () => client.start(),
    stop: () => client.stop(),
    serverNow: () => client.runner.serverNow,
    checkNow: () => client.runner.dispatch({ type: 'check' }),
    request: client.send,
    optimistic: (topic, id, patch, request) => client.changes.make(topic, id, patch, request),
  };
}

/** What is behind the interface; tests look into it and put broken parts in. */
export class TaskfeedClient {
  readonly stores: Stores;
  readonly runner: LineRunner;
  readonly send: Send;
  readonly changes: OptimisticChanges;
  readonly freshListeners: Listeners;
  readonly #options: Required<Omit<TaskfeedOptions, 'token'>> & { token: string | undefined };
  #connection: Connection | undefined;
  #forgetPage: () => void = () => undefined;

  constructor(given: TaskfeedOptions, parts: { step?: StepLine; rule?: StoreRule } = {}) {
    this.#options = {
      url: (given.url ?? '').replace(/\/+$/, ''),
      token: given.token,
      scope: given.scope ?? 'live',
      topics: given.topics ?? allTopics,
      withLastChange: given.withLastChange ?? false,
      onError: given.onError ?? rethrow,
      fetch: given.fetch ?? ((input, init) => fetch(input, init)),
      connect: given.connect ?? connectBySocketIo,
      clock: given.clock ?? machineClock,
    };
    const { url, token, onError, topics, scope, withLastChange } = this.#options;
    this.freshListeners = new Listeners(onError);
    this.send = createHttp({ url, token, fetch: this.#options.fetch });
    this.runner = new LineRunner({
      step: parts.step ?? step,
      clock: this.#options.clock,
      perform: (effect) => this.#perform(effect),
      onFreshness: () => this.freshListeners.tell(),
    });
    const serverNow = () => this.runner.serverNow;
    this.stores = new Stores({ topics, scope, withLastChange, onError, rule: parts.rule ?? storeRule, serverNow });
    this.changes = new OptimisticChanges({
      stores: this.stores,
      check: () => this.runner.dispatch({ type: 'check' }),
      lastAsked: () => this.runner.line.asked,
    });
  }

  start(): void {
    this.#forgetPage();
    this.#forgetPage = onReturn(() => this.runner.dispatch({ type: 'check' }));
    this.runner.dispatch({ type: 'start' });
  }

  stop(): void {
    this.#forgetPage();
    this.runner.dispatch({ type: 'stop' });
  }

  #perform(effect: Effect): void {
    if (effect.do === 'load') void this.#load(effect.run);
    else if (effect.do === 'connect') this.#open(effect.ask);
    else if (effect.do === 'disconnect') this.#close();
    else if (effect.do === 'ask') this.#connection?.ask(effect.ask, effect.since);
    else if (effect.do === 'show') this.stores.show(effect);
    else this.stores.bury(effect.upTo);
  }

  async #load(run: number): Promise<void> {
    try {
      const snapshot = await loadSnapshot(this.#options.topics, (topic, after) => this.#loadPage(topic, after));
      this.runner.dispatch({ type: 'loaded', run, snapshot });
    } catch (error) {
      const isSignedOut = error instanceof RequestError && error.status === 401;
      const endCode = isSignedOut ? 'unauthenticated' : undefined;
      this.runner.dispatch({ type: 'loadFailed', run, trouble: troubleIn(error), endCode });
    }
  }

  async #loadPage(topic: Topic, after: number | undefined): Promise<ListPage> {
    const query = new URLSearchParams({ limit: '1000' });
    if (after !== undefined) query.set('after', String(after));
    const { scope, withLastChange } = this.#options;
    if (topic === 'task' && scope === 'live') query.set('scope', 'live');
    if (topic === 'task' && withLastChange) query.set('include', 'last_change');
    const body = await this.send('GET', `${lists[topic].path}?${query}`);
    return lists[topic].parse(body);
  }

  #open(ask: number): void {
    this.#close();
    const { url, token, connect } = this.#options;
    const since = this.runner.line.place?.cursor;
    const auth = {
      protocol: protocolVersion,
      batch: true,
      ask,
      ...(since === undefined ? {} : { since }),
      ...(token === undefined ? {} : { token }),
    };
    this.#connection = openConnection(connect(url, auth), (event) => this.#hear(event));
    this.#connection.hears('feed:batch', feedBatch, (batch) => this.#hear({ type: 'batch', batch }));
  }

  #hear(event: LineEvent): void {
    this.runner.dispatch(event);
    if (event.type === 'ready') this.changes.answered(this.runner.line.answered);
  }

  #close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

function troubleIn(error: unknown): string {
  if (error instanceof RequestError || error instanceof SnapshotError) return error.message;
  return 'The server answered with something this client does not understand.';
}

// The doorbell: LISTEN behind pg-listen, supervised. It promises that `ring` comes for every NOTIFY while its state is
// `listening`, that it says `deaf` within a few seconds when it can no longer promise that, and that it tries again for
// ever. A ring carries no data: payloads are never looked at, since any database user may send one.
//
// pg-listen is never allowed to reconnect by itself (retryLimit 1 means no attempt): its reconnection gives up, cannot
// be closed and leaves a ghost behind a failed first connect. At the first sign of trouble the whole instance and its
// socket are thrown away and a new one is made, so there is one way to come up and it is the one that is tested.
//
// Whether LISTEN works is asked by ringing ourselves: after each connect and then at every heartbeat a probe is sent
// over the listening connection and has to come back. That sees a half-open connection, an UNLISTEN, and a pooler that
// swallowed the LISTEN, all alike.
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import type { ClientConfig } from 'pg';
import pgListen from 'pg-listen';
import { Emitter } from './emitter.ts';
import { Backoff, pause } from './retry.ts';

export type DoorbellState = 'listening' | 'deaf';

export interface DoorbellEvents {
  /** Somebody committed a change, or may have: look now. */
  'doorbell:rang': [ring: { processId: number }];
  /** LISTEN is confirmed; whatever was rung before this must be looked for. */
  'doorbell:listening': [];
  /** Rings may be missed from now on. */
  'doorbell:deaf': [reason: Error];
}

export interface DoorbellOptions {
  connection: ClientConfig;
  channel: string;
  applicationName: string;
  /** Time between probes, ms. */
  heartbeatMs?: number;
  /** Time a connect or a probe may take, ms. */
  deadlineMs?: number;
  onError: (error: unknown) => void;
  backoff?: Backoff;
}

const subscribe = pgListen.default;
type Subscriber = ReturnType<typeof subscribe>;

const swallowed = `LISTEN was answered but a ring of our own did not come back. A pooler in transaction mode (PgBouncer)
swallows LISTEN: set DATABASE_DIRECT_URL to the server itself.`.replaceAll('\n', ' ');

export class Doorbell {
  readonly #options: Required<DoorbellOptions>;
  readonly #emitter: Emitter<DoorbellEvents>;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #state: DoorbellState = 'deaf';

  constructor(options: DoorbellOptions) {
    this.#options = {
      heartbeatMs: 5_000,
      deadlineMs: 3_000,
      backoff: new Backoff({ firstMs: 100, capMs: 5_000 }),
      ...options,
    };
    this.#emitter = new Emitter((error) => this.#options.onError(error));
  }

  get state(): DoorbellState {
    return this.#state;
  }

  on<Name extends keyof DoorbellEvents>(event: Name, listener: (...args: DoorbellEvents[Name]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  /** Begins to listen and goes on until `stop`. The first `doorbell:listening` or `doorbell:deaf` tells how it went. */
  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#running = this.#supervise(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
  }

  async #supervise(signal: AbortSignal): Promise<void> {
    const { backoff } = this.#options;
    while (!signal.aborted) {
      const line = new Line(this.#options, (processId) => this.#emitter.emit('doorbell:rang', { processId }));
      try {
        await line.open(signal);
        backoff.reset();
        this.#state = 'listening';
        this.#emitter.emit('doorbell:listening');
        await line.watch(signal);
      } catch (error) {
        this.#state = 'deaf';
        if (!signal.aborted) this.#emitter.emit('doorbell:deaf', asError(error));
      } finally {
        line.cut();
      }
      await pause(signal.aborted ? 0 : backoff.next(), signal);
    }
    this.#state = 'deaf';
  }
}

/** One connection's life: opened, probed, watched, cut. Never used twice. */
class Line {
  readonly #options: Required<DoorbellOptions>;
  readonly #subscriber: Subscriber;
  readonly #socket = new Socket();
  readonly #broken: Promise<never>;
  #break: (error: Error) => void = () => undefined;
  #probe = { text: '', resolve: (): void => undefined };

  constructor(options: Required<DoorbellOptions>, onRing: (processId: number) => void) {
    this.#options = options;
    this.#broken = new Promise((_, reject) => {
      this.#break = reject;
    });
    // It is awaited together with every step; outside of a step nobody waits and the rejection is kept for the next.
    this.#broken.catch(() => undefined);
    this.#subscriber = subscribe(
      {
        connectionTimeoutMillis: options.deadlineMs,
        query_timeout: options.deadlineMs,
        keepAliveInitialDelayMillis: options.deadlineMs,
        ...options.connection,
        application_name: options.applicationName,
        stream: () => this.#socket,
      },
      { parse: (text) => text, serialize: String, paranoidChecking: false, retryLimit: 1, retryInterval: 0 },
    );
    this.#subscriber.events.on('error', (error) => this.#break(error));
    this.#socket.on('close', () => this.#break(new Error('The listening connection was closed.')));
    this.#subscriber.events.on('notification', ({ processId, payload }) => {
      if (payload !== undefined && payload === this.#probe.text) this.#probe.resolve();
      else onRing(processId);
    });
  }

  async open(signal: AbortSignal): Promise<void> {
    await this.#within('connect', this.#subscriber.connect(), signal);
    await this.#within('LISTEN', this.#subscriber.listenTo(this.#options.channel) ?? Promise.resolve(), signal);
    await this.#ringOurselves(signal).catch((error: unknown) => {
      throw signal.aborted ? error : new Error(swallowed, { cause: error });
    });
  }

  /** Probes until something is wrong; rejects then. Resolves when `signal` is aborted. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await Promise.race([pause(this.#options.heartbeatMs, signal), this.#broken]);
      if (!signal.aborted) await this.#ringOurselves(signal);
    }
  }

  /** Cuts the connection at once, whatever it is doing; a polite goodbye would wait for a server that is gone. */
  cut(): void {
    this.#break(new Error('cut'));
    this.#subscriber.close().catch(() => undefined);
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), 500).unref();
  }

  async #ringOurselves(signal: AbortSignal): Promise<void> {
    const text = `probe ${randomUUID()}`;
    const echoed = new Promise<void>((resolve) => {
      this.#probe = { text, resolve };
    });
    const sent = this.#subscriber.notify(this.#options.channel as never, text as never);
    await this.#within('probe', Promise.all([sent, echoed]), signal);
  }

  async #within(step: string, work: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const onAbort = () => limit.abort();
    signal.addEventListener('abort', onAbort);
    const late = pause(this.#options.deadlineMs, limit.signal).then(() => {
      if (limit.signal.aborted) throw new Error('stopped');
      throw new Error(`The doorbell's ${step} was not answered within ${this.#options.deadlineMs} ms.`);
    });
    late.catch(() => undefined);
    work.catch(() => undefined);
    try {
      await Promise.race([work, late, this.#broken]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      limit.abort();
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

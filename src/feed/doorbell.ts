// The doorbell: LISTEN behind pg-listen, supervised. It promises that `ring` comes for every NOTIFY while its state is
// `listening`, that it says `deaf` within a few seconds when it can no longer promise that, and that it tries again for
// ever. A ring carries no data: payloads are never looked at, since any database user may send one.
//
// pg-listen is never allowed to reconnect by itself (retryLimit 1 means no attempt): its reconnection gives up, cannot
// be closed and leaves a ghost behind a failed first connect. At the first sign of trouble the whole instance and its
// socket are thrown away and a new one is made, so there is one way to come up and it is the one that is tested.
//
// Whether LISTEN works is asked by ringing ourselves: a probe is sent and has to come back. The first one, after each
// LISTEN, is sent over another connection: a pooler in transaction mode hands the ring of a session to whoever has just
// sent it, so one sent over the listening connection would come back although nobody else's ever does. Later ones, the
// heartbeat, are sent over the listening connection: that sees a half-open connection and an UNLISTEN.
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import pg, { type ClientConfig } from 'pg';
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

/** Deaf is said within `heartbeatMs` + `deadlineMs`; once its cause is gone it is back within the back-off's cap. */
export const doorbellDefaults = {
  heartbeatMs: 5_000,
  deadlineMs: 3_000,
  backoff: { firstMs: 100, capMs: 5_000 },
};

const subscribe = pgListen.default;
type Subscriber = ReturnType<typeof subscribe>;

const swallowed = `LISTEN was answered but a ring of our own did not come back. A pooler in transaction mode (PgBouncer)
swallows LISTEN: set DATABASE_DIRECT_URL to the server itself.`.replaceAll('\n', ' ');
const unlistened = 'The listening session answers but does not listen any more: a ring of our own did not come back.';
const standby = 'This server is a standby, where nobody can LISTEN. Point DATABASE_DIRECT_URL at the primary.';

export class Doorbell {
  readonly #options: Required<DoorbellOptions>;
  readonly #emitter: Emitter<DoorbellEvents>;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #state: DoorbellState = 'deaf';

  constructor(options: DoorbellOptions) {
    const { heartbeatMs, deadlineMs, backoff } = doorbellDefaults;
    this.#options = { heartbeatMs, deadlineMs, backoff: new Backoff(backoff), ...options };
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
      const cut = () => line.cut();
      signal.addEventListener('abort', cut);
      try {
        await line.open();
        backoff.reset();
        this.#state = 'listening';
        this.#emitter.emit('doorbell:listening');
        await line.watch();
      } catch (error) {
        this.#state = 'deaf';
        if (!signal.aborted) this.#emitter.emit('doorbell:deaf', asError(error));
      } finally {
        signal.removeEventListener('abort', cut);
        line.cut();
      }
      await pause(signal.aborted ? 0 : backoff.next(), signal);
    }
    this.#state = 'deaf';
  }
}

/**
 * One connection's life: opened, probed, watched, cut. Never used twice. It may live for months, so a step leaves
 * nothing behind on it: with one promise for its end in every Promise.race, a heartbeat would leave 1,000 bytes.
 */
class Line {
  readonly #options: Required<DoorbellOptions>;
  readonly #subscriber: Subscriber;
  readonly #socket = new Socket();
  /** Aborted with the reason when the line is of no use any more. */
  readonly #end = new AbortController();
  #probe = { text: '', resolve: (): void => undefined };

  constructor(options: Required<DoorbellOptions>, onRing: (processId: number) => void) {
    this.#options = options;
    this.#subscriber = subscribe(
      { ...this.#connection(), application_name: options.applicationName, stream: () => this.#socket },
      { parse: (text) => text, serialize: String, paranoidChecking: false, retryLimit: 1, retryInterval: 0 },
    );
    this.#subscriber.events.on('error', (error) => this.#end.abort(error));
    this.#socket.on('close', () => this.#end.abort(new Error('The listening connection was closed.')));
    this.#subscriber.events.on('notification', ({ processId, payload }) => {
      if (payload !== undefined && payload === this.#probe.text) this.#probe.resolve();
      else onRing(processId);
    });
  }

  async open(): Promise<void> {
    await this.#within('connect', this.#subscriber.connect());
    await this.#listen();
    const { channel } = this.#options;
    await this.#ringOurselves((text) => this.#aside('select pg_notify($1, $2)', [channel, text]), swallowed);
  }

  /** Probes until something is wrong, and rejects then. */
  async watch(): Promise<never> {
    for (;;) {
      await pause(this.#options.heartbeatMs, this.#end.signal);
      this.#end.signal.throwIfAborted();
      const { channel } = this.#options;
      await this.#ringOurselves((text) => this.#subscriber.notify(channel as never, text as never), unlistened);
    }
  }

  /** Cuts the connection at once, whatever it is doing; a polite goodbye would wait for a server that is gone. */
  cut(): void {
    this.#end.abort(new Error('cut'));
    this.#subscriber.close().catch(() => undefined);
    hangUp(this.#socket);
  }

  async #listen(): Promise<void> {
    const { channel } = this.#options;
    const listen = () => this.#within('LISTEN', this.#subscriber.listenTo(channel) ?? Promise.resolve());
    try {
      await listen();
    } catch (error) {
      const { code, message } = asError(error);
      if (code === '25006') throw new Error(standby, { cause: error });
      if (!code?.startsWith('58') && !message.includes('could not access status of transaction')) throw error;
      // The queue still begins with rings of transactions whose status was vacuumed away (seen on 17.6), and every
      // LISTEN stumbles over them. Asking for its usage moves it up to what somebody still has to read.
      await this.#within('look at the queue', this.#aside('select pg_notification_queue_usage()'));
      // pg-listen counts the LISTEN that failed as done and would not send it again.
      await this.#within('UNLISTEN', this.#subscriber.unlisten(channel) ?? Promise.resolve());
      await listen();
    }
  }

  /** Rejects with `unheard` if the probe was sent and did not come back. */
  async #ringOurselves(send: (text: string) => Promise<unknown>, unheard: string): Promise<void> {
    const text = `probe ${randomUUID()}`;
    const heard = new Promise<void>((resolve) => {
      this.#probe = { text, resolve };
    });
    let isSent = false;
    const sent = send(text).then(() => {
      isSent = true;
    });
    await this.#within('probe', Promise.all([sent, heard])).catch((error: unknown) => {
      throw isSent && !this.#end.signal.aborted ? new Error(unheard, { cause: error }) : error;
    });
  }

  /** One statement over a connection of its own, which is gone afterwards. */
  async #aside(text: string, values: unknown[] = []): Promise<void> {
    const { applicationName } = this.#options;
    const socket = new Socket();
    const client = new pg.Client({
      ...this.#connection(),
      application_name: `${applicationName} probe`,
      stream: () => socket,
    });
    client.on('error', () => undefined);
    const cut = () => socket.destroy();
    this.#end.signal.addEventListener('abort', cut);
    try {
      await client.connect();
      await client.query(text, values);
    } finally {
      this.#end.signal.removeEventListener('abort', cut);
      client.end().catch(() => undefined);
      hangUp(socket);
    }
  }

  #connection(): ClientConfig {
    const { connection, deadlineMs } = this.#options;
    // No time-outs of pg's own: every step has its deadline here, and what is late is cut with its socket.
    return { keepAlive: true, keepAliveInitialDelayMillis: deadlineMs, ...connection };
  }

  /** Waits for a step: until the deadline, and no longer than the line lives. */
  async #within(step: string, work: Promise<unknown>): Promise<void> {
    const { deadlineMs } = this.#options;
    const { signal } = this.#end;
    let onEnd = (): void => undefined;
    let timer: NodeJS.Timeout | undefined;
    const failure = new Promise<never>((_, reject) => {
      onEnd = () => reject(signal.reason);
      signal.addEventListener('abort', onEnd);
      const late = new Error(`The doorbell's ${step} was not answered within ${deadlineMs} ms.`);
      timer = setTimeout(() => reject(late), deadlineMs);
      if (signal.aborted) onEnd();
    });
    await Promise.race([work, failure]).finally(() => {
      signal.removeEventListener('abort', onEnd);
      clearTimeout(timer);
    });
  }
}

/** Sends what is still to be sent, if that is possible, and leaves. */
function hangUp(socket: Socket): void {
  socket.destroySoon();
  setTimeout(() => socket.destroy(), 500).unref();
}

function asError(error: unknown): Error & { code?: string } {
  return error instanceof Error ? error : new Error(String(error));
}

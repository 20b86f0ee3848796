// Cuts clients that do not keep up, so that memory is bounded by what the others need. Who is cut comes back with its
// cursor and misses nothing: what it has not read is told by a replay, which is sent no faster than it is read
// (sockets.ts), so a replay is never a reason to cut anybody who reads at all.
//
// What the kernel has taken is not seen here: up to the largest send buffer (tcp_wmem) a connection. Pings bound that in
// time, since they are answered in their turn: who has not answered one within 18 s is cut by Engine.IO.
//
// What a client can hold in memory here is `mostBytes`, beyond it what is sent in `graceMs` and one look at it. Packets
// to a room are encoded once and shared, so a hundred clients that stop together hold little more than one.
import type { Logger } from '../logger.ts';
import type { FeedServer } from './broadcaster.ts';
import { type Connection, Outbox, type Unsent } from './connection.ts';

export interface SlowClientLimits {
  /** The oldest unsent byte may be so old, ms. Less than a ping may take, which would wait behind it. */
  longestMs: number;
  /** So many bytes may be unsent … */
  mostBytes: number;
  /** … unless they have only just been handed over, ms: a large batch is over it at once, for everybody. */
  graceMs: number;
}

export const slowClientLimits: SlowClientLimits = { longestMs: 10_000, mostBytes: 8 * 1024 * 1024, graceMs: 2_000 };

export interface SlowClientsOptions {
  io: FeedServer;
  logger: Logger;
  limits?: SlowClientLimits;
  /** Time between looks, ms. */
  everyMs?: number;
  now?: () => number;
}

export class SlowClients {
  readonly #options: Required<SlowClientsOptions>;
  readonly #outboxes = new Map<Connection, Outbox>();
  #timer: NodeJS.Timeout | undefined;
  #cut = 0;

  constructor(options: SlowClientsOptions) {
    this.#options = { limits: slowClientLimits, everyMs: 1_000, now: () => performance.now(), ...options };
  }

  /** Clients cut so far, for metrics. */
  get cut(): number {
    return this.#cut;
  }

  /** Once. */
  start(): void {
    const { io, everyMs, now } = this.#options;
    io.engine.on('connection', (connection: Connection) => {
      const outbox = new Outbox(connection, now);
      this.#outboxes.set(connection, outbox);
      connection.once('close', (reason) => {
        this.#outboxes.delete(connection);
        // The goodbye of a WebSocket waits behind what is unsent, for half a minute in which nobody looks.
        if (reason === 'ping timeout') outbox.hangUp();
      });
    });
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { limits, logger } = this.#options;
    for (const outbox of this.#outboxes.values()) {
      const unsent = outbox.measure();
      if (!isTooSlow(unsent, limits)) continue;
      this.#cut += 1;
      logger.warn(unsent, 'client cut: it does not keep up; it will come back with its cursor');
      outbox.hangUp();
    }
  }
}

export function isTooSlow({ bytes, ageMs }: Unsent, { longestMs, mostBytes, graceMs }: SlowClientLimits): boolean {
  return ageMs > longestMs || (bytes > mostBytes && ageMs > graceMs);
}

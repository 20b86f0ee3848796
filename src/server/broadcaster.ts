// From batches to sockets. It turns each batch of the feed into the packets of the wire protocol and sends them to the
// two rooms: clients that take single events and clients that take a packet per drain. It keeps the pulse.
import type { Server } from 'socket.io';
import type { Batch } from '../feed/drain-session.ts';
import type { FeedHealth, Listener } from '../feed/listener.ts';
import type { BatchEvent, ClientToServer, EventName, FeedPulse, ServerToClient } from '../protocol/feed.ts';

export type FeedServer = Server<ClientToServer, ServerToClient>;

export const rooms = { single: 'feed:single', batch: 'feed:batch' } as const;

export interface BroadcasterOptions {
  io: FeedServer;
  listener: Listener;
  /** Time between pulses, ms. */
  pulseMs?: number;
  /** How long a reset asks clients to spread their reloading over, ms. */
  spreadMs?: number;
}

export class Broadcaster {
  readonly #options: Required<BroadcasterOptions>;
  #stops: (() => void)[] = [];
  #pulsedAt = 0;

  constructor(options: BroadcasterOptions) {
    this.#options = { pulseMs: 5_000, spreadMs: 2_000, ...options };
  }

  start(): void {
    const { listener, pulseMs } = this.#options;
    const timer = setInterval(() => this.#pulseIfAlive(), pulseMs);
    this.#stops = [
      listener.on('batch:drained', (batch) => this.#broadcast(batch)),
      listener.on('health:changed', (health) => this.#pulse(health)),
      () => clearInterval(timer),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  #broadcast(batch: Batch): void {
    const { io, spreadMs } = this.#options;
    if (batch.reset) {
      io.to([rooms.single, rooms.batch]).emit('feed:reset', { ...batch.reset, spread_ms: spreadMs });
      return;
    }
    const { from, to, asOf, term } = batch;
    io.to(rooms.batch).emit('feed:batch', { from, to, as_of: asOf, term, events: batch.events.map(toBatchEvent) });
    const last = batch.events.at(-1);
    for (const event of batch.events) {
      const { topic, row, change } = event;
      const name = `${topic}:${event.kind}` as EventName;
      io.to(rooms.single).emit(name, { [topic]: row, change, as_of: asOf, ...(event === last ? { cursor: to } : {}) });
    }
  }

  // A pulse says "nothing is missing up to here". Without a drain since the last one it would be a guess.
  #pulseIfAlive(): void {
    const { listener } = this.#options;
    if ((listener.lastDrainAt ?? 0) > this.#pulsedAt) this.#pulse(listener.health);
  }

  #pulse(state: FeedHealth): void {
    const { io, listener } = this.#options;
    const pulse = pulseOf(listener, state);
    if (!pulse) return;
    this.#pulsedAt = Date.now();
    io.to([rooms.single, rooms.batch]).emit('feed:pulse', pulse);
  }
}

export function pulseOf(listener: Listener, state: FeedHealth = listener.health): FeedPulse | undefined {
  if (!listener.cursor) return undefined;
  return { cursor: listener.cursor, now: new Date().toISOString(), state };
}

function toBatchEvent({ topic, kind, row, change }: Batch['events'][number]): BatchEvent {
  return { event: `${topic}:${kind}` as EventName, [topic]: row, change };
}

// From the feed to the rooms: every batch to the sockets that see everything, and the pulse to all.
import type { Server } from 'socket.io';
import type { Batch } from '../feed/drain-session.ts';
import type { Listener } from '../feed/listener.ts';
import type { FeedHealth } from '../feed/listener-events.ts';
import {
  type ClientToServer,
  type FeedPulse,
  type FeedReset,
  longestSpreadMs,
  type ServerToClient,
} from '../protocol/feed.ts';
import { messageOf, post } from './connection.ts';
import { sendBatch, type Target } from './packets.ts';

export type FeedServer = Server<ClientToServer, ServerToClient>;

/** Sockets that see everything, by how they take it, and sockets of links. */
export const rooms = { single: 'feed:single', batch: 'feed:batch', links: 'feed:links' } as const;

export interface BroadcasterOptions {
  io: FeedServer;
  listener: Listener;
  /** Time between pulses, ms. */
  pulseMs?: number;
}

/**
 * How long clients are asked to spread their reloading, or their coming back, over, ms: a little for one, more for a herd.
 * A load that many share (shared-lists.ts) took 1.2 ms of this process's time each, so it stays free for the others.
 */
export function spreadMs(clients: number): number {
  return Math.min(longestSpreadMs, 100 + clients * 2);
}

export class Broadcaster {
  readonly #options: Required<BroadcasterOptions>;
  #stops: (() => void)[] = [];
  #pulsedAt = 0;
  #tip: string | undefined;

  constructor(options: BroadcasterOptions) {
    this.#options = { pulseMs: 5_000, ...options };
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
    const { io } = this.#options;
    this.#tip = batch.to;
    if (batch.reset) {
      const reset: FeedReset = { ...batch.reset, cursor: batch.to, spread_ms: spreadMs(io.engine.clientsCount) };
      io.to([rooms.single, rooms.batch]).emit('feed:reset', reset);
      return;
    }
    for (const mode of ['batch', 'single'] as const) {
      const crowd = this.#crowd(rooms[mode]);
      if (crowd) sendBatch(crowd, batch, mode);
    }
  }

  /** All in a room, told by one message that is encoded once; undefined where nobody is. */
  #crowd(room: string): Target | undefined {
    const { adapter, sockets } = this.#options.io.of('/');
    const ids = adapter.rooms.get(room);
    if (!ids || ids.size === 0) return undefined;
    return {
      emit: (name, packet) => {
        const message = messageOf(name, packet);
        for (const id of ids) {
          const socket = sockets.get(id);
          if (socket) post(socket.conn, message);
        }
      },
    };
  }

  // A pulse says "nothing is missing up to here". Without a drain since the last one it would be a guess.
  #pulseIfAlive(): void {
    const { listener } = this.#options;
    if ((listener.lastDrainAt ?? 0) > this.#pulsedAt && listener.health !== 'behind') this.#pulse(listener.health);
  }

  #pulse(state: FeedHealth): void {
    const { io, listener } = this.#options;
    const pulse = pulseOf(listener, state);
    this.#pulsedAt = Date.now();
    const tip = this.#tip === undefined ? {} : { tip: this.#tip };
    io.to([rooms.single, rooms.batch]).emit('feed:pulse', { ...pulse, ...tip });
    const { cursor: _, ...withoutPlace } = pulse;
    io.to(rooms.links).emit('feed:pulse', withoutPlace);
  }
}

export function pulseOf(listener: Listener, state: FeedHealth = listener.health): FeedPulse {
  const cursor = listener.cursor === undefined ? {} : { cursor: listener.cursor };
  return { ...cursor, now: new Date().toISOString(), state };
}

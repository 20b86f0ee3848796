// A client whose clock, sockets and loads the test holds in its hands. What a socket gets passes through JSON, as it
// would on the wire.
import { EventEmitter } from 'node:events';
import type { Clock } from '../../src/client/clock.ts';
import type { FeedSocket } from '../../src/client/connection.ts';
import { createTaskfeed, type Taskfeed, type TaskfeedOptions } from '../../src/client/taskfeed.ts';

export class HeldClock implements Clock {
  steadyNow = 1_000;
  wallNow = Date.parse('2026-11-22T12:00:00Z');
  nextChance = 0;
  #timers: { at: number; work: () => void }[] = [];

  wall = () => this.wallNow;
  steady = () => this.steadyNow;
  chance = () => this.nextChance;

  after = (ms: number, work: () => void) => {
    const timer = { at: this.steadyNow + ms, work };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  get timers(): number {
    return this.#timers.length;
  }

  /** Both clocks go on, and what falls due is done in order. */
  advance(ms: number): void {
    const end = this.steadyNow + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#moveTo(Math.max(next.at, this.steadyNow));
      next.work();
    }
    this.#moveTo(end);
  }

  /** The machine sleeps: the wall clock goes on, the steady one and the timers stand still. */
  sleep(ms: number): void {
    this.wallNow += ms;
  }

  #moveTo(steady: number): void {
    this.wallNow += steady - this.steadyNow;
    this.steadyNow = steady;
  }
}

export class HeldSocket {
  readonly sent: { name: string; data: unknown }[] = [];
  readonly auth: Record<string, unknown>;
  isOpen = true;
  #events = new EventEmitter();

  constructor(auth: object) {
    this.auth = { ...auth };
  }

  /** Number of the last question on this socket: what a feed:ready that answers it carries. */
  get asked(): unknown {
    const data = this.sent.at(-1)?.data as { ask?: number } | undefined;
    return data?.ask ?? this.auth['ask'];
  }

  on(name: string, listener: (data: unknown) => void): this {
    this.#events.on(name, listener);
    return this;
  }

  emit(name: string, data: unknown): this {
    this.sent.push({ name, data: JSON.parse(JSON.stringify(data)) });
    return this;
  }

  disconnect(): this {
    this.isOpen = false;
    return this;
  }

  /** What comes from the server, or from Socket.IO itself. */
  receive(name: string, data?: unknown): void {
    this.#events.emit(name, data instanceof Error || data === undefined ? data : JSON.parse(JSON.stringify(data)));
  }
}

export interface Held {
  feed: Taskfeed;
  clock: HeldClock;
  sockets: HeldSocket[];
  /** Paths asked for, in order. */
  requests: string[];
  /** The newest socket. */
  socket(): HeldSocket;
}

/** `answer` gives the body for a path, or throws to fail; a number is a status without a body. */
export function hold(answer: (path: string) => unknown, options: TaskfeedOptions = {}): Held {
  const clock = new HeldClock();
  const sockets: HeldSocket[] = [];
  const requests: string[] = [];
  const feed = createTaskfeed({
    url: 'http://held',
    topics: ['task'],
    scope: 'all',
    clock,
    connect: (_url, auth) => {
      const socket = new HeldSocket(auth);
      sockets.push(socket);
      return socket as unknown as FeedSocket;
    },
    fetch: async (input) => {
      const path = String(input).replace('http://held', '');
      requests.push(path);
      const body = await answer(path);
      if (typeof body === 'number') return new Response(null, { status: body });
      return Response.json(body);
    },
    ...options,
  });
  return { feed, clock, sockets, requests, socket: () => sockets.at(-1) as HeldSocket };
}

/** Everything that was promised and could be done has been done. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

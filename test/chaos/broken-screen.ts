// Screens with a client that is wrong in a way that looks right. The judge must find them guilty.
import { io, type Socket } from 'socket.io-client';
import type { Notes } from './notes.ts';
import { Screen } from './screen.ts';
import { toldIn } from './taskfeed-screen.ts';

/**
 * `forgets its cursor`: comes back without it, and goes on from there. `ignores resets`: takes every message but that
 * one, so the epoch of its cursor means nothing to it. Both call themselves live while they are connected.
 */
export type Fault = 'forgets its cursor' | 'ignores resets';

// biome-ignore lint/suspicious/noExplicitAny: packets are read as a script would
type Packet = any;

export class BrokenScreen {
  readonly screen: Screen;
  readonly rows = new Map<number, { version: number; note: string | null }>();
  readonly #socket: Socket;
  #since: string | undefined;

  constructor(options: { fault: Fault; url: string; token: string | undefined; notes: Notes }) {
    const { fault, url, token, notes } = options;
    this.screen = new Screen({ name: fault, notes });
    const auth = (send: (data: object) => void) => {
      const since = this.#since === undefined ? {} : { since: this.#since };
      send({ protocol: 1, batch: true, ...since, ...(token === undefined ? {} : { token }) });
      if (fault === 'forgets its cursor') this.#since = undefined;
    };
    this.#socket = io(url, { auth, transports: ['websocket'], forceNew: true, autoConnect: false });
    this.#socket.on('connect', () => this.screen.setLive(true));
    this.#socket.on('disconnect', () => this.screen.setLive(false));
    this.#socket.on('feed:batch', (packet: Packet) => {
      for (const told of toldIn(packet)) this.screen.tell(told);
      for (const { event, task } of packet.events) if (task) this.#apply(event, task);
      if (fault === 'ignores resets' && packet.to) this.#since = packet.to;
    });
    if (fault === 'forgets its cursor') {
      this.#socket.on('feed:reset', () => {
        void this.#load(url, token).then((cursor) => this.#socket.emit('feed:resume', { since: cursor }));
      });
    }
    void this.#load(url, token).then((cursor) => {
      this.#since = cursor;
      this.#socket.connect();
    });
  }

  stop(): void {
    this.#socket.disconnect();
  }

  async #load(url: string, token: string | undefined): Promise<string | undefined> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/api/tasks`, { headers }).catch(() => undefined);
    if (!answer?.ok) return undefined;
    const { tasks, cursor } = (await answer.json()) as Packet;
    this.screen.snapshot(tasks);
    for (const task of tasks) this.#apply('task:created', task);
    return cursor;
  }

  #apply(event: string, { id, version, note }: Packet): void {
    const isGone = event === 'task:deleted';
    const known = this.rows.get(id);
    if (known && known.version > version) return;
    if (isGone) this.rows.delete(id);
    else this.rows.set(id, { version, note });
    this.screen.show({ id, version: isGone ? undefined : version, mark: note });
  }
}

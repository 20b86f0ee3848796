// A screen written by hand after docs/protocol.md, as simple as it may be: it knows no pulse and checks nothing, so that
// the server alone has to tell it all. It breaks off and comes back when the test says so.
import { io, type Socket } from 'socket.io-client';
import type { Notes } from './notes.ts';
import { Screen } from './screen.ts';
import { toldIn } from './taskfeed-screen.ts';

/**
 * What is wrong with it, if anything, each in a way that looks right. `hasty`: moves its cursor with every batch, also
 * before feed:ready, when what it has heard is not shown yet. `forgets its cursor`: comes back without it and goes on
 * from there. `ignores resets`: takes every message but that one.
 */
export type ClientFault = 'hasty' | 'forgets its cursor' | 'ignores resets';

export interface HandScreenOptions {
  name: string;
  url: string;
  token: string;
  notes: Notes;
  fault?: ClientFault;
}

// biome-ignore lint/suspicious/noExplicitAny: packets are read as a script would
type Packet = any;

export class HandScreen {
  readonly screen: Screen;
  readonly rows = new Map<number, { version: number; note: string | null }>();
  readonly #options: HandScreenOptions;
  #socket: Socket | undefined;
  #cursor = '';
  #held: Packet[] = [];

  constructor(options: HandScreenOptions) {
    this.#options = options;
    this.screen = new Screen(options);
  }

  async begin(): Promise<void> {
    await this.#load();
    this.comeBack();
  }

  breakOff(): void {
    this.#socket?.disconnect();
    this.#held = [];
    this.screen.setLive(false);
  }

  /** `isCut`: it breaks off when all it missed has come and the server has not said so yet. */
  comeBack({ isCut = false } = {}): void {
    const { url, token, fault } = this.#options;
    const since = fault === 'forgets its cursor' && this.screen.figures.stalePeriods > 0 ? {} : { since: this.#cursor };
    const auth = { protocol: 1, batch: true, token, ...since };
    const socket = io(url, { auth, transports: ['websocket'], forceNew: true, reconnection: false });
    const hears = (name: string, hear: (packet: Packet) => void) =>
      socket.on(name, (packet: Packet) => this.#socket === socket && socket.connected && hear(packet));
    hears('feed:batch', (batch) => {
      if (batch.to && (fault === 'hasty' || this.screen.isLive)) this.#cursor = batch.to;
      if (this.screen.isLive) this.#take(batch);
      else this.#held.push(batch);
      if (!isCut || !batch.to) return;
      this.breakOff();
      this.comeBack();
    });
    hears('feed:ready', ({ cursor }) => {
      for (const batch of this.#held.splice(0)) this.#take(batch);
      this.#cursor = cursor;
      this.screen.setLive(true);
    });
    hears('feed:reset', () => {
      if (fault === 'ignores resets') return;
      this.screen.setLive(false);
      void this.#load().then(() => socket.emit('feed:resume', { since: this.#cursor }));
    });
    this.#socket = socket;
  }

  async #load(): Promise<void> {
    const { url, token } = this.#options;
    const response = await fetch(`${url}/api/tasks?limit=1000`, { headers: { authorization: `Bearer ${token}` } });
    const { tasks, cursor } = (await response.json()) as Packet;
    this.screen.snapshot(tasks);
    for (const task of tasks) this.#show('task:created', task);
    this.#cursor = cursor;
  }

  #take(batch: Packet): void {
    for (const told of toldIn(batch)) this.screen.tell(told);
    for (const { event, task } of batch.events) if (task) this.#show(event, task);
  }

  // What was held back while the list was on its way may be older than the list.
  #show(event: string, { id, version, note }: Packet): void {
    if ((this.rows.get(id)?.version ?? 0) > version) return;
    const isGone = event === 'task:deleted';
    if (isGone) this.rows.delete(id);
    else this.rows.set(id, { version, note });
    this.screen.show({ id, version: isGone ? undefined : version, mark: note });
  }
}

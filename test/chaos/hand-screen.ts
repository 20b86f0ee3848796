// A screen written by hand after docs/protocol.md, as simple as it may be: it knows no pulse and checks nothing, so that
// the server alone has to tell it all. It breaks off and comes back when the test says so.
import { io, type Socket } from 'socket.io-client';
import type { Notes } from './notes.ts';
import { Screen } from './screen.ts';
import { toldIn } from './taskfeed-screen.ts';

export interface HandScreenOptions {
  name: string;
  url: string;
  token: string;
  notes: Notes;
  /** Moves its cursor with every batch, also before feed:ready, when what it has heard is not shown yet. */
  isHasty?: boolean;
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
    const { url, token } = this.#options;
    const response = await fetch(`${url}/api/tasks?limit=1000`, { headers: { authorization: `Bearer ${token}` } });
    const { tasks, cursor } = (await response.json()) as Packet;
    this.screen.snapshot(tasks);
    for (const task of tasks) this.#show('task:created', task);
    this.#cursor = cursor;
    this.comeBack();
  }

  breakOff(): void {
    this.#socket?.disconnect();
    this.#held = [];
    this.screen.setLive(false);
  }

  /** `isCut`: it breaks off when all it missed has come and the server has not said so yet. */
  comeBack({ isCut = false } = {}): void {
    const { url, token, isHasty } = this.#options;
    const auth = { protocol: 1, batch: true, since: this.#cursor, token };
    const socket = io(url, { auth, transports: ['websocket'], forceNew: true, reconnection: false });
    const hears = (name: string, hear: (packet: Packet) => void) =>
      socket.on(name, (packet: Packet) => this.#socket === socket && socket.connected && hear(packet));
    hears('feed:batch', (batch) => {
      if (batch.to && (isHasty || this.screen.isLive)) this.#cursor = batch.to;
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
    this.#socket = socket;
  }

  #take(batch: Packet): void {
    for (const told of toldIn(batch)) this.screen.tell(told);
    for (const { event, task } of batch.events) if (task) this.#show(event, task);
  }

  #show(event: string, { id, version, note }: Packet): void {
    const isGone = event === 'task:deleted';
    if (isGone) this.rows.delete(id);
    else this.rows.set(id, { version, note });
    this.screen.show({ id, version: isGone ? undefined : version, mark: note });
  }
}

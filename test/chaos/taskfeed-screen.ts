// A screen that uses the project's own client, overheard: what comes over its sockets is what it was told, what its
// stores show is what it shows.
import { connectBySocketIo } from '../../src/client/connection.ts';
import { createTaskfeed, type Taskfeed } from '../../src/client/index.ts';
import type { Notes } from './notes.ts';
import { Screen, type Told } from './screen.ts';

// biome-ignore lint/suspicious/noExplicitAny: packets are overheard as they come over the wire
type Packet = any;

export interface TaskfeedScreenOptions {
  name: string;
  url: string;
  token: string | undefined;
  notes: Notes;
}

export class TaskfeedScreen {
  readonly screen: Screen;
  readonly feed: Taskfeed;
  readonly resets: Record<string, number> = {};
  connections = 0;
  #overheard: Told[] = [];
  #loaded: { id: number; version: number }[] = [];
  #timer: NodeJS.Timeout;

  constructor({ name, url, token, notes }: TaskfeedScreenOptions) {
    this.screen = new Screen({ name, notes });
    this.feed = createTaskfeed({
      url,
      ...(token === undefined ? {} : { token }),
      scope: 'all',
      topics: ['task', 'system', 'employee'],
      fetch: (input, init) => this.#overhearList(input, init),
      connect: (to, auth) => this.#overhear(connectBySocketIo(to, auth)),
    });
    this.feed.tasks.subscribe(({ kind, changes }) => {
      // What was loaded, then what was told since: both are shown in one step.
      if (kind === 'snapshot') this.screen.snapshot(this.#loaded);
      for (const told of this.#overheard.splice(0)) this.screen.tell(told);
      if (kind === 'snapshot') this.#showAll();
      for (const { kind: what, row } of changes) {
        const isGone = what === 'deleted';
        this.screen.show({ id: row.id, version: isGone ? undefined : row.version, mark: row.note });
      }
    });
    this.feed.freshness.subscribe(() => this.#look());
    // Time alone makes a screen stale too.
    this.#timer = setInterval(() => this.#look(), 100);
    this.feed.start();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.feed.stop();
  }

  #look(): void {
    this.screen.setLive(this.feed.freshness.get().state === 'live');
  }

  #overhear(socket: ReturnType<typeof connectBySocketIo>): typeof socket {
    this.connections += 1;
    // What an earlier connection has told and the stores do not show will be told again.
    this.#overheard = [];
    socket.onAny((name: string, packet: Packet) => {
      if (name === 'feed:reset') this.resets[packet.reason] = (this.resets[packet.reason] ?? 0) + 1;
      if (name === 'feed:batch') this.#overheard.push(...toldIn(packet));
    });
    return socket;
  }

  async #overhearList(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(input, init);
    const url = String(input);
    if (!response.ok || !url.includes('/api/tasks?')) return response;
    const { tasks } = (await response.clone().json()) as Packet;
    if (!url.includes('after=')) this.#loaded = [];
    this.#loaded.push(...tasks);
    return response;
  }

  #showAll(): void {
    const rows = [...this.feed.tasks.rows.values()];
    const listed = new Set(rows.map(({ id }) => id));
    for (const id of this.screen.ids) if (!listed.has(id)) this.screen.show({ id, version: undefined });
    for (const { id, version, note } of rows) this.screen.show({ id, version, mark: note });
  }
}

/** What a packet feed:batch tells about tasks. */
export function toldIn({ events }: Packet): Told[] {
  return events
    .filter(({ event }: Packet) => event.startsWith('task:'))
    .map(({ event, task, change }: Packet) => {
      return { id: task.id, kind: event.slice('task:'.length), version: task.version, count: change.count };
    });
}

// A screen of the plain loop, as a careful person writes it: it loads everything on every connect, keeps what comes
// meanwhile and applies it after, and takes no older version of a row.
import { io, type Socket } from 'socket.io-client';
import type { Notes } from './notes.ts';
import { Screen } from './screen.ts';

interface PlainRow {
  id: number;
  version: number;
  note: string | null;
}

export class PlainScreen {
  readonly screen: Screen;
  readonly rows = new Map<number, PlainRow>();
  readonly #socket: Socket;
  readonly #url: string;
  #connection = 0;
  #held: { op: string; row: PlainRow }[] | undefined;

  constructor({ name, url, notes }: { name: string; url: string; notes: Notes }) {
    this.screen = new Screen({ name, notes });
    this.#url = url;
    this.#socket = io(url, { transports: ['websocket'], forceNew: true, reconnectionDelayMax: 1_000 });
    this.#socket.on('connect', () => {
      this.#connection += 1;
      void this.#load(this.#connection);
    });
    this.#socket.on('disconnect', () => this.screen.setLive(false));
    this.#socket.on('row', (change: { op: string; row: PlainRow }) => {
      if (this.#held) this.#held.push(change);
      else this.#apply(change);
    });
  }

  stop(): void {
    this.#connection = -1;
    this.#socket.disconnect();
  }

  async #load(connection: number): Promise<void> {
    this.#held = [];
    for (;;) {
      const rows = await fetch(`${this.#url}/tasks`, { signal: AbortSignal.timeout(5_000) })
        .then(async (response) => (response.ok ? ((await response.json()) as PlainRow[]) : undefined))
        .catch(() => undefined);
      if (connection !== this.#connection) return;
      if (rows) return this.#take(rows);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  #take(rows: PlainRow[]): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.screen.snapshot(rows);
    const listed = new Map(rows.map((row) => [row.id, row]));
    for (const id of this.rows.keys()) {
      if (listed.has(id)) continue;
      this.rows.delete(id);
      this.screen.show({ id, version: undefined });
    }
    for (const row of rows) this.#set(row);
    for (const change of held) this.#apply(change);
    this.screen.setLive(this.#socket.connected);
  }

  #apply({ op, row }: { op: string; row: PlainRow }): void {
    const { id, version } = row;
    const known = this.rows.get(id);
    if (known && known.version > version) return;
    if (known?.version === version && op !== 'DELETE') return;
    const kind = op === 'DELETE' ? 'deleted' : op === 'INSERT' ? 'created' : 'updated';
    this.screen.tell({ id, kind, version, count: 1 });
    if (op === 'DELETE') {
      this.rows.delete(id);
      this.screen.show({ id, version: undefined });
    } else this.#set(row);
  }

  #set(row: PlainRow): void {
    this.rows.set(row.id, row);
    this.screen.show({ id: row.id, version: row.version, mark: row.note });
  }
}

// A database in a few lines, with what matters of PostgreSQL to a feed: transactions that overlap, snapshots, a journal,
// and the drain between two snapshots.
import type { AsOf, Cursor } from '../../src/protocol/cursor.ts';
import type { Kind } from '../../src/protocol/feed.ts';

export interface ModelTask {
  id: number;
  title: string;
  system_id: number | null;
  version: number;
}

export interface ModelSystem {
  id: number;
  name: string;
}

export type Write =
  | { do: 'put task'; id: number; title: string; system_id: number | null }
  | { do: 'delete task'; id: number }
  | { do: 'put system'; id: number; name: string }
  | { do: 'delete system'; id: number }
  | { do: 'truncate tasks' };

export interface ShownTask extends ModelTask {
  system_name: string | null;
}

export interface ModelEvent {
  topic: 'task' | 'system';
  kind: Kind;
  row: ShownTask | ModelSystem;
}

export interface Drained {
  to: Cursor;
  asOf: AsOf;
  events: ModelEvent[];
  reset?: 'bulk' | 'truncated';
}

interface Entry {
  xid: number;
  topic: 'task' | 'system' | 'truncate';
  id: number;
  isInsert: boolean;
}

interface Snapshot {
  xmax: number;
  running: number[];
}

export class ModelDatabase {
  readonly #tasks = new Map<number, ModelTask>();
  readonly #systems = new Map<number, ModelSystem>();
  readonly #journal: Entry[] = [];
  readonly #open = new Set<number>();
  readonly #lastTasks = new Map<number, ShownTask>();
  readonly #lastSystems = new Map<number, ModelSystem>();
  readonly #bulkLimit: number;
  #next = 100;
  #xmax = 100;
  #epoch = 1;
  /** All states that a snapshot could have seen, oldest first. */
  readonly states: string[] = [];

  constructor({ bulkLimit }: { bulkLimit: number }) {
    this.#bulkLimit = bulkLimit;
  }

  begin(): number {
    const xid = this.#next;
    this.#next += 1;
    this.#open.add(xid);
    return xid;
  }

  /** What was written becomes visible. */
  commit(xid: number, ...writes: Write[]): void {
    this.#open.delete(xid);
    for (const write of writes) this.#write(xid, write);
    this.#xmax = Math.max(this.#xmax, xid + 1);
    this.#remember();
  }

  write(...writes: Write[]): void {
    this.commit(this.begin(), ...writes);
  }

  /** Crash recovery: what was open is gone, and cursors of before mean nothing. */
  crash(): void {
    this.#open.clear();
    this.#xmax = this.#next;
    this.#epoch += 1;
  }

  get epoch(): string {
    return `00000000-0000-4000-8000-${String(this.#epoch).padStart(12, '0')}`;
  }

  get cursor(): Cursor {
    const { xmax, running } = this.#snapshot();
    return `${this.epoch}.${running[0] ?? xmax}:${xmax}:${running.join(',')}`;
  }

  get asOf(): AsOf {
    const { xmax, running } = this.#snapshot();
    return [xmax, -running.length];
  }

  /** In the order of ids. */
  tasks(): ShownTask[] {
    return [...this.#tasks.values()].map((task) => this.#show(task)).sort((a, b) => a.id - b.id);
  }

  systems(): ModelSystem[] {
    return [...this.#systems.values()].sort((a, b) => a.id - b.id);
  }

  /** Everything committed after the cursor, one event per row. */
  drain(from: Cursor): Drained {
    const since = snapshotIn(from);
    const now = this.#snapshot();
    const entries = this.#journal.filter(({ xid }) => isVisible(xid, now) && !isVisible(xid, since));
    const drained: Drained = { to: this.cursor, asOf: this.asOf, events: [] };
    if (entries.some(({ topic }) => topic === 'truncate')) return { ...drained, reset: 'truncated' };
    const tasks = new Set(entries.filter(({ topic }) => topic === 'task').map(({ id }) => id));
    const systems = new Set(entries.filter(({ topic }) => topic === 'system').map(({ id }) => id));
    for (const { id, system_id } of this.#tasks.values()) if (systems.has(system_id ?? 0)) tasks.add(id);
    if (tasks.size + systems.size > this.#bulkLimit) return { ...drained, reset: 'bulk' };
    const kindOf = (topic: string, id: number, isThere: boolean): Kind => {
      if (!isThere) return 'deleted';
      return entries.some((entry) => entry.topic === topic && entry.id === id && entry.isInsert)
        ? 'created'
        : 'updated';
    };
    for (const id of systems) {
      const row = this.#systems.get(id) ?? this.#lastSystems.get(id);
      if (row) drained.events.push({ topic: 'system', kind: kindOf('system', id, this.#systems.has(id)), row });
    }
    for (const id of tasks) {
      const task = this.#tasks.get(id);
      const row = task ? this.#show(task) : this.#lastTasks.get(id);
      if (row) drained.events.push({ topic: 'task', kind: kindOf('task', id, this.#tasks.has(id)), row });
    }
    return drained;
  }

  #write(xid: number, write: Write): void {
    const journal = (topic: Entry['topic'], id: number, isInsert: boolean) =>
      this.#journal.push({ xid, topic, id, isInsert });
    if (write.do === 'truncate tasks') {
      this.#tasks.clear();
      journal('truncate', 0, false);
    } else if (write.do === 'put task') {
      const { id, title } = write;
      const known = this.#tasks.get(id);
      const system_id = this.#systems.has(write.system_id ?? 0) ? write.system_id : null;
      this.#tasks.set(id, { id, title, system_id, version: (known?.version ?? 0) + 1 });
      journal('task', id, !known);
    } else if (write.do === 'put system') {
      journal('system', write.id, !this.#systems.has(write.id));
      this.#systems.set(write.id, { id: write.id, name: write.name });
    } else if (write.do === 'delete task') {
      const task = this.#tasks.get(write.id);
      if (!task) return;
      this.#lastTasks.set(write.id, this.#show(task));
      this.#tasks.delete(write.id);
      journal('task', write.id, false);
    } else this.#deleteSystem(write.id, journal);
  }

  // ON DELETE SET NULL: each task that was at the system changes too.
  #deleteSystem(id: number, journal: (topic: Entry['topic'], id: number, isInsert: boolean) => void): void {
    const system = this.#systems.get(id);
    if (!system) return;
    this.#lastSystems.set(id, system);
    this.#systems.delete(id);
    journal('system', id, false);
    for (const task of this.#tasks.values()) {
      if (task.system_id !== id) continue;
      this.#tasks.set(task.id, { ...task, system_id: null, version: task.version + 1 });
      journal('task', task.id, false);
    }
  }

  #show(task: ModelTask): ShownTask {
    return { ...task, system_name: this.#systems.get(task.system_id ?? 0)?.name ?? null };
  }

  #snapshot(): Snapshot {
    const running = [...this.#open].filter((xid) => xid < this.#xmax).sort((a, b) => a - b);
    return { xmax: this.#xmax, running };
  }

  #remember(): void {
    this.states.push(stateOf(this.tasks(), this.systems()));
  }
}

/** One moment of both tables, as text. */
export function stateOf(tasks: readonly ShownTask[], systems: readonly ModelSystem[]): string {
  const shown = tasks.map(({ id, title, system_id, system_name }) => [id, title, system_id, system_name]);
  return JSON.stringify([shown, systems.map(({ id, name }) => [id, name])]);
}

function snapshotIn(cursor: Cursor): Snapshot {
  const [, , xmax = '', running = ''] = /^[^.]+\.(\d+):(\d+):(.*)$/.exec(cursor) ?? [];
  return { xmax: Number(xmax), running: running === '' ? [] : running.split(',').map(Number) };
}

function isVisible(xid: number, { xmax, running }: Snapshot): boolean {
  return xid < xmax && !running.includes(xid);
}

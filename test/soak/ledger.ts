// What the writers know of their own doing: for every transaction whose COMMIT has returned, its id and what each of its
// statements said with RETURNING. Nothing here was ever read from the journal, so the ledger can bear witness against it.
//
// A state is told apart by three things that are in the row itself: the life (a task's title begins with a mark that is
// given once, at its INSERT; systems and employees live once), the version (raised by the trigger for tasks, by the
// writers themselves for systems and employees, which have none), and the contents.

export const topics = ['task', 'system', 'employee'] as const;
export type Topic = (typeof topics)[number];

// biome-ignore lint/suspicious/noExplicitAny: rows come from the driver and from the wire, and are looked at by hand
export type Row = Record<string, any>;

export interface Identity {
  life: string;
  version: number;
  /** The contents that writers write, in one line. */
  state: string;
}

export function identify(topic: Topic, row: Row): Identity {
  if (topic === 'task') {
    const { title, description, note, priority, status, system_id, employee_id } = row;
    const written = [title, description?.length, note, priority, status, system_id, employee_id];
    return { life: String(title).split(' ')[0] ?? '', version: row['version'], state: written.join('|') };
  }
  const version = Number(topic === 'system' ? row['description'] : row['position']);
  return { life: 'only', version, state: row['name'] };
}

export interface Note extends Identity {
  topic: Topic;
  id: number;
  kind: 'insert' | 'update' | 'delete';
  /** Rises with every statement that has returned, over all writers. */
  order: number;
}

export interface Committed extends Note {
  xid: number;
}

export class Ledger {
  readonly committed: Committed[] = [];
  #transactions = 0;
  #order = 0;
  #waiting: { until: number; resolve: () => void }[] = [];

  /** Transactions of writers that have committed a change. */
  get transactions(): number {
    return this.#transactions;
  }

  /** To be called in the turn in which the statement returned. */
  note(topic: Topic, kind: Note['kind'], row: Row): Note {
    this.#order += 1;
    return { ...identify(topic, row), topic, kind, id: row['id'], order: this.#order };
  }

  /** To be called when COMMIT has returned. */
  commit(xid: number, notes: Note[]): void {
    if (notes.length === 0) return;
    for (const note of notes) this.committed.push({ ...note, xid });
    this.#transactions += 1;
    const due = this.#waiting.filter(({ until }) => until <= this.#transactions);
    this.#waiting = this.#waiting.filter(({ until }) => until > this.#transactions);
    for (const { resolve } of due) resolve();
  }

  /** Resolves when so many more transactions have committed. */
  after(more: number): Promise<void> {
    if (more <= 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until: this.#transactions + more, resolve }));
  }
}

// The names that tasks show of their systems and employees. A rename is no change of the task, so positions say nothing
// of it; but at every cursor each task must show the name that was in force there, whether it came with a change of the
// task, with a re-assignment, or with an event of count 0.
import type { Histories } from './history.ts';
import type { Entry, ShownName, Told } from './log.ts';

export class Names {
  readonly #histories: Histories;
  /** By task, what the client was last told. What was void after a cut is told again before the next cursor. */
  readonly #shown = new Map<number, readonly ShownName[]>();

  constructor(histories: Histories) {
    this.#histories = histories;
  }

  load(pages: Extract<Entry, { what: 'loaded' }>['pages']): void {
    this.#shown.clear();
    for (const { topic, rows } of pages) {
      if (topic === 'task') for (const { id, names } of rows) this.#shown.set(id, names);
    }
  }

  tell({ topic, id, kind, names }: Told): void {
    if (topic !== 'task') return;
    if (kind === 'deleted') this.#shown.delete(id);
    else this.#shown.set(id, names);
  }

  /** What is wrong with the names that are shown, if these are the positions. Said once. */
  wrongAt(positions: Int32Array): string[] {
    const wrong: string[] = [];
    for (const [id, names] of this.#shown) {
      const due = names.map((shown) => this.dueAt(positions, shown));
      const isRight = names.every(([, , name], index) => name === due[index]);
      if (isRight) continue;
      wrong.push(`task ${id}: shows ${names.map(([, , name]) => name)}, should show ${due}`);
      this.#shown.delete(id);
    }
    return wrong;
  }

  dueAt(positions: Int32Array, [topic, id]: ShownName): string | null | undefined {
    if (id === null) return null;
    const index = this.#histories.indexOf(topic, id);
    if (index === undefined) return undefined;
    return this.#histories.all[index]?.at(positions[index] ?? 0)?.state;
  }
}

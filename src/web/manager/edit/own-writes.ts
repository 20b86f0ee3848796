// A person who changes a task twice in a row must not be told that they were faster than themselves: writes of one task,
// alone or among many, go one after the other, each with the version that the one before has made.
import type { Task, TaskResult } from '../../../protocol/task.ts';
import type { TaskItem } from '../../../protocol/writes.ts';

/** Sends a write of what the person saw as `version`. */
export type Send = (version: number) => Promise<unknown>;

type Seen = Pick<Task, 'id' | 'version'>;

export class OwnWrites {
  /** The last write of a task that is still under way. */
  readonly #running = new Map<number, Promise<unknown>>();
  /** For a task, what this page made of a version. */
  readonly #made = new Map<number, Map<number, number>>();

  async write(base: Seen, send: Send): Promise<unknown> {
    return await this.inTurn([base.id], async () => {
      const version = this.#versionOf(base);
      const answer = await send(version);
      this.#note(base.id, version, (answer as { task?: Seen } | undefined)?.task?.version);
      return answer;
    });
  }

  /** Waits for what is under way of any of these tasks, and holds back what comes later of any of them. */
  async writeMany(
    bases: readonly Seen[],
    send: (items: Required<TaskItem>[]) => Promise<TaskResult[]>,
  ): Promise<TaskResult[]> {
    const ids = bases.map(({ id }) => id);
    return await this.inTurn(ids, async () => {
      const sent = new Map(bases.map((base) => [base.id, this.#versionOf(base)]));
      const results = await send([...sent].map(([id, version]) => ({ id, version })));
      for (const { id, result, task } of results) {
        // What was refused shows the version that somebody else has made.
        if (result === 'ok') this.#note(id, sent.get(id), task?.version);
      }
      return results;
    });
  }

  /** The same for what has no version, such as a deletion. */
  async inTurn<T>(ids: readonly number[], act: () => Promise<T>): Promise<T> {
    const before = ids.map((id) => this.#running.get(id));
    const run = Promise.allSettled(before).then(act);
    for (const id of ids) this.#running.set(id, run);
    try {
      return await run;
    } finally {
      for (const id of ids) if (this.#running.get(id) === run) this.#running.delete(id);
    }
  }

  #versionOf({ id, version }: Seen): number {
    const made = this.#made.get(id);
    let latest = version;
    for (let next = made?.get(latest); next !== undefined; next = made?.get(latest)) latest = next;
    return latest;
  }

  // Only a step of one: in a longer one somebody else has written too, and this person has not seen what.
  #note(id: number, from: number | undefined, to: number | undefined): void {
    if (from === undefined || to !== from + 1) return;
    const made = this.#made.get(id) ?? new Map<number, number>();
    this.#made.set(id, made);
    made.set(from, to);
  }
}

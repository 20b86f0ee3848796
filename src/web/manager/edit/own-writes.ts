// A person who changes a task twice in a row must not be told that they were faster than themselves: writes of one task
// go one after the other, each with the version that the one before has made.
import type { Task } from '../../../protocol/task.ts';

/** Sends a write of what the person saw as `version`. */
export type Send = (version: number) => Promise<unknown>;

export class OwnWrites {
  /** The last write of a task that is still under way. */
  readonly #running = new Map<number, Promise<unknown>>();
  /** For a task, what this page made of a version. */
  readonly #made = new Map<number, Map<number, number>>();

  async write(base: Pick<Task, 'id' | 'version'>, send: Send): Promise<unknown> {
    const { id } = base;
    const before = this.#running.get(id);
    const run = (async () => {
      await before?.catch(() => undefined);
      const version = this.#versionOf(base);
      const answer = await send(version);
      this.#note(id, version, answer);
      return answer;
    })();
    this.#running.set(id, run);
    try {
      return await run;
    } finally {
      if (this.#running.get(id) === run) this.#running.delete(id);
    }
  }

  #versionOf({ id, version }: Pick<Task, 'id' | 'version'>): number {
    const made = this.#made.get(id);
    let latest = version;
    for (let next = made?.get(latest); next !== undefined; next = made?.get(latest)) latest = next;
    return latest;
  }

  // Only a step of one: in a longer one somebody else has written too, and this person has not seen what.
  #note(id: number, from: number, answer: unknown): void {
    const to = (answer as { task?: { version?: unknown } } | undefined)?.task?.version;
    if (to !== from + 1) return;
    const made = this.#made.get(id) ?? new Map<number, number>();
    this.#made.set(id, made);
    made.set(from, to);
  }
}

// The page's copy of the tasks. Every row keeps the as_of of what is shown, a deleted one too until the cursor has
// passed it, and an event counts only if its as_of is not older. So events may come late, twice or out of order, and
// the copy still ends equal to the table. `version` would not do: renames, deletes and re-created ids do not follow it.
import { type AsOf, type Cursor, compareAsOf, parseCursor } from '../../protocol/cursor.ts';
import type { BatchEvent, Change, FeedBatch } from '../../protocol/feed.ts';
import type { ListedTask } from '../../protocol/task.ts';

/** One answer of `GET /api/tasks`: rows in the order of ids, and the cursor of the very snapshot they were read in. */
export interface SnapshotPage {
  tasks: ListedTask[];
  cursor: Cursor;
}

/** A change that was applied: the row, and what the page had before. */
export interface Changed {
  kind: 'created' | 'updated' | 'deleted';
  task: ListedTask;
  before: ListedTask | undefined;
  change: Change;
}

interface Known {
  asOf: AsOf;
  /** Undefined: deleted. */
  task: ListedTask | undefined;
}

interface Place {
  cursor: Cursor;
  epoch: string;
  asOf: AsOf;
}

export class TaskStore {
  #known = new Map<number, Known>();
  #graves = new Set<number>();
  #pages: { lastId: number; asOf: AsOf }[] = [];
  #place: Place | undefined;

  /** Where the copy is: everything committed up to here is in it. Undefined before the first snapshot. */
  get cursor(): Cursor | undefined {
    return this.#place?.cursor;
  }

  tasks(): ListedTask[] {
    const tasks: ListedTask[] = [];
    for (const { task } of this.#known.values()) if (task) tasks.push(task);
    return tasks;
  }

  get(id: number): ListedTask | undefined {
    return this.#known.get(id)?.task;
  }

  /** Swaps everything for a snapshot, in one step. The first page's cursor counts: later pages are only newer. */
  load(pages: SnapshotPage[]): void {
    const [first] = pages;
    if (!first) throw new Error('A snapshot has at least one page.');
    this.#known = new Map();
    this.#graves = new Set();
    this.#pages = [];
    pages.forEach(({ tasks, cursor }, index) => {
      const asOf = placeOf(cursor)?.asOf ?? [0, 0];
      for (const task of tasks) this.#known.set(task.id, { asOf, task });
      const lastId = index === pages.length - 1 ? Number.POSITIVE_INFINITY : (tasks[tasks.length - 1]?.id ?? 0);
      this.#pages.push({ lastId, asOf });
    });
    this.#place = placeOf(first.cursor);
  }

  /** Applies what is news in a batch. The cursor stays: `advance` moves it once the batch is known to be complete. */
  apply(batch: FeedBatch): Changed[] {
    if (!this.#place || placeOf(batch.from)?.epoch !== this.#place.epoch) return [];
    if (compareAsOf(batch.as_of, this.#place.asOf) <= 0) return [];
    const changes: Changed[] = [];
    for (const event of batch.events) {
      const changed = this.#applyEvent(event, batch.as_of);
      if (changed) changes.push(changed);
    }
    return changes;
  }

  /** Whether something is missing between the cursor and this batch. */
  isGap({ from }: FeedBatch): boolean {
    const place = placeOf(from);
    if (!place || place.epoch !== this.#place?.epoch) return true;
    return compareAsOf(place.asOf, this.#place.asOf) > 0;
  }

  /** Moves the cursor forward; never back, and never into another epoch. */
  advance(cursor: Cursor): void {
    const place = placeOf(cursor);
    if (!place || place.epoch !== this.#place?.epoch || compareAsOf(place.asOf, this.#place.asOf) <= 0) return;
    this.#place = place;
    for (const id of this.#graves) {
      const grave = this.#known.get(id);
      if (grave && compareAsOf(grave.asOf, place.asOf) > 0) continue;
      this.#known.delete(id);
      this.#graves.delete(id);
    }
  }

  #applyEvent({ event, task, change }: BatchEvent, asOf: AsOf): Changed | undefined {
    const [topic, kind] = event.split(':') as [string, Changed['kind']];
    if (topic !== 'task' || !task) return undefined;
    const known = this.#known.get(task.id);
    const shownAsOf = known?.asOf ?? this.#absentAsOf(task.id);
    if (shownAsOf && compareAsOf(asOf, shownAsOf) < 0) return undefined;
    const before = known?.task;
    const isDeleted = kind === 'deleted';
    this.#known.set(task.id, { asOf, task: isDeleted ? undefined : task });
    if (isDeleted) this.#graves.add(task.id);
    else this.#graves.delete(task.id);
    return isDeleted && !before ? undefined : { kind, task, before, change };
  }

  // That a row is not in a page of the snapshot is a fact with an as_of too: it was deleted, or not yet made.
  #absentAsOf(id: number): AsOf | undefined {
    return this.#pages.find(({ lastId }) => id <= lastId)?.asOf;
  }
}

function placeOf(cursor: Cursor): Place | undefined {
  const parts = parseCursor(cursor);
  return parts && { cursor, epoch: parts.epoch, asOf: parts.asOf };
}

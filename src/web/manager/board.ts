// What the page shows of the store: groups of rows, counts, what changed last. A row that has just changed keeps its
// place for a moment, so that whoever looks at it sees what happened before it moves. Pure but for what it remembers.
import type { Changed, Store } from '../../client/store.ts';
import type { ListedTask } from '../../protocol/task.ts';
import { arrange, type GroupName, groupNames, place } from './order.ts';
import { type Notice, noticeOf } from './wording.ts';

/** How long a changed row glows and keeps its place, ms. */
export const glowMs = 6_000;

export interface BoardRow {
  task: ListedTask;
  /** The state that decides where the row stands. */
  placedAs: ListedTask;
  /** The last change seen since the page was opened. */
  notice: Notice | undefined;
  /** Changed a moment ago; another number for every change, 0 otherwise. */
  glow: number;
}

export interface BoardView {
  groups: { name: GroupName; rows: BoardRow[] }[];
  counts: Record<GroupName, number> & { open: number };
  latest: { task: ListedTask; notice: Notice } | undefined;
}

interface Fresh {
  until: number;
  glow: number;
  placedAs: ListedTask;
}

export class Board {
  readonly #store: Pick<Store<ListedTask>, 'rows'>;
  readonly #notices = new Map<number, Notice>();
  readonly #fresh = new Map<number, Fresh>();
  #latest: BoardView['latest'];
  #glows = 0;

  constructor(store: Pick<Store<ListedTask>, 'rows'>) {
    this.#store = store;
  }

  /** Takes note of changes; `now` by the server's clock. */
  note(changes: readonly Changed<ListedTask>[], now: number): void {
    for (const changed of changes) {
      const { kind, row: task, before } = changed;
      const notice = noticeOf(changed, now);
      this.#latest = { task, notice };
      this.#notices.set(task.id, notice);
      this.#glows += 1;
      const held = this.#fresh.get(task.id)?.placedAs ?? before ?? task;
      this.#fresh.set(task.id, { until: now + glowMs, glow: this.#glows, placedAs: held });
      if (kind === 'deleted') this.#forget(task.id);
    }
  }

  /** When a row stops to glow and takes its new place, or undefined if none does. */
  get nextMoveAt(): number | undefined {
    let next: number | undefined;
    for (const { until } of this.#fresh.values()) next = Math.min(next ?? until, until);
    return next;
  }

  view(now: number): BoardView {
    for (const [id, { until }] of this.#fresh) if (until <= now) this.#fresh.delete(id);
    const counts: BoardView['counts'] = { overdue: 0, today: 0, later: 0, undated: 0, done: 0, open: 0 };
    const rows = [...this.#store.rows.values()].map((task): BoardRow => {
      counts[place(task, now).group] += 1;
      const fresh = this.#fresh.get(task.id);
      const notice = this.#notices.get(task.id);
      return { task, placedAs: fresh?.placedAs ?? task, notice, glow: fresh?.glow ?? 0 };
    });
    for (const name of groupNames) if (name !== 'done') counts.open += counts[name];
    return { groups: arrange(rows, now), counts, latest: this.#latest };
  }

  #forget(id: number): void {
    this.#fresh.delete(id);
    this.#notices.delete(id);
  }
}

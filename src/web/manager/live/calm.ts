// The stores as the screens see them. A single change is shown at once; in a storm of changes the screens are drawn a few
// times a second, and never so often that drawing is all the page does. What is shown is always of one moment.
import type { Employee, Link, ListedTask, System, Taskfeed } from '../../../client/index.ts';

export interface Shown {
  tasks: ReadonlyMap<number, ListedTask>;
  systems: ReadonlyMap<number, System>;
  employees: ReadonlyMap<number, Employee>;
  links: ReadonlyMap<number, Link>;
}

export interface CalmOptions {
  feed: Pick<Taskfeed, 'tasks' | 'systems' | 'employees' | 'links'>;
  /** Least time between two drawings that changes of others cause, ms. */
  restMs?: number;
  now?: () => number;
  later?: (call: () => void, ms: number) => () => void;
}

const laterByTimer = (call: () => void, ms: number) => {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
};

export class Calm {
  readonly #feed: CalmOptions['feed'];
  readonly #restMs: number;
  readonly #now: () => number;
  readonly #later: NonNullable<CalmOptions['later']>;
  readonly #listeners = new Set<() => void>();
  #shown: Shown;
  #shownAt = Number.NEGATIVE_INFINITY;
  #costMs = 0;
  #cancel: (() => void) | undefined;

  constructor({ feed, restMs = 120, now = () => performance.now(), later = laterByTimer }: CalmOptions) {
    this.#feed = feed;
    this.#restMs = restMs;
    this.#now = now;
    this.#later = later;
    this.#shown = this.#take();
    for (const store of [feed.tasks, feed.systems, feed.employees, feed.links]) {
      store.subscribe(({ kind }) => this.#note(kind));
    }
  }

  readonly get = (): Shown => this.#shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  // A person's own change waits for nothing.
  #note(kind: 'snapshot' | 'batch' | 'overlay'): void {
    const rest = Math.max(this.#restMs, 3 * this.#costMs);
    const wait = kind === 'overlay' ? 0 : this.#shownAt + rest - this.#now();
    if (wait <= 0) this.#show();
    else this.#cancel ??= this.#later(() => this.#show(), wait);
  }

  #show(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const next = this.#take();
    if (isSame(next, this.#shown)) return;
    this.#shown = next;
    const begun = this.#now();
    for (const listener of [...this.#listeners]) listener();
    this.#shownAt = this.#now();
    this.#costMs = Math.min(300, this.#shownAt - begun);
  }

  #take(): Shown {
    const { tasks, systems, employees, links } = this.#feed;
    return { tasks: tasks.rows, systems: systems.rows, employees: employees.rows, links: links.rows };
  }
}

function isSame(a: Shown, b: Shown): boolean {
  return a.tasks === b.tasks && a.systems === b.systems && a.employees === b.employees && a.links === b.links;
}

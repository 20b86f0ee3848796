// What has just happened, and to which task: for the list of news, for the glow of changed cards, and for "what happened
// since you left". Bounded; a storm costs no more than its last changes.
import type { Change, Changed, Employee, ListedTask, System, Taskfeed } from '../../../client/index.ts';

interface Told<Topic extends string, Row> {
  topic: Topic;
  kind: Changed<Row>['kind'];
  row: Row;
  before: Row | undefined;
  change: Change;
  /** By the server's clock, ms, when it arrived here. */
  arrivedAt: number;
}
export type NewsItem = Told<'task', ListedTask> | Told<'system', System> | Told<'employee', Employee>;

export interface Glow {
  /** Differs from one change to the next, so that a new one starts the glow again. */
  turn: number;
  actor: Change;
  until: number;
}

export interface NewsView {
  items: readonly NewsItem[];
  glows: ReadonlyMap<number, Glow>;
  /** While the page was hidden, newest first; undefined when there was nothing or it was put away. */
  missed: { since: number; items: readonly NewsItem[]; count: number } | undefined;
}

export interface NewsOptions {
  feed: Pick<Taskfeed, 'tasks' | 'systems' | 'employees' | 'serverNow'>;
  /** Whose changes do not glow: those of the person at this page. */
  isOwn: (change: Change) => boolean;
  glowMs?: number;
  keep?: number;
  /** A shorter absence is none, ms. */
  leastAwayMs?: number;
  /** What is loaded anew so soon after a return was missed, ms. */
  reloadMs?: number;
}

/** As many as the server tells one by one: what one statement did is counted right. */
export const mostNews = 5_000;

/** Of one batch: more than a screen shows, however large it is. */
const mostGlows = 600;

export class News {
  readonly #options: Required<NewsOptions>;
  readonly #listeners = new Set<() => void>();
  #view: NewsView = { items: [], glows: new Map(), missed: undefined };
  #turn = 0;
  #rows: ReadonlyMap<number, ListedTask>;
  #leftAt: number | undefined;
  #backAt: number | undefined;

  constructor(options: NewsOptions) {
    this.#options = { glowMs: 6_000, keep: mostNews, leastAwayMs: 20_000, reloadMs: 60_000, ...options };
    const { tasks, systems, employees } = options.feed;
    this.#rows = tasks.rows;
    tasks.subscribe(({ kind, changes }) => {
      if (kind === 'snapshot') this.#takeSnapshot(tasks.rows);
      this.#rows = tasks.rows;
      this.#take(changes.map((changed) => this.#told('task', changed)));
    });
    systems.subscribe(({ changes }) => this.#take(changes.map((changed) => this.#told('system', changed))));
    employees.subscribe(({ changes }) => this.#take(changes.map((changed) => this.#told('employee', changed))));
  }

  readonly get = (): NewsView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The person looks away. */
  leave(): void {
    this.#leftAt ??= this.#options.feed.serverNow();
    this.#backAt = undefined;
  }

  /** The person looks again. What was committed meanwhile still counts as missed, also if it arrives only now. */
  comeBack(): void {
    if (this.#leftAt === undefined) return;
    this.#backAt = this.#options.feed.serverNow();
    if (this.#backAt - this.#leftAt < this.#options.leastAwayMs) this.putAway();
  }

  /** "I have seen what happened." */
  putAway(): void {
    this.#leftAt = undefined;
    this.#backAt = undefined;
    this.#set({ ...this.#view, missed: undefined });
  }

  /** Lets old glows go; call it now and then. */
  tick(): void {
    const now = this.#options.feed.serverNow();
    const alive = [...this.#view.glows].filter(([, { until }]) => until > now);
    if (alive.length < this.#view.glows.size) this.#set({ ...this.#view, glows: new Map(alive) });
  }

  #told<Topic extends string, Row>(topic: Topic, { kind, row, before, change }: Changed<Row>): Told<Topic, Row> {
    return { topic, kind, row, before, change, arrivedAt: this.#options.feed.serverNow() };
  }

  #take(arrived: NewsItem[]): void {
    // A rename's echo on each task is told once, by the row that was renamed.
    const news = arrived.filter(({ change, kind }) => kind !== 'updated' || change.count > 0);
    if (news.length === 0) return;
    const { keep, isOwn, glowMs } = this.#options;
    const glows = new Map(this.#view.glows);
    for (const { topic, row, change, arrivedAt, kind } of news.slice(-mostGlows)) {
      if (topic !== 'task' || kind === 'deleted' || isOwn(change)) continue;
      this.#turn += 1;
      glows.set(row.id, { turn: this.#turn, actor: change, until: arrivedAt + glowMs });
    }
    const newest = [...news].reverse();
    const items = [...newest, ...this.#view.items].slice(0, keep);
    this.#set({ items, glows, missed: this.#missed(newest) });
  }

  // What is loaded as a whole says what is different now, not who did it; to somebody who was away that is news enough.
  #takeSnapshot(rows: ReadonlyMap<number, ListedTask>): void {
    const now = this.#options.feed.serverNow();
    const { missed } = this.#view;
    if (this.#leftAt === undefined || now > (this.#backAt ?? now) + this.#options.reloadMs) return;
    const count = differencesBetween(this.#rows, rows);
    if (count === 0) return;
    const all = { since: this.#leftAt, items: missed?.items ?? [], count: count + (missed?.count ?? 0) };
    this.#set({ ...this.#view, missed: all });
  }

  #missed(newest: NewsItem[]): NewsView['missed'] {
    const { missed } = this.#view;
    if (this.#leftAt === undefined) return missed;
    const until = this.#backAt ?? Number.POSITIVE_INFINITY;
    const others = newest.filter(({ change }) => !this.#options.isOwn(change) && Date.parse(change.at) <= until);
    if (others.length === 0) return missed;
    return {
      since: this.#leftAt,
      items: [...others, ...(missed?.items ?? [])].slice(0, this.#options.keep),
      count: others.length + (missed?.count ?? 0),
    };
  }

  #set(view: NewsView): void {
    this.#view = view;
    for (const listener of [...this.#listeners]) listener();
  }
}

function differencesBetween(before: ReadonlyMap<number, ListedTask>, after: ReadonlyMap<number, ListedTask>): number {
  let count = 0;
  for (const [id, { version }] of after) if (before.get(id)?.version !== version) count += 1;
  for (const id of before.keys()) if (!after.has(id)) count += 1;
  return count;
}

// The rows of one topic. Every row keeps the as_of of what is known of it, a deleted one too until the place has passed
// it, and an event counts only if its as_of is not older. So events may come late, twice or out of order and the rows
// still end equal to the table. `version` would not do: renames, deletes and re-created ids do not follow it.
import { type AsOf, compareAsOf } from '../protocol/cursor.ts';
import type { Kind } from '../protocol/feed.ts';
import { Listeners, rethrow } from './listeners.ts';
import { Overlays, type Patch } from './overlays.ts';
import { RowMap } from './row-map.ts';
import { isSameRow } from './same.ts';
import type { LoadedPage } from './snapshot.ts';
import type { Changed, Notice, Store } from './store.ts';

export interface ToldChange<Row, Told> {
  kind: Kind;
  row: Row;
  change: Told;
}

/** What counts as news, and how long what is gone is remembered. */
export interface StoreRule {
  isNews(told: { asOf: AsOf; row: object }, known: { asOf: AsOf | undefined; row: object | undefined }): boolean;
  mayForget(asOf: AsOf, upTo: AsOf): boolean;
}

export const storeRule: StoreRule = {
  isNews: (told, known) => known.asOf === undefined || compareAsOf(told.asOf, known.asOf) >= 0,
  mayForget: (asOf, upTo) => compareAsOf(asOf, upTo) <= 0,
};

type Page<Row> = Omit<LoadedPage, 'rows'> & { rows: readonly Row[] };

export class RowStore<Row extends { id: number }, Told> implements Store<Row, Told> {
  readonly #listeners: Listeners<[Notice<Row, Told>]>;
  readonly #rowListeners = new Map<number, Listeners>();
  readonly #onError: (error: unknown) => void;
  readonly #rule: StoreRule;
  readonly #overlays = new Overlays<Row>();
  /** As the database has them. */
  #rows = RowMap.empty<Row>();
  /** With what is hoped for on top. */
  #shown = RowMap.empty<Row>();
  #asOf = new Map<number, AsOf>();
  #graves = new Set<number>();
  #pages: readonly Page<Row>[] = [];
  #changed = new Map<number, Changed<Row, Told>>();
  #kind: Notice<Row, Told>['kind'] | undefined;

  constructor(onError: (error: unknown) => void = rethrow, rule: StoreRule = storeRule) {
    this.#onError = onError;
    this.#rule = rule;
    this.#listeners = new Listeners(onError);
  }

  get rows(): ReadonlyMap<number, Row> {
    return this.#shown;
  }

  get(id: number): Row | undefined {
    return this.#shown.get(id);
  }

  /** The row as the database has it, without what is hoped for. */
  known(id: number): Row | undefined {
    return this.#rows.get(id);
  }

  subscribe(listener: (notice: Notice<Row, Told>) => void): () => void {
    return this.#listeners.add(listener);
  }

  subscribeRow(id: number, listener: () => void): () => void {
    const listeners = this.#rowListeners.get(id) ?? new Listeners(this.#onError);
    this.#rowListeners.set(id, listeners);
    const remove = listeners.add(listener);
    return () => {
      remove();
      if (listeners.isEmpty && this.#rowListeners.get(id) === listeners) this.#rowListeners.delete(id);
    };
  }

  /** Swaps everything for a snapshot. Rows that are the same keep their identity. */
  swap(pages: readonly Page<Row>[]): void {
    const edits = new Map<number, Row | undefined>();
    for (const id of this.#rows.keys()) edits.set(id, undefined);
    this.#asOf = new Map();
    this.#graves = new Set();
    this.#pages = pages;
    this.#changed = new Map();
    for (const { rows, asOf } of pages) {
      for (const row of rows) {
        const known = this.#rows.get(row.id);
        edits.set(row.id, known && isSameRow(known, row) ? known : row);
        this.#asOf.set(row.id, asOf);
      }
    }
    this.#rows = this.#rows.with(edits);
    this.#kind = 'snapshot';
  }

  /** Takes in what is news in a batch; `isWanted` says whether a row that is not here yet belongs here. */
  apply(told: readonly ToldChange<Row, Told>[], asOf: AsOf, isWanted: (row: Row) => boolean = () => true): void {
    const edits = new Map<number, Row | undefined>();
    for (const { kind, row, change } of told) {
      const { id } = row;
      const before = edits.has(id) ? edits.get(id) : this.#rows.get(id);
      const known = { asOf: this.#asOf.get(id) ?? this.#absentAsOf(id), row: before };
      if (!this.#rule.isNews({ asOf, row }, known)) continue;
      const isGone = kind === 'deleted' || (!before && !isWanted(row));
      this.#asOf.set(id, asOf);
      if (isGone) this.#graves.add(id);
      else this.#graves.delete(id);
      if (isGone && !before) continue;
      edits.set(id, isGone ? undefined : before && isSameRow(before, row) ? before : row);
      this.#note({ kind, row, before, change });
    }
    this.#rows = this.#rows.with(edits);
    this.#kind ??= 'batch';
  }

  /** Forgets deleted rows up to here: nothing older will be told any more. */
  bury(upTo: AsOf): void {
    for (const id of this.#graves) {
      const asOf = this.#asOf.get(id);
      if (asOf && !this.#rule.mayForget(asOf, upTo)) continue;
      this.#asOf.delete(id);
      this.#graves.delete(id);
    }
    if (this.#pages.every(({ asOf }) => this.#rule.mayForget(asOf, upTo))) this.#pages = [];
  }

  /** Makes what was taken in visible; the returned function tells the listeners. */
  turn(): () => void {
    const kind = this.#kind;
    if (!kind) return () => undefined;
    // A snapshot tells no changes: what came with it is part of it.
    const changes = kind === 'batch' ? [...this.#changed.values()] : [];
    this.#kind = undefined;
    this.#changed = new Map();
    const before = this.#shown;
    this.#shown = this.#overlays.over(this.#rows);
    const isNews = kind === 'snapshot' || changes.length > 0 || before !== this.#shown;
    return () => {
      if (isNews) this.#tell({ kind, changes }, before);
    };
  }

  /** Shows `patch` on top of the row (null: hides it) until the returned overlay is settled or removed. */
  overlay(id: number, patch: Patch<Row>): ReturnType<Overlays<Row>['add']> {
    this.#kind ??= 'overlay';
    return this.#overlays.add(id, patch, () => {
      this.#kind ??= 'overlay';
    });
  }

  // What happened to a row within one notice is one change: from what was there before the first to after the last.
  #note(changed: Changed<Row, Told>): void {
    const earlier = this.#changed.get(changed.row.id);
    this.#changed.delete(changed.row.id);
    this.#changed.set(changed.row.id, earlier ? { ...changed, before: earlier.before } : changed);
  }

  // That a row is not in a page of the snapshot is a fact with an as_of too: it was deleted, or not yet made.
  #absentAsOf(id: number): AsOf | undefined {
    return this.#pages.find(({ lastId }) => id <= lastId)?.asOf;
  }

  #tell(notice: Notice<Row, Told>, before: RowMap<Row>): void {
    const after = this.#shown;
    this.#listeners.tell(notice);
    for (const [id, listeners] of [...this.#rowListeners]) {
      if (before.get(id) !== after.get(id)) listeners.tell();
    }
  }
}

// What readers get to see of a topic: rows by id, and a notice for every step from one whole truth to the next.
import type { Change, Kind } from '../protocol/feed.ts';

/** One change of a row, as a batch has told it. */
export interface Changed<Row, Told = Change> {
  kind: Kind;
  /** As it is now; deleted: as it was last known. */
  row: Row;
  /** As it was in the store, if it was there. */
  before: Row | undefined;
  /** Who changed what and when; `count` and `before` in it may cover changes that the store had already. */
  change: Told;
}

/**
 * `snapshot`: everything was loaded anew, `changes` is empty. `batch`: committed changes, at most one for each row.
 * `overlay`: an optimistic change has come or gone, `changes` is empty.
 */
export interface Notice<Row, Told = Change> {
  kind: 'snapshot' | 'batch' | 'overlay';
  changes: readonly Changed<Row, Told>[];
}

export interface Store<Row, Told = Change> {
  /** In the order of ids. A new map with every notice and never changed, so it may be kept and compared. */
  readonly rows: ReadonlyMap<number, Row>;
  get(id: number): Row | undefined;
  /** Calls back after every notice, when the stores of all topics have changed. */
  subscribe(listener: (notice: Notice<Row, Told>) => void): () => void;
  /** Calls back only when the row with this id is another one, has come or has gone. */
  subscribeRow(id: number, listener: () => void): () => void;
}

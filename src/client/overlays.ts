// What somebody hopes for, shown on top of a row until the database has it: never longer, and never less, or the screen
// would flicker back. Several on one row lie on top of each other in the order they came.
import type { RowMap } from './row-map.ts';

/** Fields as they will be; null hides the row, as deleting it will. */
export type Patch<Row> = Partial<Row> | null;

/** Whether the row (undefined: there is none) contains the change that was hoped for. */
export type IsContained<Row> = (row: Row | undefined) => boolean;

interface Layer<Row> {
  patch: Patch<Row>;
  /** Undefined until the request is answered. */
  isContained: IsContained<Row> | undefined;
}

export interface Overlay<Row> {
  /** The request was answered: the overlay ends with the row that contains the change. */
  settle(isContained: IsContained<Row>): void;
  /** The request has failed. */
  remove(): void;
}

export class Overlays<Row> {
  #layers = new Map<number, readonly Layer<Row>[]>();
  #patched = new Map<number, Patched<Row>>();
  #base: RowMap<Row> | undefined;
  #shown: RowMap<Row> | undefined;
  #isStale = false;

  add(id: number, patch: Patch<Row>, onChange: () => void): Overlay<Row> {
    const layer: Layer<Row> = { patch, isContained: undefined };
    this.#layers.set(id, [...(this.#layers.get(id) ?? []), layer]);
    this.#isStale = true;
    const changed = () => {
      this.#isStale = true;
      onChange();
    };
    return {
      settle: (isContained) => {
        layer.isContained = isContained;
        changed();
      },
      remove: () => {
        this.#keep(id, (other) => other !== layer);
        changed();
      },
    };
  }

  /** The rows with everything that is still hoped for; the very same map if that is nothing. */
  over(base: RowMap<Row>): RowMap<Row> {
    if (this.#shown && base === this.#base && !this.#isStale) return this.#shown;
    const patched: [number, Row | undefined][] = [];
    for (const id of new Set([...this.#layers.keys(), ...this.#patched.keys()])) {
      const row = base.get(id);
      this.#keep(id, ({ isContained }) => row !== undefined && !isContained?.(row));
      patched.push([id, this.#patch(id, row)]);
    }
    this.#shown = (base === this.#base && this.#shown ? this.#shown : base).with(patched);
    this.#base = base;
    this.#isStale = false;
    return this.#shown;
  }

  // A row that lies under the same layers as before keeps its identity.
  #patch(id: number, row: Row | undefined): Row | undefined {
    const layers = this.#layers.get(id);
    const known = this.#patched.get(id);
    if (known && known.row === row && known.layers === layers) return known.patched;
    if (!layers) {
      this.#patched.delete(id);
      return row;
    }
    const patched = patchedRow(row, layers);
    this.#patched.set(id, { row, layers, patched });
    return patched;
  }

  #keep(id: number, isKept: (layer: Layer<Row>) => boolean): void {
    const layers = this.#layers.get(id) ?? [];
    const kept = layers.filter(isKept);
    if (kept.length === 0) this.#layers.delete(id);
    else if (kept.length < layers.length) this.#layers.set(id, kept);
  }
}

interface Patched<Row> {
  row: Row | undefined;
  layers: readonly Layer<Row>[];
  patched: Row | undefined;
}

function patchedRow<Row>(row: Row | undefined, layers: readonly Layer<Row>[]): Row | undefined {
  let patched = row;
  for (const { patch } of layers) patched = patch === null || !patched ? undefined : { ...patched, ...patch };
  return patched;
}

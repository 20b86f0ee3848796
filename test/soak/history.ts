// The ledger put in order: for every row the list of its committed changes. The n-th of them has the ordinal n, counted
// over all lives of the id, a delete being a change like any other.
//
// The order is certain although writers learn of their commits in any order. Within a life the versions give it: 1 for
// the insert, one more for every update, and the delete comes last. Lives follow each other in the order in which their
// INSERT statements returned: the next INSERT of an id can return only after the delete of the life before it has
// committed, for which that life's own INSERT had returned to its writer and been noted. (A number that the statement
// itself takes from a sequence would not do: it is taken before the INSERT waits for the delete.)
//
// Two changes of one row never commit out of this order, since each holds the row's lock, or its key, until the end of
// its transaction. So what a snapshot shows of a row is always a beginning of its list, and the number of changes in it
// says all: that is what `positionsAt` gives.
import type { Committed, Identity, Ledger, Topic } from './ledger.ts';
import { type Place, placeOf, sees } from './place.ts';

export class History {
  readonly name: string;
  readonly changes: readonly Committed[];
  readonly #begins = new Map<string, number>();

  constructor(name: string, committed: Committed[]) {
    this.name = name;
    const lives = grouped(committed, ({ life }) => life);
    const inOrder = [...lives.values()].map(inOrderOfLife).sort(([a], [b]) => (a?.order ?? 0) - (b?.order ?? 0));
    this.changes = inOrder.flat();
    for (const [index, life] of inOrder.entries()) this.#checkLife(life, index === inOrder.length - 1);
    for (const [index, { kind, life }] of this.changes.entries()) {
      if (kind === 'insert') this.#begins.set(life, index);
    }
  }

  /** The change after which the row was so, or had just ceased to be so. */
  ordinalOf({ life, version }: Identity, isGone: boolean): number | undefined {
    const begin = this.#begins.get(life);
    if (begin === undefined) return undefined;
    const ordinal = begin + version + (isGone ? 1 : 0);
    const change = this.changes[ordinal - 1];
    const isIt = change?.life === life && change.version === version && (change.kind === 'delete') === isGone;
    return isIt ? ordinal : undefined;
  }

  /** The row after so many changes; undefined if there was none. */
  at(ordinal: number): Committed | undefined {
    const change = this.changes[ordinal - 1];
    return change?.kind === 'delete' ? undefined : change;
  }

  /** How many of the changes a reader at `place` has seen. */
  countAt(place: Place): number {
    let [seen, unseen] = [0, this.changes.length + 1];
    while (unseen - seen > 1) {
      const middle = (seen + unseen) >> 1;
      if (sees(place, this.changes[middle - 1]?.xid ?? 0)) seen = middle;
      else unseen = middle;
    }
    return seen;
  }

  #checkLife(life: Committed[], isLast: boolean): void {
    const isDeleted = life.at(-1)?.kind === 'delete';
    const kinds = life.map(({ kind, version }, index) => {
      if (isDeleted && index === life.length - 1) return version === index;
      return version === index + 1 && kind === (index === 0 ? 'insert' : 'update');
    });
    if (kinds.includes(false) || !(isDeleted || isLast)) {
      const told = life.map(({ kind, version }) => `${kind} ${version}`).join(', ');
      throw new Error(`The writers contradict each other about ${this.name}: ${told}`);
    }
  }
}

function inOrderOfLife(life: Committed[]): Committed[] {
  const rank = ({ kind, version }: Committed) => version + (kind === 'delete' ? 0.5 : 0);
  return life.toSorted((a, b) => rank(a) - rank(b));
}

/** All rows that were ever written. A position is the number of changes of a row that a reader knows. */
export class Histories {
  readonly all: readonly History[];
  readonly #indexes = new Map<string, number>();
  readonly #positions = new Map<string, Int32Array>();

  constructor({ committed }: Ledger) {
    const byName = grouped(committed, ({ topic, id }) => nameOf(topic, id));
    this.all = [...byName].map(([name, changes]) => new History(name, changes));
    for (const [index, { name }] of this.all.entries()) this.#indexes.set(name, index);
  }

  indexOf(topic: Topic, id: number): number | undefined {
    return this.#indexes.get(nameOf(topic, id));
  }

  /** Of every row, in the order of `all`, how many of its changes are visible at the cursor. */
  positionsAt(cursor: string): Int32Array {
    const known = this.#positions.get(cursor);
    if (known) return known;
    const place = placeOf(cursor);
    const positions = Int32Array.from(this.all, (history) => history.countAt(place));
    this.#positions.set(cursor, positions);
    return positions;
  }
}

export function nameOf(topic: Topic, id: number): string {
  return `${topic} ${id}`;
}

function grouped<T>(things: T[], keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = keyOf(thing);
    const group = groups.get(key);
    if (group) group.push(thing);
    else groups.set(key, [thing]);
  }
  return groups;
}

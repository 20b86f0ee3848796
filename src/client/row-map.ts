// Rows by id, immutable. A change copies the chunks it touches and the list of chunks, not the rows: with 10,000 rows
// that is about 160 references and 64 per touched chunk, so a reader may keep any map it was given and compare identities.
const chunkBits = 6;
const chunkSize = 2 ** chunkBits;
// An administrator may write an id below 1.
const indexBits = chunkSize - 1;

type Chunk<Row> = readonly (Row | undefined)[];

/** A `ReadonlyMap` in the order of ids. */
export class RowMap<Row> implements ReadonlyMap<number, Row> {
  static readonly #none = new RowMap<never>(new Map(), [], 0);

  static empty<Row>(): RowMap<Row> {
    return RowMap.#none;
  }

  readonly #chunks: ReadonlyMap<number, Chunk<Row>>;
  /** Keys of the chunks, rising. */
  readonly #keys: readonly number[];
  readonly size: number;
  #list: Row[] | undefined;

  private constructor(chunks: ReadonlyMap<number, Chunk<Row>>, keys: readonly number[], size: number) {
    this.#chunks = chunks;
    this.#keys = keys;
    this.size = size;
  }

  get(id: number): Row | undefined {
    return this.#chunks.get(id >> chunkBits)?.[id & indexBits];
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** A map with these rows set, or removed where undefined is given; itself if nothing differs. */
  with(edits: Iterable<readonly [number, Row | undefined]>): RowMap<Row> {
    const copies = new Map<number, (Row | undefined)[]>();
    let size = this.size;
    for (const [id, row] of edits) {
      const key = id >> chunkBits;
      const before = (copies.get(key) ?? this.#chunks.get(key))?.[id & indexBits];
      if (before === row) continue;
      let copy = copies.get(key);
      if (!copy) {
        copy = this.#chunks.get(key)?.slice() ?? new Array<Row | undefined>(chunkSize).fill(undefined);
        copies.set(key, copy);
      }
      copy[id & indexBits] = row;
      size += (row === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    }
    if (copies.size === 0) return this;
    const chunks = new Map(this.#chunks);
    for (const [key, copy] of copies) {
      if (copy.some((row) => row !== undefined)) chunks.set(key, copy);
      else chunks.delete(key);
    }
    return new RowMap(chunks, this.#keysOf(chunks, copies), size);
  }

  forEach(use: (row: Row, id: number, map: ReadonlyMap<number, Row>) => void): void {
    for (const [id, row] of this) use(row, id, this);
  }

  *entries(): MapIterator<[number, Row]> {
    for (const key of this.#keys) {
      const chunk = this.#chunks.get(key) ?? [];
      for (let index = 0; index < chunk.length; index += 1) {
        const row = chunk[index];
        if (row !== undefined) yield [key * chunkSize + index, row];
      }
    }
  }

  *keys(): MapIterator<number> {
    for (const [id] of this.entries()) yield id;
  }

  // Every selection over all rows goes this way, once for each notice; a generator takes ten times as long.
  values(): MapIterator<Row> {
    this.#list ??= this.#listed();
    return this.#list.values();
  }

  [Symbol.iterator](): MapIterator<[number, Row]> {
    return this.entries();
  }

  #listed(): Row[] {
    const list: Row[] = [];
    for (const key of this.#keys) {
      for (const row of this.#chunks.get(key) ?? []) if (row !== undefined) list.push(row);
    }
    return list;
  }

  #keysOf(chunks: ReadonlyMap<number, Chunk<Row>>, copies: ReadonlyMap<number, unknown>): readonly number[] {
    const isSame = chunks.size === this.#keys.length && [...copies.keys()].every((key) => this.#chunks.has(key));
    return isSame ? this.#keys : [...chunks.keys()].sort((a, b) => a - b);
  }
}

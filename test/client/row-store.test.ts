// The rows of one topic: whatever is late, doubled or out of order, they end equal to the table.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RowStore, type StoreRule, storeRule } from '../../src/client/row-store.ts';
import type { Change, Kind } from '../../src/protocol/feed.ts';
import type { Task } from '../../src/protocol/task.ts';
import { changeWith, taskWith } from './factories.ts';

type TaskStore = RowStore<Task, Change>;

interface Told {
  kind: Kind;
  row: Task;
}

function storeAt(moment: number, rows: Task[], rule?: StoreRule): TaskStore {
  const store = new RowStore<Task, Change>(undefined, rule);
  store.swap([{ rows, asOf: [moment, 0], lastId: Number.POSITIVE_INFINITY }]);
  store.turn();
  return store;
}

function tell(store: TaskStore, moment: number, ...told: Told[]): void {
  const change = changeWith();
  store.apply(
    told.map((one) => ({ ...one, change })),
    [moment, 0],
  );
  store.turn();
}

const titles = (store: TaskStore) => Object.fromEntries([...store.rows].map(([id, { title }]) => [id, title]));

describe('an event', () => {
  it('that is older than the row is not applied, whatever its version says', () => {
    const store = storeAt(10, [taskWith({ id: 1 })]);
    tell(store, 12, { kind: 'updated', row: taskWith({ id: 1, title: 'Newest', version: 1 }) });
    tell(store, 11, { kind: 'updated', row: taskWith({ id: 1, title: 'Older', version: 7 }) });
    expect(titles(store)).toEqual({ 1: 'Newest' });
  });

  it('that is as old as the row is applied: the last word of one drain', () => {
    const store = storeAt(10, [taskWith({ id: 1 })]);
    tell(store, 12, { kind: 'deleted', row: taskWith({ id: 1 }) });
    tell(store, 12, { kind: 'created', row: taskWith({ id: 1, title: 'Under an old number' }) });
    expect(titles(store)).toEqual({ 1: 'Under an old number' });
  });

  it('cannot bring a deleted row back until the place has passed the deletion', () => {
    const store = storeAt(10, [taskWith({ id: 1 })]);
    tell(store, 12, { kind: 'deleted', row: taskWith({ id: 1 }) });
    store.bury([11, 0]);
    tell(store, 11, { kind: 'updated', row: taskWith({ id: 1 }) });
    expect(titles(store)).toEqual({});
    store.bury([12, 0]);
    tell(store, 13, { kind: 'created', row: taskWith({ id: 1, title: 'Restored' }) });
    expect(titles(store)).toEqual({ 1: 'Restored' });
  });

  it('of a row that a later page of the snapshot no longer had is not applied', () => {
    const store = new RowStore<Task, Change>();
    store.swap([
      { rows: [taskWith({ id: 1 }), taskWith({ id: 2 })], asOf: [10, 0], lastId: 2 },
      { rows: [taskWith({ id: 4 })], asOf: [20, 0], lastId: Number.POSITIVE_INFINITY },
    ]);
    // Row 3 lived between the two pages; row 2 was made known by the first.
    tell(
      store,
      15,
      { kind: 'updated', row: taskWith({ id: 2, title: 'Two' }) },
      { kind: 'created', row: taskWith({ id: 3 }) },
    );
    expect(titles(store)).toEqual({ 1: 'Task 1', 2: 'Two', 4: 'Task 4' });
  });
});

describe('rows', () => {
  it('are there under any id that a table holds, in the order of ids', () => {
    const ids = [-2_147_483_648, -65, -64, -1, 0, 1, 63, 64, 2_147_483_647];
    const store = storeAt(
      10,
      ids.map((id) => taskWith({ id })),
    );
    expect([...store.rows.keys()]).toEqual(ids);
    tell(
      store,
      11,
      { kind: 'deleted', row: taskWith({ id: -1 }) },
      { kind: 'updated', row: taskWith({ id: 0, title: 'New' }) },
    );
    expect([store.get(-1), store.get(0)?.title, store.rows.size]).toEqual([undefined, 'New', 8]);
  });

  it('that are the same keep their identity through events and snapshots', () => {
    const store = storeAt(10, [taskWith({ id: 1 }), taskWith({ id: 2, image_ids: [3] })]);
    const before = store.rows;
    tell(store, 11, { kind: 'updated', row: taskWith({ id: 1, title: 'New' }) });
    expect(store.rows).not.toBe(before);
    expect(store.rows.get(2)).toBe(before.get(2));
    expect(before.get(1)?.title).toBe('Task 1');
    store.swap([{ rows: [taskWith({ id: 2, image_ids: [3] })], asOf: [20, 0], lastId: Number.POSITIVE_INFINITY }]);
    store.turn();
    expect(store.get(2)).toBe(before.get(2));
    expect([...store.rows.keys()]).toEqual([2]);
  });
});

// One history of a small table: at every moment one row is written or deleted.
const write = fc.record({ id: fc.integer({ min: 1, max: 4 }), isDelete: fc.boolean() });

function play(steps: { id: number; isDelete: boolean }[]): { tables: Map<number, Task>[]; told: Told[] } {
  const tables = [new Map<number, Task>()];
  const told: Told[] = [];
  steps.forEach(({ id, isDelete }, index) => {
    const before = tables[index] ?? new Map<number, Task>();
    const after = new Map(before);
    const row = taskWith({ id, title: `at ${index + 1}` });
    if (isDelete) after.delete(id);
    else after.set(id, row);
    tables.push(after);
    told.push({ kind: isDelete ? 'deleted' : before.has(id) ? 'updated' : 'created', row });
  });
  return { tables, told };
}

const histories = fc
  .array(write, { minLength: 1, maxLength: 25 })
  .chain((steps) =>
    fc.tuple(
      fc.constant(steps),
      fc.nat({ max: steps.length }),
      fc.shuffledSubarray([...steps.keys(), ...steps.keys()], { minLength: steps.length * 2 }),
    ),
  );

const endsEqual = (rule?: StoreRule) =>
  fc.property(histories, ([steps, start, order]) => {
    const { tables, told } = play(steps);
    const store = storeAt(start, [...(tables[start] ?? new Map<number, Task>()).values()], rule);
    for (const index of order) {
      const one = told[index];
      if (one) tell(store, index + 1, one);
      store.bury([0, 0]);
    }
    const table = [...(tables[steps.length] ?? new Map<number, Task>()).values()];
    expect(titles(store)).toEqual(Object.fromEntries(table.map(({ id, title }) => [id, title])));
  });

describe('any history', () => {
  it('ends equal to the table, with batches doubled and in any order before the place moves', () => {
    fc.assert(endsEqual());
  });

  it.each<[string, StoreRule]>([
    ['takes whatever comes last', { ...storeRule, isNews: () => true }],
    [
      'goes by the version of rows',
      { ...storeRule, isNews: ({ row }, known) => versionOf(row) >= versionOf(known.row) },
    ],
    ['remembers no deleted rows', { ...storeRule, mayForget: () => true }],
  ])('is lost by a store that %s', (_what, rule) => {
    expect(fc.check(endsEqual(rule), { numRuns: 1_000, endOnFailure: true }).failed).toBe(true);
  });
});

const versionOf = (row: object | undefined) => (row as { version?: number } | undefined)?.version ?? 0;

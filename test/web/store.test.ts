// The page's copy of the tasks: whatever is late, doubled, out of order or missing, it ends equal to the table.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BatchEvent, FeedBatch } from '../../src/protocol/feed.ts';
import type { Task } from '../../src/protocol/task.ts';
import { TaskStore } from '../../src/web/manager/store.ts';
import { batchOf, created, cursorAt, deleted, taskWith, updated } from './factories.ts';

function storeAt(moment: number, tasks: Task[]): TaskStore {
  const store = new TaskStore();
  store.load([{ tasks, cursor: cursorAt(moment) }]);
  return store;
}

const titles = (store: TaskStore) => Object.fromEntries(store.tasks().map(({ id, title }) => [id, title]));

describe('an event', () => {
  it('is applied, with what was shown before', () => {
    const store = storeAt(10, [taskWith({ id: 1, title: 'Old' })]);
    const [changed] = store.apply(batchOf(10, 11, [updated(taskWith({ id: 1, title: 'New' }))]));
    expect(changed).toMatchObject({ kind: 'updated', task: { title: 'New' }, before: { title: 'Old' } });
    expect(titles(store)).toEqual({ 1: 'New' });
  });

  it('that is older than the row is not applied, whatever its version says', () => {
    const store = storeAt(10, [taskWith({ id: 1 })]);
    store.apply(batchOf(11, 12, [updated(taskWith({ id: 1, title: 'Newest', version: 1 }))]));
    expect(store.apply(batchOf(10, 11, [updated(taskWith({ id: 1, title: 'Older', version: 7 }))]))).toEqual([]);
    expect(titles(store)).toEqual({ 1: 'Newest' });
  });

  it('that is as old as the row is applied: the last word of one drain', () => {
    const store = storeAt(10, [taskWith({ id: 1 })]);
    const { to: _, ...part } = batchOf(10, 12, [deleted(taskWith({ id: 1 }))]);
    store.apply(part);
    store.apply(batchOf(10, 12, [created(taskWith({ id: 1, title: 'Under an old number' }))]));
    expect(titles(store)).toEqual({ 1: 'Under an old number' });
  });

  it('cannot bring a deleted row back until the cursor has passed the deletion', () => {
    const store = storeAt(10, [taskWith({ id: 1 })]);
    store.apply(batchOf(11, 12, [deleted(taskWith({ id: 1 }))]));
    expect(store.apply(batchOf(10, 11, [updated(taskWith({ id: 1 }))]))).toEqual([]);
    expect(store.tasks()).toEqual([]);
    store.advance(cursorAt(12));
    store.apply(batchOf(12, 13, [created(taskWith({ id: 1, title: 'Restored' }))]));
    expect(titles(store)).toEqual({ 1: 'Restored' });
  });

  it('of a row that a later page of the snapshot no longer had is not applied', () => {
    const store = new TaskStore();
    store.load([
      { tasks: [taskWith({ id: 1 }), taskWith({ id: 2 })], cursor: cursorAt(10) },
      { tasks: [taskWith({ id: 4 })], cursor: cursorAt(20) },
    ]);
    expect(store.cursor).toBe(cursorAt(10));
    // Row 3 lived between the two pages; row 2 was made known by the first.
    const batch = batchOf(10, 15, [updated(taskWith({ id: 2, title: 'Two' })), created(taskWith({ id: 3 }))]);
    expect(store.apply(batch).map(({ task }) => task.id)).toEqual([2]);
  });

  it('about something that is no task is left alone', () => {
    const store = storeAt(10, []);
    const system = { id: 1, name: 'Boiler' } as BatchEvent['system'];
    const { change } = updated(taskWith({ id: 1 }));
    expect(store.apply(batchOf(10, 11, [{ event: 'system:updated', system, change }]))).toEqual([]);
  });
});

describe('the cursor', () => {
  it('moves forward only, and never into another epoch', () => {
    const store = storeAt(10, []);
    store.advance(cursorAt(9));
    store.advance(cursorAt(20, 0, '1b7f3a52-5d1c-4a1e-9a55-2f6f0d9c1e11'));
    expect(store.cursor).toBe(cursorAt(10));
    store.advance(cursorAt(12, 2));
    store.advance(cursorAt(12, 1));
    store.advance(cursorAt(12, 2));
    expect(store.cursor).toBe(cursorAt(12, 1));
  });

  it('makes a batch up to it old news', () => {
    const store = storeAt(10, [taskWith({ id: 1 })]);
    store.advance(cursorAt(12));
    expect(store.apply(batchOf(11, 12, [updated(taskWith({ id: 1, title: 'Again' }))]))).toEqual([]);
  });

  it('shows a gap when a batch begins after it, and none when it begins before', () => {
    const store = storeAt(10, []);
    expect(store.isGap(batchOf(11, 12, []))).toBe(true);
    expect(store.isGap(batchOf(10, 12, []))).toBe(false);
    expect(store.isGap(batchOf(8, 12, []))).toBe(false);
    const foreign = { ...batchOf(9, 12, []), from: cursorAt(9, 0, '1b7f3a52-5d1c-4a1e-9a55-2f6f0d9c1e11') };
    expect(store.isGap(foreign)).toBe(true);
    expect(store.apply({ ...foreign, events: [created(taskWith({ id: 1 }))] })).toEqual([]);
  });
});

describe('a snapshot', () => {
  it('swaps everything in one step', () => {
    const store = storeAt(10, [taskWith({ id: 1 }), taskWith({ id: 2 })]);
    store.load([{ tasks: [taskWith({ id: 2, title: 'Kept' })], cursor: cursorAt(30) }]);
    expect(titles(store)).toEqual({ 2: 'Kept' });
    expect(store.cursor).toBe(cursorAt(30));
  });
});

// One history of a small table: at every moment one row is written or deleted.
const step = fc.record({ id: fc.integer({ min: 1, max: 4 }), isDelete: fc.boolean() });

function play(steps: { id: number; isDelete: boolean }[]): { tables: Map<number, Task>[]; batches: FeedBatch[] } {
  const tables = [new Map<number, Task>()];
  const batches: FeedBatch[] = [];
  steps.forEach(({ id, isDelete }, index) => {
    const before = tables[index] ?? new Map<number, Task>();
    const after = new Map(before);
    const task = taskWith({ id, title: `at ${index + 1}` });
    if (isDelete) after.delete(id);
    else after.set(id, task);
    tables.push(after);
    const event = isDelete ? deleted(task) : before.has(id) ? updated(task) : created(task);
    batches.push(batchOf(index + 1, index + 2, [event]));
  });
  return { tables, batches };
}

describe('any history', () => {
  it('ends equal to the table, with batches doubled and in any order before the cursor moves', () => {
    const histories = fc
      .array(step, { minLength: 1, maxLength: 25 })
      .chain((steps) =>
        fc.tuple(
          fc.constant(steps),
          fc.nat({ max: steps.length }),
          fc.shuffledSubarray([...steps.keys(), ...steps.keys()], { minLength: steps.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(histories, ([steps, start, order]) => {
        const { tables, batches } = play(steps);
        const store = storeAt(start + 1, [...(tables[start] ?? new Map()).values()]);
        for (const index of order) {
          const batch = batches[index];
          if (batch) store.apply(batch);
        }
        store.advance(cursorAt(steps.length + 1));
        const table = [...(tables[steps.length] ?? new Map()).values()] as Task[];
        expect(titles(store)).toEqual(Object.fromEntries(table.map(({ id, title }) => [id, title])));
      }),
    );
  });
});

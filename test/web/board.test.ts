// What the page makes of the store: groups, counts, what changed, and the words for it.
import { describe, expect, it } from '@jest/globals';
import { assemble } from '../../src/client/snapshot.ts';
import type { Changed } from '../../src/client/store.ts';
import { Stores } from '../../src/client/stores.ts';
import type { BatchEvent, Change } from '../../src/protocol/feed.ts';
import type { Task } from '../../src/protocol/task.ts';
import { Board, glowMs } from '../../src/web/manager/board.ts';
import { ago, lateness, moment } from '../../src/web/manager/times.ts';
import { noticeOf } from '../../src/web/manager/wording.ts';
import { batchOf, changeWith, cursorAt, deleted, taskWith, updated } from '../client/factories.ts';

// Local noon, so that hours before and after it are the same day everywhere.
const noon = new Date(2026, 10, 22, 12).getTime();
const hours = (count: number) => new Date(noon + count * 3_600_000).toISOString();

function boardOf(tasks: Task[]): { board: Board; tell: (event: BatchEvent) => void } {
  const topics = ['task'] as const;
  const onError = (error: unknown) => {
    throw error;
  };
  const stores = new Stores({ topics, scope: 'all', withLastChange: false, serverNow: () => noon, onError });
  const snapshot = assemble(new Map([['task', [{ rows: tasks, cursor: cursorAt(10), next: null }]]]));
  stores.show({ do: 'show', snapshot, batches: [], upTo: [10, 0] });
  const board = new Board(stores.of('task'));
  stores.of('task').subscribe(({ changes }) => board.note(changes, noon));
  const tell = (event: BatchEvent) =>
    stores.show({ do: 'show', snapshot: undefined, batches: [batchOf(10, 11, [event])], upTo: [11, 0] });
  return { board, tell };
}

const layout = (board: Board, now = noon) =>
  Object.fromEntries(board.view(now).groups.map(({ name, rows }) => [name, rows.map(({ task }) => task.id)]));

describe('the order', () => {
  it('is open before done, what is late first, then by due time, urgent before the rest', () => {
    const { board } = boardOf([
      taskWith({ id: 1, status: 'completed', completed_at: hours(-5) }),
      taskWith({ id: 2, status: 'completed', completed_at: hours(-1), due_at: hours(-30) }),
      taskWith({ id: 3 }),
      taskWith({ id: 4, priority: 'urgent' }),
      taskWith({ id: 5, due_at: hours(48) }),
      taskWith({ id: 6, due_at: hours(3) }),
      taskWith({ id: 7, due_at: hours(-1) }),
      taskWith({ id: 8, due_at: hours(-50), status: 'not_completed' }),
    ]);
    expect(layout(board)).toEqual({ overdue: [8, 7], today: [6], later: [5], undated: [4, 3], done: [2, 1] });
    expect(Object.keys(layout(board))).toEqual(['overdue', 'today', 'later', 'undated', 'done']);
    expect(board.view(noon).counts).toMatchObject({ overdue: 2, open: 6, done: 2 });
  });

  it('has a place for the times that only PostgreSQL knows', () => {
    const { board } = boardOf([
      taskWith({ id: 1, due_at: 'infinity' }),
      taskWith({ id: 2, due_at: '-infinity' }),
      taskWith({ id: 3, due_at: '20000-01-01T00:00:00+00:00' }),
      taskWith({ id: 4, due_at: '0044-03-15T00:00:00+00:00 BC' }),
    ]);
    expect(layout(board)).toEqual({ overdue: [2, 4], later: [1, 3] });
    expect(moment('infinity', noon)).toBe('infinity');
  });
});

describe('a changed row', () => {
  it('glows where it was, then takes its new place', () => {
    const before = taskWith({ id: 1, due_at: hours(-1) });
    const { board, tell } = boardOf([before, taskWith({ id: 2, due_at: hours(-2) })]);
    const done = taskWith({ id: 1, due_at: hours(-1), status: 'completed', completed_at: hours(0) });
    tell(updated(done));
    expect(layout(board)).toEqual({ overdue: [2, 1] });
    expect(board.view(noon).counts).toMatchObject({ overdue: 1, done: 1 });
    expect(board.nextMoveAt).toBe(noon + glowMs);

    expect(layout(board, noon + glowMs)).toEqual({ overdue: [2], done: [1] });
    expect(board.nextMoveAt).toBeUndefined();
    const [row] = board.view(noon + glowMs).groups[1]?.rows ?? [];
    expect(row).toMatchObject({ glow: 0, notice: { by: 'db:alice (psql)' } });
  });

  it('that is deleted goes at once and is told as the last change', () => {
    const { board, tell } = boardOf([taskWith({ id: 1, title: 'Gone' })]);
    tell(deleted(taskWith({ id: 1, title: 'Gone' })));
    expect(layout(board)).toEqual({});
    expect(board.view(noon).latest).toMatchObject({ task: { title: 'Gone' }, notice: { verb: 'Deleted' } });
  });
});

describe('a notice', () => {
  const told = (fields: Partial<Change>, task: Partial<Task>, before?: Partial<Task>) => {
    const changed: Changed<Task> = {
      kind: 'updated',
      row: taskWith({ id: 1, ...task }),
      before: before && taskWith({ id: 1, ...before }),
      change: changeWith(fields),
    };
    return noticeOf(changed, noon);
  };

  it('says what was before and what is now, in words', () => {
    const change = { changed: ['status', 'completed_at'], before: { status: 'sent', completed_at: null } };
    expect(told(change, { status: 'completed' })).toEqual({
      verb: 'Changed',
      parts: [{ field: 'Status', from: 'sent', to: 'completed' }],
      by: 'db:alice (psql)',
      at: '2026-11-22T12:00:00+00:00',
    });
  });

  it('names a system by the name it was shown with, not by its id', () => {
    const change = { changed: ['system_id'], before: { system_id: 4 } };
    const after = { system_id: 5, system_name: 'Boiler 3' };
    const parts = (before?: Partial<Task>) => told(change, after, before).parts;
    expect(parts({ system_id: 4, system_name: 'Boiler 2' })).toEqual([
      { field: 'System', from: 'Boiler 2', to: 'Boiler 3' },
    ]);
    expect(parts()).toEqual([{ field: 'System', from: '?', to: 'Boiler 3' }]);
  });

  it('tells a rename, and a due time that was set', () => {
    const rename = { changed: ['system_name'], before: { system_name: 'Boiler 2' }, count: 0 };
    expect(told(rename, { system_name: 'Boiler 3' }).parts).toEqual([
      { field: 'System', from: 'Boiler 2', to: 'Boiler 3' },
    ]);
    const due = { changed: ['due_at'], before: { due_at: null } };
    expect(told(due, { due_at: hours(2) }).parts).toEqual([{ field: 'Due', from: 'none', to: 'Today 14:00' }]);
  });

  it('names a person where there is one', () => {
    expect(told({ actor: 'link:17', actor_name: 'Dana Levi' }, {}).by).toBe('Dana Levi');
  });
});

describe('times', () => {
  it('are told as a person would', () => {
    expect(ago(hours(0), noon + 20_000)).toBe('just now');
    expect(ago(hours(0), noon - 20_000)).toBe('just now');
    expect(ago(hours(-0.25), noon)).toBe('15 min ago');
    expect(ago(hours(-3), noon)).toBe('3 h ago');
    expect(moment(hours(-24), noon)).toBe('Yesterday 12:00');
    expect(moment(hours(24), noon)).toBe('Tomorrow 12:00');
    expect(lateness(noon - 26 * 3_600_000, noon)).toBe('1 day late');
    expect(lateness(noon - 1_000, noon)).toBe('1 min late');
  });
});

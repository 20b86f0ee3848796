// Tasks, cursors and batches as the page gets them, for tests without a server.
import type { AsOf, Cursor } from '../../src/protocol/cursor.ts';
import type { BatchEvent, Change, FeedBatch } from '../../src/protocol/feed.ts';
import type { Task } from '../../src/protocol/task.ts';

const epoch = '0b7f3a52-5d1c-4a1e-9a55-2f6f0d9c1e11';

/** A cursor after `moment` transactions, with `running` of them still open. */
export function cursorAt(moment: number, running = 0, ofEpoch = epoch): Cursor {
  const open = Array.from({ length: running }, (_, index) => moment - running + index);
  return `${ofEpoch}.${open[0] ?? moment}:${moment}:${open.join(',')}`;
}

export function taskWith(fields: Partial<Task> & { id: number }): Task {
  return {
    title: `Task ${fields.id}`,
    description: null,
    note: null,
    review_note: null,
    system_id: null,
    employee_id: null,
    priority: 'normal',
    status: 'sent',
    due_at: null,
    version: 1,
    sent_at: null,
    acknowledged_at: null,
    completed_at: null,
    created_at: '2026-11-01T08:00:00+00:00',
    updated_at: '2026-11-01T08:00:00+00:00',
    system_name: null,
    employee_name: null,
    image_ids: [],
    ...fields,
  };
}

export function changeWith(fields: Partial<Change> = {}): Change {
  return {
    seq: '1',
    changed: ['title'],
    before: { title: 'Before' },
    actor: 'db:alice (psql)',
    actor_name: null,
    at: '2026-11-22T12:00:00+00:00',
    count: 1,
    ...fields,
  };
}

export function updated(task: Task, change: Partial<Change> = {}): BatchEvent {
  return { event: 'task:updated', task, change: changeWith(change) };
}

export function created(task: Task): BatchEvent {
  return { event: 'task:created', task, change: changeWith({ changed: [], before: null }) };
}

export function deleted(task: Task): BatchEvent {
  return { event: 'task:deleted', task, change: changeWith({ changed: [], before: null }) };
}

/** What one drain yields: everything after `from` up to `to`. */
export function batchOf(from: number, to: number, events: BatchEvent[]): FeedBatch {
  const asOf: AsOf = [to, 0];
  return { from: cursorAt(from), to: cursorAt(to), as_of: asOf, term: 0, events };
}

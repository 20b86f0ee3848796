// The words of the page: statuses, and what a change was, in parts, so that the drawing can keep texts of users apart
// from ours whatever direction they are written in. Pure.
import type { Changed } from '../../client/store.ts';
import type { Change } from '../../protocol/feed.ts';
import type { Task, TaskStatus } from '../../protocol/task.ts';
import type { GroupName } from './order.ts';
import { moment } from './times.ts';

export const statusWords: Record<TaskStatus, string> = {
  draft: 'Draft',
  sent: 'Sent',
  received: 'Received',
  in_progress: 'In progress',
  pending_approval: 'Pending approval',
  completed: 'Completed',
  not_completed: 'Not completed',
};

export const groupWords: Record<GroupName, string> = {
  overdue: 'Overdue',
  today: 'Today',
  later: 'Later',
  undated: 'No due date',
  done: 'Done',
};

/** One thing that changed: "Status: sent → completed". Without `from` and `to` only that it changed. */
export interface Part {
  field: string;
  from?: string;
  to?: string;
}

export interface Notice {
  verb: 'Created' | 'Changed' | 'Deleted';
  parts: Part[];
  by: string;
  at: string;
}

const none = 'none';

export function noticeOf({ kind, row: task, before, change }: Changed<Task>, now: number): Notice {
  const verb = kind === 'created' ? 'Created' : kind === 'deleted' ? 'Deleted' : 'Changed';
  const parts = kind === 'updated' ? partsOf(task, before, change, now) : [];
  return { verb, parts, by: actorWords(change), at: change.at };
}

/** `db:alice (psql)` as it is; a name, where there is one, before what the journal calls its bearer. */
export function actorWords({ actor, actor_name }: Pick<Change, 'actor' | 'actor_name'>): string {
  if (actor_name !== null) return actor_name;
  return actor === 'local' ? 'somebody at the server' : actor;
}

type Tell = (was: Record<string, unknown>, task: Task, before: Task | undefined, now: number) => Part;

// A change of a reference names ids; the names belong to the rows before and after.
const reference =
  (field: string, id: 'system_id' | 'employee_id', name: 'system_name' | 'employee_name'): Tell =>
  (was, task, before) => {
    const from = name in was ? was[name] : before?.[id] === was[id] ? before?.[name] : undefined;
    return { field, from: from === undefined ? '?' : text(from), to: text(task[name]) };
  };

// In the order in which a person wants to know.
const tellers: Record<string, Tell> = {
  status: (was, task) => ({ field: 'Status', from: statusText(was['status']), to: statusText(task.status) }),
  employee_id: reference('Employee', 'employee_id', 'employee_name'),
  employee_name: reference('Employee', 'employee_id', 'employee_name'),
  due_at: (was, task, _before, now) => ({
    field: 'Due',
    from: moment(textOrNull(was['due_at']), now) || none,
    to: moment(task.due_at, now) || none,
  }),
  priority: (was, task) => ({ field: 'Priority', from: text(was['priority']), to: task.priority }),
  title: (was, task) => ({ field: 'Title', from: text(was['title']), to: task.title }),
  system_id: reference('System', 'system_id', 'system_name'),
  system_name: reference('System', 'system_id', 'system_name'),
  note: () => ({ field: 'Note' }),
  review_note: () => ({ field: 'Review note' }),
  description: () => ({ field: 'Description' }),
  image_ids: () => ({ field: 'Images' }),
};

function partsOf(task: Task, before: Task | undefined, change: Change, now: number): Part[] {
  const was = change.before ?? {};
  const parts = new Map<string, Part>();
  for (const [name, tell] of Object.entries(tellers)) {
    if (!change.changed.includes(name)) continue;
    const part = tell(was, task, before, now);
    if (!parts.has(part.field)) parts.set(part.field, part);
  }
  return [...parts.values()];
}

function statusText(value: unknown): string {
  const words = statusWords[value as TaskStatus] as string | undefined;
  return words?.toLowerCase() ?? text(value);
}

function text(value: unknown): string {
  return value === null || value === undefined ? none : String(value);
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

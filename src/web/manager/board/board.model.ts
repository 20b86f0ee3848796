// Tasks in columns by status. Pure.
import type { ListedTask } from '../../../client/index.ts';
import { statuses, type TaskStatus } from '../../../protocol/task.ts';
import { isLegal } from '../../../protocol/transitions.ts';
import { byCompletion, byWeight, sortBy } from '../task/order.ts';
import { dueOf } from '../times/days.ts';

/** As work goes from left to right; what has failed stands beside what waits for a decision. */
export const columns: readonly TaskStatus[] = [
  'draft',
  'sent',
  'received',
  'in_progress',
  'not_completed',
  'pending_approval',
  'completed',
];

export type Columns = Readonly<Record<TaskStatus, readonly ListedTask[]>>;

export function columnsOf(tasks: Iterable<ListedTask>): Columns {
  const found = Object.fromEntries(statuses.map((status) => [status, [] as ListedTask[]])) as Record<
    TaskStatus,
    ListedTask[]
  >;
  for (const task of tasks) found[task.status].push(task);
  for (const status of statuses) {
    found[status] =
      status === 'completed'
        ? found[status].sort(byCompletion)
        : sortBy(found[status], (task) => dueOf(task) ?? Number.MAX_SAFE_INTEGER, byWeight);
  }
  return found;
}

/** Whether a manager may put the task there; only the employee can say that it was received. */
export function mayMove(from: TaskStatus, to: TaskStatus): boolean {
  return isLegal('manager', from, to);
}

/** The next column in a direction that the task may go to, for the keyboard. */
export function nextColumn(from: TaskStatus, by: 1 | -1): TaskStatus | undefined {
  for (let at = columns.indexOf(from) + by; at >= 0 && at < columns.length; at += by) {
    const to = columns[at];
    if (to && mayMove(from, to)) return to;
  }
  return undefined;
}

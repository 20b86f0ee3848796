// The legal moves of a task's status, for every route that moves one. Direct SQL may do whatever the column allows.
import { statuses, type TaskStatus } from './task.ts';

/** What is being done: the free hand of a manager or of a link's holder, or one of the named steps. */
export type Step = 'manager' | 'link' | 'acknowledge' | 'approve' | 'send_back';

type Moves = Readonly<Record<TaskStatus, readonly TaskStatus[]>>;

const none: Moves = {
  draft: [],
  sent: [],
  received: [],
  in_progress: [],
  pending_approval: [],
  completed: [],
  not_completed: [],
};

// Only the employee can say that a task was received.
const planned = statuses.filter((status) => status !== 'received');

const moves: Readonly<Record<Step, Moves>> = {
  manager: {
    draft: planned,
    sent: planned,
    received: planned,
    in_progress: planned,
    pending_approval: planned,
    completed: planned,
    not_completed: planned,
  },
  link: {
    ...none,
    sent: ['in_progress', 'pending_approval', 'not_completed'],
    received: ['in_progress', 'pending_approval', 'not_completed'],
    in_progress: ['pending_approval', 'not_completed'],
    pending_approval: ['in_progress'],
    not_completed: ['in_progress'],
  },
  acknowledge: { ...none, sent: ['received'] },
  approve: { ...none, pending_approval: ['completed'] },
  send_back: {
    ...none,
    pending_approval: ['in_progress'],
    completed: ['in_progress'],
    not_completed: ['in_progress'],
  },
};

/** Whether `step` may leave a task that is `from` as `to`. Leaving it as it is is no move and always fine. */
export function isLegal(step: Step, from: TaskStatus, to: TaskStatus): boolean {
  return from === to || moves[step][from].includes(to);
}

/** The statuses that `step` may leave as `to`, for the WHERE of an UPDATE. */
export function sourcesOf(step: Step, to: TaskStatus): TaskStatus[] {
  return statuses.filter((from) => isLegal(step, from, to));
}

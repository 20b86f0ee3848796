// What follows from the page's state: the order of the tasks, which steps are possible, what is still to be said. Pure.
import type { Task, TaskStatus } from '../protocol/task.ts';
import { isLegal } from '../protocol/transitions.ts';
import type { PageState, ShownEntry } from './state.ts';

/** A task as it is shown: the server's row with what its employee has done since on top. */
export interface ShownTask {
  task: Task;
  /** With the steps that are still on their way. */
  status: TaskStatus;
  note: string | null;
  entries: ShownEntry[];
  /** The steps that may follow, in the order of their buttons. */
  steps: TaskStatus[];
}

const reported: readonly TaskStatus[] = ['pending_approval', 'completed', 'not_completed'];
const urgency = { urgent: 0, normal: 1, optional: 2 };
const stepOrder = ['in_progress', 'pending_approval', 'not_completed'] as const;

/** Open tasks first, the urgent ones at the top, then by due date. A step that is still on its way moves no card. */
export function shownTasks({ page, entries }: Pick<PageState, 'page' | 'entries'>): ShownTask[] {
  return [...page.tasks].sort(inOrder).map((task) => {
    const own = entries.filter(({ taskId }) => taskId === task.id);
    const status = latest(own, ({ step }) => step) ?? task.status;
    const note = latest(own, ({ text }) => text) ?? task.note;
    const steps = stepOrder.filter((step) => step !== status && isLegal('link', status, step));
    return { task, status, note, entries: own, steps };
  });
}

/** What the last entry says that is neither refused nor in the row already. */
function latest<T>(entries: ShownEntry[], pick: (entry: ShownEntry) => T | undefined): T | undefined {
  return entries
    .filter(({ isOnTop }) => isOnTop)
    .map(pick)
    .filter((value) => value !== undefined)
    .pop();
}

function inOrder(one: Task, other: Task): number {
  return (
    Number(isReported(one.status)) - Number(isReported(other.status)) ||
    urgency[one.priority] - urgency[other.priority] ||
    dueOf(one) - dueOf(other) ||
    one.id - other.id
  );
}

// Numbers that can be subtracted: neither infinity nor NaN.
function dueOf({ due_at }: Task): number {
  const ms = Date.parse(due_at ?? '');
  return Number.isNaN(ms) ? Number.MAX_SAFE_INTEGER : ms;
}

export function isReported(status: TaskStatus): boolean {
  return reported.includes(status);
}

export function openCount(tasks: ShownTask[]): number {
  return tasks.filter(({ status }) => !isReported(status)).length;
}

export type Receipt = 'owed' | 'owed again' | 'on its way' | 'given';

/** Whether "got it" is still to be said: never was, or there are tasks that came after it. */
export function receiptOf({ page, entries }: Pick<PageState, 'page' | 'entries'>): Receipt {
  const isOnItsWay = entries.some(
    ({ kind, phase }) => kind === 'acknowledge' && phase !== 'refused' && phase !== 'sent',
  );
  if (isOnItsWay) return 'on its way';
  if (page.link.acknowledged_at === null) return page.tasks.length > 0 ? 'owed' : 'given';
  return page.tasks.some(({ status }) => status === 'sent') ? 'owed again' : 'given';
}

/** A number that a phone can dial, or undefined if there is none in the text. */
export function dialable(text: string | null): string | undefined {
  const number = text?.replace(/[^\d+*#]/g, '') ?? '';
  return number.replace(/\D/g, '').length >= 3 ? number : undefined;
}

export interface ContactPart {
  text: string;
  href?: string;
}

/** A contact in a site's own words, with the parts in it that can be called or written to. */
export function contactParts(contact: string): ContactPart[] {
  // What comes before an @ is bounded: a long text without one is not read anew from each of its letters.
  return contact
    .split(/([\w.+-]{1,64}@[\w-]+\.[\w.-]*\w|\+?\d[\d\s()./-]{2,}\d|\d{3,})/)
    .filter((text) => text !== '')
    .map((text) => {
      if (/^[\w.+-]+@[\w-]+\./.test(text)) return { text, href: `mailto:${text}` };
      const number = /^\+?[\d\s()./-]+$/.test(text) ? dialable(text) : undefined;
      return number === undefined ? { text } : { text, href: `tel:${number}` };
    });
}

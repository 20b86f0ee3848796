// What a person wants to see of the tasks: in the address of the page, so that it can be sent and comes back. Pure.
import type { ListedTask, TaskStatus } from '../../../protocol/task.ts';
import { priorities, statuses } from '../../../protocol/task.ts';
import { parseIds } from '../task/ids.model.ts';
import { type Days, dueOf, isOverdue } from '../times/days.ts';

export const dueChoices = ['overdue', 'today', 'tomorrow', 'week', 'none'] as const;
export type DueChoice = (typeof dueChoices)[number];
export type Priority = (typeof priorities)[number];

/** Of an employee or a system. No id is a word, so that "nobody" and "no system" are never one of them; an id may be 0. */
export type Owner = number | 'none';

export interface Filters {
  status: readonly TaskStatus[];
  priority: readonly Priority[];
  employee: readonly Owner[];
  system: readonly Owner[];
  due: readonly DueChoice[];
  text: string;
}

export const noFilters: Filters = { status: [], priority: [], employee: [], system: [], due: [], text: '' };

export function parseFilters(query: URLSearchParams): Filters {
  return {
    status: known(query.get('status'), statuses),
    priority: known(query.get('priority'), priorities),
    employee: owners(query.get('employee')),
    system: owners(query.get('system')),
    due: known(query.get('due'), dueChoices),
    text: (query.get('q') ?? '').slice(0, 200),
  };
}

/** Writes the filters into a query and leaves everything else in it alone. */
export function writeFilters(query: URLSearchParams, filters: Filters): URLSearchParams {
  const next = new URLSearchParams(query);
  const put = (name: string, value: string) => (value === '' ? next.delete(name) : next.set(name, value));
  put('status', filters.status.join(','));
  put('priority', filters.priority.join(','));
  put('employee', filters.employee.join(','));
  put('system', filters.system.join(','));
  put('due', filters.due.join(','));
  put('q', filters.text);
  return next;
}

export function isFiltered({ status, priority, employee, system, due, text }: Filters): boolean {
  return status.length + priority.length + employee.length + system.length + due.length > 0 || text.trim() !== '';
}

/** A test for tasks: every kind of filter must fit, and of one kind any choice. */
export function matcher(filters: Filters, days: Days): (task: ListedTask) => boolean {
  const { status, priority, employee, system, due, text } = filters;
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return (task) =>
    isIn(status, task.status) &&
    isIn(priority, task.priority) &&
    isIn(employee, ownerOf(task.employee_id)) &&
    isIn(system, ownerOf(task.system_id)) &&
    (due.length === 0 || due.some((choice) => isDue(task, choice, days))) &&
    (words.length === 0 || hasWords(task, words));
}

export function ownerOf(id: number | null): Owner {
  return id ?? 'none';
}

export function filterTasks(tasks: Iterable<ListedTask>, filters: Filters, days: Days): ListedTask[] {
  const fits = matcher(filters, days);
  const found: ListedTask[] = [];
  for (const task of tasks) if (fits(task)) found.push(task);
  return found;
}

export function isDue(task: ListedTask, choice: DueChoice, days: Days): boolean {
  const due = dueOf(task);
  if (choice === 'none') return due === undefined;
  if (choice === 'overdue') return isOverdue(task, days.now);
  if (due === undefined) return false;
  if (choice === 'today') return due >= days.today && due < days.tomorrow;
  if (choice === 'tomorrow') return due >= days.tomorrow && due < days.dayAfter;
  return due >= days.today && due < days.week;
}

/** In the list without it, or without it in the list. */
export function toggle<T>(list: readonly T[], item: T): T[] {
  return list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
}

function hasWords(task: ListedTask, words: readonly string[]): boolean {
  const haystack = [task.title, task.description, task.note, task.system_name, task.employee_name, `#${task.id}`]
    .join('\n')
    .toLowerCase();
  return words.every((word) => haystack.includes(word));
}

function isIn<T>(wanted: readonly T[], value: T): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

function known<T extends string>(text: string | null, all: readonly T[]): T[] {
  const named = (text ?? '').split(',');
  return all.filter((value) => named.includes(value));
}

function owners(text: string | null): Owner[] {
  const isNone = (text ?? '').split(',').includes('none');
  return isNone ? ['none', ...parseIds(text)] : parseIds(text);
}

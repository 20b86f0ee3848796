// What a manager wants to know first: what is late and for how long, what waits, what today holds for whom. Pure.
import type { ListedTask } from '../../../client/index.ts';
import { byDue, byWeight, sortBy } from '../task/order.ts';
import { type Days, dueOf, isDueToday, isOverdue, parseTime } from '../times/days.ts';

export const ages = ['today', 'days', 'week', 'older'] as const;
export type Age = (typeof ages)[number];

export interface TodayView {
  counts: Record<'overdue' | 'dueToday' | 'approval' | 'inProgress' | 'doneToday' | 'unassigned', number>;
  /** Longest overdue last; empty ages left out. */
  overdue: { age: Age; tasks: ListedTask[] }[];
  approval: ListedTask[];
  /** By name, those without an employee first. */
  people: { id: number | null; name: string | null; tasks: ListedTask[]; done: number }[];
  /** Everything that is due today, done or not. */
  today: ListedTask[];
}

export function todayView(tasks: Iterable<ListedTask>, days: Days): TodayView {
  const all = [...tasks];
  const open = all.filter(({ status }) => status !== 'completed');
  const overdue = open.filter((task) => isOverdue(task, days.now));
  const approval = open.filter(({ status }) => status === 'pending_approval');
  const today = all.filter((task) => isDueToday(task, days));
  const doneToday = all.filter((task) => wasDoneToday(task, days));
  return {
    counts: {
      overdue: overdue.length,
      dueToday: today.filter(({ status }) => status !== 'completed').length,
      approval: approval.length,
      inProgress: open.filter(({ status }) => status === 'in_progress').length,
      doneToday: doneToday.length,
      unassigned: open.filter(({ employee_id }) => employee_id === null).length,
    },
    overdue: byAge(overdue, days),
    approval: sortBy(approval, (task) => dueOf(task) ?? Number.MAX_SAFE_INTEGER, byWeight),
    people: byPerson(today),
    today,
  };
}

export function ageOf(task: ListedTask, { today, now }: Days): Age {
  const due = dueOf(task) ?? now;
  if (due >= today) return 'today';
  const daysLate = (now - due) / 86_400_000;
  if (daysLate <= 3) return 'days';
  return daysLate <= 7 ? 'week' : 'older';
}

function byAge(overdue: ListedTask[], days: Days): TodayView['overdue'] {
  const sorted = sortBy(overdue, (task) => -(dueOf(task) ?? 0), byWeight);
  return ages
    .map((age) => ({ age, tasks: sorted.filter((task) => ageOf(task, days) === age) }))
    .filter(({ tasks }) => tasks.length > 0);
}

function byPerson(tasks: ListedTask[]): TodayView['people'] {
  const groups = new Map<number | null, ListedTask[]>();
  for (const task of tasks) {
    const group = groups.get(task.employee_id);
    if (group) group.push(task);
    else groups.set(task.employee_id, [task]);
  }
  return [...groups]
    .map(([id, group]) => ({
      id,
      name: group[0]?.employee_name ?? null,
      tasks: group.sort((a, b) => Number(isDone(a)) - Number(isDone(b)) || byDue(a, b)),
      done: group.filter(isDone).length,
    }))
    .sort((a, b) => Number(a.id !== null) - Number(b.id !== null) || (a.name ?? '').localeCompare(b.name ?? ''));
}

export interface Hour {
  /** 09 */
  hour: string;
  /** The first due time in it, ms. */
  first: number;
  tasks: ListedTask[];
}

/** By the hour of the clock on the wall, in the order of the day; what is done comes last in its hour. */
export function hoursOf(tasks: readonly ListedTask[], clock: (ms: number) => string): Hour[] {
  const hours = new Map<string, Hour>();
  for (const task of [...tasks].sort(byDue)) {
    const due = dueOf(task) ?? 0;
    const hour = clock(due).slice(0, 2);
    const known = hours.get(hour) ?? { hour, first: due, tasks: [] };
    hours.set(hour, known);
    known.tasks.push(task);
  }
  for (const { tasks: due } of hours.values()) due.sort((a, b) => Number(isDone(a)) - Number(isDone(b)) || byDue(a, b));
  return [...hours.values()];
}

function isDone({ status }: ListedTask): boolean {
  return status === 'completed';
}

function wasDoneToday(task: ListedTask, { today, tomorrow }: Days): boolean {
  if (!isDone(task)) return false;
  const at = parseTime(task.completed_at) ?? 0;
  return at >= today && at < tomorrow;
}

// Where a due time lies, seen from now at the site. Pure; the bounds of the days are found once for all tasks.
import type { ListedTask } from '../../../protocol/task.ts';
import { startOfDay } from './zone.ts';

export interface Days {
  now: number;
  /** First moments of today, tomorrow, the day after, and of the day in a week, ms. */
  today: number;
  tomorrow: number;
  dayAfter: number;
  week: number;
}

export function daysAt(now: number, zone: string): Days {
  return {
    now,
    today: startOfDay(now, zone),
    tomorrow: startOfDay(now, zone, 1),
    dayAfter: startOfDay(now, zone, 2),
    week: startOfDay(now, zone, 7),
  };
}

/** Milliseconds since 1970, or undefined where JavaScript has no such date. */
export function parseTime(time: string | null | undefined): number | undefined {
  const ms = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const never = Number.MAX_SAFE_INTEGER;

/** `infinity` is a due time that never comes, `-infinity` and BC one that is long past. */
export function dueOf({ due_at }: Pick<ListedTask, 'due_at'>): number | undefined {
  if (due_at === null) return undefined;
  return parseTime(due_at) ?? (due_at.startsWith('-') || due_at.endsWith('BC') ? -never : never);
}

export function isOverdue(task: Pick<ListedTask, 'due_at' | 'status'>, now: number): boolean {
  const due = dueOf(task);
  return due !== undefined && due < now && task.status !== 'completed';
}

/** Due today at the site, whatever the hour. */
export function isDueToday(task: Pick<ListedTask, 'due_at'>, days: Days): boolean {
  const due = dueOf(task);
  return due !== undefined && due >= days.today && due < days.tomorrow;
}

/** When the clock alone next moves a task: the next due time of an open one, or midnight. */
export function nextMoveAt(tasks: Iterable<ListedTask>, days: Days): number {
  let next = days.tomorrow;
  for (const task of tasks) {
    if (task.status === 'completed' || task.due_at === null) continue;
    const due = dueOf(task);
    if (due !== undefined && due >= days.now && due < next) next = due;
  }
  // A task is late from the moment after its due time.
  return next === days.tomorrow ? next : next + 1;
}

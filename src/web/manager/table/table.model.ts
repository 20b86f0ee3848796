// The order of the table, in the address; and its rows as CSV. Pure.
import type { ListedTask } from '../../../client/index.ts';
import { statuses } from '../../../protocol/task.ts';
import { byDue, byWeight, sortBy } from '../task/order.ts';
import { dueOf, parseTime } from '../times/days.ts';

export const sortFields = ['title', 'status', 'employee', 'system', 'priority', 'due', 'change'] as const;
export type SortField = (typeof sortFields)[number];

export interface Sort {
  field: SortField;
  isDescending: boolean;
}

const standard: Sort = { field: 'due', isDescending: false };

export function parseSort(text: string | null): Sort {
  const isDescending = text?.startsWith('-') ?? false;
  const field = sortFields.find((name) => name === text?.replace(/^-/, ''));
  return field ? { field, isDescending } : standard;
}

export function sortText({ field, isDescending }: Sort): string {
  return `${isDescending ? '-' : ''}${field}`;
}

/** The same column again turns the order around. */
export function nextSort(current: Sort, field: SortField): Sort {
  return { field, isDescending: current.field === field && !current.isDescending };
}

const never = Number.MAX_SAFE_INTEGER;
const priorityRank = { urgent: 0, normal: 1, optional: 2 };

/** Tasks without a value come last, whichever way the order goes; by due time also those that are done. */
export function sortTasks(tasks: readonly ListedTask[], { field, isDescending }: Sort, locale: string): ListedTask[] {
  const turn = isDescending ? -1 : 1;
  if (field === 'due') {
    const key = (task: ListedTask) => {
      const due = dueOf(task);
      if (task.status === 'completed') return never;
      return due === undefined ? never - 1 : turn * due;
    };
    return sortBy(tasks, key, byWeight);
  }
  if (field === 'change') return sortBy(tasks, (task) => -turn * (parseTime(task.updated_at) ?? 0), byWeight);
  if (field === 'status') return sortBy(tasks, (task) => turn * statuses.indexOf(task.status), byDue);
  if (field === 'priority') return sortBy(tasks, (task) => turn * priorityRank[task.priority], byDue);
  const name = { title: 'title', employee: 'employee_name', system: 'system_name' } as const;
  return byName(tasks, (task) => task[name[field]], { turn, locale });
}

// Names repeat, so each is compared by its rank among all; comparing in a language is slow.
function byName(
  tasks: readonly ListedTask[],
  nameOf: (task: ListedTask) => string | null,
  { turn, locale }: { turn: number; locale: string },
): ListedTask[] {
  const collator = new Intl.Collator(locale, { numeric: true });
  const names = [...new Set(tasks.flatMap((task) => nameOf(task) ?? []))].sort(collator.compare);
  const ranks = new Map(names.map((name, rank) => [name, turn * rank]));
  return sortBy(tasks, (task) => ranks.get(nameOf(task) ?? '') ?? never, byDue);
}

export interface CsvColumn {
  title: string;
  value: (task: ListedTask) => string | number | null;
}

/** RFC 4180 with a byte order mark, so that spreadsheets read it as UTF-8; what they would run as a formula is text. */
export function csvOf(tasks: readonly ListedTask[], columns: readonly CsvColumn[]): string {
  const lines = [columns.map(({ title }) => title), ...tasks.map((task) => columns.map(({ value }) => value(task)))];
  return `\ufeff${lines.map((cells) => cells.map(cellOf).join(',')).join('\r\n')}\r\n`;
}

function cellOf(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const safe = /^\s*[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

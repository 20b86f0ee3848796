// Employees and systems with the work that belongs to them. Pure.
import type { ListedTask } from '../../../client/index.ts';
import { byDue } from '../task/order.ts';
import { isOverdue } from '../times/days.ts';

export interface Work {
  open: ListedTask[];
  late: number;
}

const none: Work = { open: [], late: 0 };

/** Open tasks by the id of what they belong to, what is due first coming first. */
export function workBy(
  tasks: Iterable<ListedTask>,
  owner: 'employee_id' | 'system_id',
  now: number,
): (id: number) => Work {
  const found = new Map<number, Work>();
  for (const task of tasks) {
    const id = task[owner];
    if (id === null || task.status === 'completed') continue;
    const work = found.get(id) ?? { open: [], late: 0 };
    found.set(id, work);
    work.open.push(task);
    if (isOverdue(task, now)) work.late += 1;
  }
  for (const { open } of found.values()) open.sort(byDue);
  return (id) => found.get(id) ?? none;
}

/** Rows that have all words of the search in one of their texts, by name. */
export function search<Row extends { name: string }>(rows: Iterable<Row>, text: string, locale: string): Row[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const texts = (row: Row) =>
    Object.values(row)
      .filter((value) => typeof value === 'string')
      .join('\n')
      .toLowerCase();
  const { compare } = new Intl.Collator(locale, { numeric: true });
  return [...rows]
    .filter((row) => words.every((word) => texts(row).includes(word)))
    .sort((a, b) => compare(a.name, b.name));
}

/** What differs between a form and the row it began with; empty text is no value. */
export function formChanges(
  form: Readonly<Record<string, unknown>>,
  row: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(form)) {
    const wanted = value === '' ? null : value;
    if (wanted !== (row[name] ?? null)) changes[name] = wanted;
  }
  return changes;
}

// What an edit changes on the screen, what takes it back, and what two people did to the same fields. Pure.
import type { Employee, ListedTask, System } from '../../../client/index.ts';
import type { Task } from '../../../protocol/task.ts';
import type { TaskValues } from '../../../protocol/writes.ts';

export interface Names {
  systems: ReadonlyMap<number, System>;
  employees: ReadonlyMap<number, Employee>;
}

/** The values with the names that belong to their ids, as the row will show them. */
export function patchOf(values: TaskValues, { systems, employees }: Names): Partial<ListedTask> {
  const { employee_id, system_id } = values;
  return {
    ...(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<ListedTask>),
    ...(employee_id === undefined ? {} : { employee_name: nameIn(employees, employee_id) }),
    ...(system_id === undefined ? {} : { system_name: nameIn(systems, system_id) }),
  };
}

/** The same fields as they were in `task`. */
export function inverseOf(values: TaskValues, task: Task): TaskValues {
  const is: Readonly<Record<string, unknown>> = { ...task };
  const entries = Object.keys(values).map((name) => [name, is[name] ?? null]);
  // Only the employee can say that a task was received; going back to there is going back to sent.
  const taken = Object.fromEntries(entries) as TaskValues;
  return taken.status === 'received' ? { ...taken, status: 'sent' } : taken;
}

/** The values that differ from the task as it is. */
export function realChanges(values: TaskValues, task: Task): TaskValues {
  const is: Readonly<Record<string, unknown>> = { ...task };
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !isEqual(name, is[name] ?? null, value ?? null)),
  ) as TaskValues;
}

export interface Clash {
  field: string;
  base: unknown;
  mine: unknown;
  theirs: unknown;
}

/** For each field that both changed: what it was, what each made of it. */
export function clashesOf(mine: TaskValues, base: Task, theirs: Task): Clash[] {
  const was: Readonly<Record<string, unknown>> = { ...base };
  const is: Readonly<Record<string, unknown>> = { ...theirs };
  return Object.entries(mine)
    .map(([field, value]) => ({ field, base: was[field] ?? null, mine: value ?? null, theirs: is[field] ?? null }))
    .filter(({ field, base: before, theirs: after }) => !isEqual(field, before, after));
}

/** An id in words, as far as it has a name. */
export function shownValue(field: string, value: unknown, names: Names): unknown {
  if (field === 'employee_id') return nameIn(names.employees, value as number | null);
  if (field === 'system_id') return nameIn(names.systems, value as number | null);
  return value;
}

function nameIn(rows: ReadonlyMap<number, { name: string }>, id: number | null): string | null {
  return id === null ? null : (rows.get(id)?.name ?? null);
}

function isEqual(name: string, a: unknown, b: unknown): boolean {
  if (name.endsWith('_at') && typeof a === 'string' && typeof b === 'string') return Date.parse(a) === Date.parse(b);
  return a === b;
}

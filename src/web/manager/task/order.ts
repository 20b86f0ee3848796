// Which task comes before which. Pure.
import type { ListedTask } from '../../../protocol/task.ts';
import { dueOf, parseTime } from '../times/days.ts';

const weight = { urgent: 0, normal: 1, optional: 2 };
const never = Number.MAX_SAFE_INTEGER;

/** What is due first, then what is more urgent, then what is older. */
export function byDue(a: ListedTask, b: ListedTask): number {
  return (dueOf(a) ?? never) - (dueOf(b) ?? never) || byWeight(a, b);
}

export function byWeight(a: ListedTask, b: ListedTask): number {
  return weight[a.priority] - weight[b.priority] || a.id - b.id;
}

/** What was done last comes first. */
export function byCompletion(a: ListedTask, b: ListedTask): number {
  return completedAt(b) - completedAt(a) || b.id - a.id;
}

function completedAt({ completed_at, updated_at }: ListedTask): number {
  return parseTime(completed_at) ?? parseTime(updated_at) ?? 0;
}

/** Sorts by keys that are found once for each row, since reading a date costs more than comparing two. */
export function sortBy<T>(items: readonly T[], keyOf: (item: T) => number, then: (a: T, b: T) => number): T[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  keyed.sort((a, b) => a.key - b.key || then(a.item, b.item));
  return keyed.map(({ item }) => item);
}

// Which task stands where: open before done, what is late first, then by due time. Pure.
import type { ListedTask } from '../../protocol/task.ts';
import { endOfDay, parseTime } from './times.ts';

export const groupNames = ['overdue', 'today', 'later', 'undated', 'done'] as const;
export type GroupName = (typeof groupNames)[number];

export interface Placed {
  group: GroupName;
  /** Rises within the group. */
  rank: number;
}

const never = Number.MAX_SAFE_INTEGER;
const weight = { urgent: 0, normal: 1, optional: 2 };

export function place(task: ListedTask, now: number): Placed {
  if (task.status === 'completed') return { group: 'done', rank: -(parseTime(task.completed_at) ?? 0) };
  const due = dueOf(task);
  if (due === undefined) return { group: 'undated', rank: 0 };
  if (due < now) return { group: 'overdue', rank: due };
  return { group: due < endOfDay(now) ? 'today' : 'later', rank: due };
}

/** Groups in the order of the page, empty ones left out; `placedAs` may hold a row where it was. */
export function arrange<Row extends { task: ListedTask; placedAs: ListedTask }>(
  rows: Row[],
  now: number,
): { name: GroupName; rows: Row[] }[] {
  const groups = new Map(groupNames.map((name) => [name, [] as { row: Row; rank: number }[]]));
  for (const row of rows) {
    const { group, rank } = place(row.placedAs, now);
    groups.get(group)?.push({ row, rank });
  }
  return groupNames.flatMap((name) => {
    const members = groups.get(name) ?? [];
    members.sort((a, b) => a.rank - b.rank || byWeight(a.row.placedAs, b.row.placedAs));
    return members.length > 0 ? [{ name, rows: members.map(({ row }) => row) }] : [];
  });
}

function byWeight(a: ListedTask, b: ListedTask): number {
  return weight[a.priority] - weight[b.priority] || a.id - b.id;
}

// `infinity` is a due time that never comes, `-infinity` one that is long past.
function dueOf({ due_at }: ListedTask): number | undefined {
  if (due_at === null) return undefined;
  return parseTime(due_at) ?? (due_at.startsWith('-') || due_at.endsWith('BC') ? -never : never);
}

// What is told of the changes that others made while the page was open: which tasks came and left, which fields changed.
// Pure. What the employee did here is no news to them.
import type { LinkPage } from '../../protocol/link.ts';
import type { Task } from '../../protocol/task.ts';
import type { PageState } from '../../view/state.ts';
import type { Entry } from './outbox.ts';

/** One difference between the page as it was and as it is. */
export type Difference =
  | { kind: 'new'; task: Task }
  | { kind: 'gone'; task: Task }
  | { kind: 'changed'; task: Task; fields: string[] };

const told = [
  'title',
  'description',
  'review_note',
  'note',
  'priority',
  'status',
  'due_at',
  'system_name',
  'image_ids',
] as const;

/** What is different, task by task. */
export function differences(before: LinkPage, after: LinkPage): Difference[] {
  const old = new Map(before.tasks.map((task) => [task.id, task]));
  const now = new Set(after.tasks.map(({ id }) => id));
  const gone = before.tasks.filter(({ id }) => !now.has(id)).map((task) => ({ kind: 'gone' as const, task }));
  const others = after.tasks.flatMap((task): Difference[] => {
    const was = old.get(task.id);
    if (!was) return [{ kind: 'new', task }];
    const fields = told.filter((field) => String(task[field]) !== String(was[field]));
    return fields.length > 0 ? [{ kind: 'changed', task, fields }] : [];
  });
  return [...gone, ...others];
}

/** Without what was done here: its values, its photos, and what "got it" changes. The feed may be ahead of the answer. */
export function ofOthers(differences: Difference[], own: readonly Entry[]): Difference[] {
  return differences.flatMap((difference): Difference[] => {
    if (difference.kind !== 'changed') return [difference];
    const { task } = difference;
    const fields = difference.fields.filter((field) => !own.some((entry) => isOwn(entry, task, field)));
    return fields.length > 0 ? [{ ...difference, fields }] : [];
  });
}

function isOwn({ what, taskId }: Entry, task: Task, field: string): boolean {
  if (what.kind === 'acknowledge') return field === 'status' && task.status === 'received';
  if (taskId !== task.id) return false;
  if (what.kind === 'photo') return field === 'image_ids';
  return (
    (field === 'status' && what.patch.status === task.status) || (field === 'note' && what.patch.note === task.note)
  );
}

type News = Pick<PageState, 'news' | 'changed'>;

/** The page's words about it; a task that comes back takes its farewell away. */
export function tell({ news, changed }: News, found: readonly Difference[], now: number): News {
  const fresh = { news: [...news], changed: { ...changed } };
  for (const difference of found) {
    const { kind, task } = difference;
    const { id, title } = task;
    if (kind === 'changed') {
      const fields = [...new Set([...(fresh.changed[id]?.fields ?? []), ...difference.fields])];
      fresh.changed[id] = { fields, at: now };
      continue;
    }
    fresh.news = [...fresh.news.filter((one) => one.id !== id), { id, kind, title }];
    if (kind === 'gone') delete fresh.changed[id];
  }
  return fresh;
}

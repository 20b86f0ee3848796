// When a task is due, and how late it is.
import type { ListedTask } from '../../../client/index.ts';
import { useSite, useTimeWords } from '../site/site-context.tsx';
import { type Days, dueOf, isOverdue } from '../times/days.ts';

export function DueWords({ task, days }: { task: ListedTask; days: Days }) {
  const words = useTimeWords();
  useSite();
  const due = dueOf(task);
  if (due === undefined) return null;
  const isLate = isOverdue(task, days.now);
  return (
    <span className="due" data-late={isLate || undefined}>
      <time dateTime={task.due_at ?? ''} title={words.full(task.due_at)}>
        {words.moment(task.due_at, days.now)}
      </time>
      {isLate && <span className="late">{words.late(due, days.now)}</span>}
    </span>
  );
}

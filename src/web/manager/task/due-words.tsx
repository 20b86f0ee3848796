// When a task is due, and how late it is.
import type { ListedTask } from '../../../client/index.ts';
import { useTimeWords } from '../site/site-context.tsx';
import { type Days, dueOf, isOverdue } from '../times/days.ts';

/** On a card a late task says how late it is, and the time only to who points at it. */
export function DueWords({ task, days, isShort = false }: { task: ListedTask; days: Days; isShort?: boolean }) {
  const words = useTimeWords();
  const due = dueOf(task);
  if (due === undefined) return null;
  const isLate = isOverdue(task, days.now);
  if (isLate && isShort) {
    return (
      <time className="due late" dateTime={task.due_at ?? ''} title={words.full(task.due_at)}>
        {words.late(due, days.now)}
      </time>
    );
  }
  return (
    <span className="due" data-late={isLate || undefined}>
      <time dateTime={task.due_at ?? ''} title={words.full(task.due_at)}>
        {words.moment(task.due_at, days.now)}
      </time>
      {isLate && <span className="late">{words.late(due, days.now)}</span>}
    </span>
  );
}

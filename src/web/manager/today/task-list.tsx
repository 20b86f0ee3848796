// The first tasks of a group, and the way to the rest.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ListedTask } from '../../../client/index.ts';
import { type Filters, noFilters, writeFilters } from '../filters/filters.model.ts';
import { useDays, useNews } from '../live/live.tsx';
import { TaskLine } from './task-line.tsx';

/** Unless the list is one of many. */
const usual = 8;

export interface TaskListProps {
  tasks: readonly ListedTask[];
  /** What the table shows of the same group. */
  more: Partial<Filters>;
  most?: number;
  withPerson?: boolean;
  withApproval?: boolean;
}

export function TaskList({ tasks, more, most = usual, withPerson = false, withApproval = false }: TaskListProps) {
  const { t } = useTranslation();
  const days = useDays();
  const { glows } = useNews();
  const rest = tasks.length - most;
  const query = writeFilters(new URLSearchParams(), { ...noFilters, ...more });
  return (
    <>
      <ul className="task-lines">
        {tasks.slice(0, most).map((task) => (
          <TaskLine
            key={task.id}
            task={task}
            days={days}
            glow={glows.get(task.id)}
            withPerson={withPerson}
            withApproval={withApproval}
          />
        ))}
      </ul>
      {rest > 0 && (
        <Link className="more" to={`/table?${query}`}>
          {t('today.more', { count: rest })}
        </Link>
      )}
    </>
  );
}

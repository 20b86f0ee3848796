// One task as one line of a list.
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import type { Glow } from '../live/news.ts';
import { DueWords } from '../task/due-words.tsx';
import { GlowName, glowTurn } from '../task/glow.tsx';
import { Person } from '../task/person.tsx';
import { StatusTrack } from '../task/status-track.tsx';
import { TaskLink } from '../task/task-link.tsx';
import type { Days } from '../times/days.ts';
import { ApprovalActions } from './approval-actions.tsx';

export interface TaskLineProps {
  task: ListedTask;
  days: Days;
  glow: Glow | undefined;
  withPerson?: boolean;
  withApproval?: boolean;
}

export const TaskLine = memo(function TaskLine({ task, days, glow, withPerson, withApproval }: TaskLineProps) {
  const { t } = useTranslation();
  return (
    <li className="task-line" data-row data-glow={glowTurn(glow)} data-done={task.status === 'completed' || undefined}>
      <div className="line-main">
        <TaskLink task={task} />
        <span className="line-meta">
          {task.priority === 'urgent' && <span className="priority-urgent">{t('priority.urgent')}</span>}
          {task.system_name && <bdi className="clip">{task.system_name}</bdi>}
          <GlowName glow={glow} />
        </span>
        {withApproval && task.note && (
          <q className="line-note said" dir="auto">
            {task.note}
          </q>
        )}
      </div>
      {withPerson && <Person name={task.employee_name} />}
      {withApproval ? <ApprovalActions task={task} /> : <StatusTrack status={task.status} />}
      <DueWords task={task} days={days} />
    </li>
  );
});

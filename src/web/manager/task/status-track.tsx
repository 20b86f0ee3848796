// How far a task has come, as a word and as a shape: five steps, filled up to where it is; a failed one is broken off.
import { useTranslation } from 'react-i18next';
import type { TaskStatus } from '../../../protocol/task.ts';

const steps: Record<TaskStatus, number> = {
  draft: 0,
  sent: 1,
  received: 2,
  in_progress: 3,
  pending_approval: 4,
  completed: 5,
  not_completed: 3,
};
const all = [1, 2, 3, 4, 5];

export function Track({ status }: { status: TaskStatus }) {
  return (
    <span className="track" data-status={status} aria-hidden="true">
      {all.map((step) => (
        <i key={step} className={step <= steps[status] ? 'done' : undefined} />
      ))}
    </span>
  );
}

export function StatusTrack({ status }: { status: TaskStatus }) {
  const { t } = useTranslation();
  return (
    <span className="status-track" data-status={status}>
      <span className="status-word">{t(`status.${status}`)}</span>
      <Track status={status} />
    </span>
  );
}

import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import type { Glow } from '../live/news.ts';
import { useTimeWords } from '../site/site-context.tsx';
import { DueWords } from '../task/due-words.tsx';
import { GlowName, glowTurn } from '../task/glow.tsx';
import { Person } from '../task/person.tsx';
import { StatusTrack } from '../task/status-track.tsx';
import { TaskLink } from '../task/task-link.tsx';
import { useActor } from '../task/told.tsx';
import type { Days } from '../times/days.ts';

export interface TableRowProps {
  task: ListedTask;
  index: number;
  start: number;
  days: Days;
  glow: Glow | undefined;
  isChosen: boolean;
  onChoose: (id: number, isRange: boolean) => void;
}

/* biome-ignore-start lint/a11y/useSemanticElements: rows are placed one by one, which no <table> allows */
/* biome-ignore-start lint/a11y/useFocusableInteractive: the link in the row takes the focus */
export const TableRow = memo(function TableRow({ task, index, start, days, glow, isChosen, onChoose }: TableRowProps) {
  const { t } = useTranslation();
  return (
    <div
      role="row"
      className="table-row"
      aria-rowindex={index + 2}
      data-row="choose"
      data-id={task.id}
      data-glow={glowTurn(glow)}
      data-chosen={isChosen || undefined}
      data-done={task.status === 'completed' || undefined}
      style={{ transform: `translateY(${start}px)` }}
    >
      <div role="cell" className="cell-choose">
        <input
          type="checkbox"
          aria-label={t('table.select', { id: task.id })}
          checked={isChosen}
          onChange={({ nativeEvent }) => onChoose(task.id, 'shiftKey' in nativeEvent && nativeEvent.shiftKey === true)}
        />
      </div>
      <div role="cell" className="cell-title">
        <TaskLink task={task} />
        <span className="row-meta">
          #{task.id}{' '}
          {task.priority !== 'normal' && (
            <span className={`priority-${task.priority}`}>{t(`priority.${task.priority}`)}</span>
          )}
        </span>
      </div>
      <div role="cell" className="cell-status">
        <StatusTrack status={task.status} />
      </div>
      <div role="cell" className="cell-employee">
        <Person name={task.employee_name} />
      </div>
      <div role="cell" className="cell-system">
        <bdi className="clip">{task.system_name}</bdi>
      </div>
      <div role="cell" className="cell-due">
        <DueWords task={task} days={days} />
      </div>
      <div role="cell" className="cell-change">
        {glow ? <GlowName glow={glow} /> : <LastChange task={task} now={days.now} />}
      </div>
    </div>
  );
});
/* biome-ignore-end lint/a11y/useFocusableInteractive: the link in the row takes the focus */
/* biome-ignore-end lint/a11y/useSemanticElements: rows are placed one by one, which no <table> allows */

function LastChange({ task, now }: { task: ListedTask; now: number }) {
  const actor = useActor();
  const words = useTimeWords();
  const at = task.last_change?.at ?? task.updated_at;
  return (
    <>
      <bdi className="clip">{task.last_change ? actor(task.last_change) : ''}</bdi>
      <time dateTime={at} title={words.full(at)}>
        {words.ago(at, now)}
      </time>
    </>
  );
}

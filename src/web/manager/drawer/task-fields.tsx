// The fields of a task that are chosen, not written.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import { priorities, statuses, type TaskStatus } from '../../../protocol/task.ts';
import { mayMove } from '../board/board.model.ts';
import { useEditing } from '../edit/edit-context.tsx';
import { useDays, useShown } from '../live/live.tsx';
import { useSite } from '../site/site-context.tsx';
import { DueWords } from '../task/due-words.tsx';
import { quickDues } from '../task/quick-due.ts';
import { RowSelect } from '../task/row-select.tsx';
import { Track } from '../task/status-track.tsx';
import { parseTime } from '../times/days.ts';
import { fromWallText, toWallText } from '../times/zone.ts';

export function TaskFields({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const { edits } = useEditing();
  const { employees, systems } = useShown();
  return (
    <div className="task-fields">
      <StatusField task={task} />
      <RowSelect
        label={t('field.employee_name')}
        none={t('value.nobody')}
        rows={employees}
        value={task.employee_id}
        onChange={(employee_id) => void edits.set(task, { employee_id })}
      />
      <RowSelect
        label={t('field.system_name')}
        none={t('value.noSystem')}
        rows={systems}
        value={task.system_id}
        onChange={(system_id) => void edits.set(task, { system_id })}
      />
      <PriorityField task={task} />
      <DueField task={task} />
    </div>
  );
}

function StatusField({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const { edits } = useEditing();
  return (
    <span className="select">
      <label htmlFor="task-status" className="label">
        {t('field.status')}
      </label>
      <span className="status-field">
        <select
          id="task-status"
          className="input"
          value={task.status}
          onChange={(event) => void edits.set(task, { status: event.target.value as TaskStatus })}
        >
          {statuses.map((status) => (
            <option key={status} value={status} disabled={!mayMove(task.status, status)}>
              {t(`status.${status}`)}
            </option>
          ))}
        </select>
        <Track status={task.status} />
      </span>
    </span>
  );
}

function PriorityField({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const { edits } = useEditing();
  return (
    <span className="select">
      <label htmlFor="task-priority" className="label">
        {t('field.priority')}
      </label>
      <select
        id="task-priority"
        className="input"
        value={task.priority}
        onChange={(event) => void edits.set(task, { priority: event.target.value as ListedTask['priority'] })}
      >
        {priorities.map((priority) => (
          <option key={priority} value={priority}>
            {t(`priority.${priority}`)}
          </option>
        ))}
      </select>
    </span>
  );
}

// A half-typed date is no date: it is written when the field is left.
function DueField({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const { edits } = useEditing();
  const { timezone } = useSite();
  const days = useDays();
  const due = parseTime(task.due_at);
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const save = () => {
    setTyped(undefined);
    const ms = typed === undefined ? undefined : fromWallText(typed, timezone);
    if (ms !== undefined) void edits.set(task, { due_at: new Date(ms).toISOString() });
  };
  return (
    <span className="select due-field">
      <label htmlFor="task-due" className="label">
        {t('due.at')}
      </label>
      <span className="due-choices">
        <input
          id="task-due"
          className="input"
          type="datetime-local"
          value={typed ?? (due === undefined ? '' : toWallText(due, timezone))}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={save}
        />
        <DueWords task={task} days={days} />
        <span className="due-quick">
          {quickDues(days, timezone).map(({ key, at }) => (
            <button key={key} type="button" className="chip" onClick={() => void edits.set(task, { due_at: at })}>
              {t(`due.${key}`)}
            </button>
          ))}
        </span>
      </span>
    </span>
  );
}

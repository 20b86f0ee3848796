// A new link: an employee, their tasks, for how long.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useTaskfeed } from '../../../client/react.tsx';
import { useEditing } from '../edit/edit-context.tsx';
import { useDays, useShown } from '../live/live.tsx';
import { DueWords } from '../task/due-words.tsx';
import { RowSelect } from '../task/row-select.tsx';
import { toggled } from '../task/selection.ts';
import { StatusTrack } from '../task/status-track.tsx';
import { type Issued, readIssued } from './issued-dialog.tsx';
import { linkable } from './links.model.ts';

const lifetimes = [1, 3, 7, 30];
const most = 200;

export function MakeLink({ onIssued, onClose }: { onIssued: (link: Issued) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { tasks, employees } = useShown();
  const form = useLinkForm();
  const { employeeId, days, setDays, send, isSending } = form;
  const own = employeeId === null ? [] : linkable(tasks.values(), employeeId);
  const chosen = own.filter(({ id }) => !form.left.has(id)).slice(0, most);
  const name = employees.get(employeeId ?? 0)?.name ?? '';
  return (
    <section className="create make-link" aria-label={t('links.make')}>
      <div className="create-row">
        <RowSelect
          label={t('field.employee_name')}
          none="–"
          rows={employees}
          value={employeeId}
          onChange={form.setEmployeeId}
        />
        <span className="select">
          <label className="label" htmlFor="link-days">
            {t('links.valid')}
          </label>
          <select
            id="link-days"
            className="input"
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
          >
            {lifetimes.map((count) => (
              <option key={count} value={count}>
                {t('links.days', { count })}
              </option>
            ))}
          </select>
        </span>
      </div>
      {employeeId === null && <p className="soft">{t('links.choose')}</p>}
      {employeeId !== null && own.length === 0 && <p className="soft">{t('links.noTasks', { name })}</p>}
      <TaskChoices tasks={own} left={form.left} onToggle={form.toggle} />
      <div className="dialog-actions">
        <button type="button" className="button plain" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button
          type="button"
          className="button main"
          disabled={chosen.length === 0 || isSending}
          onClick={() => void send(chosen.map(({ id }) => id)).then((link) => link && onIssued(link))}
        >
          {t('links.create', { count: Math.max(1, chosen.length) })}
        </button>
      </div>
    </section>
  );
}

function TaskChoices({
  tasks,
  left,
  onToggle,
}: {
  tasks: ReturnType<typeof linkable>;
  left: ReadonlySet<number>;
  onToggle: (id: number) => void;
}) {
  const days = useDays();
  return (
    <ul className="link-tasks">
      {tasks.map((task) => (
        <li key={task.id}>
          <label className="choice">
            <input type="checkbox" checked={!left.has(task.id)} onChange={() => onToggle(task.id)} />
            <bdi className="link-task-title">{task.title}</bdi>
            <DueWords task={task} days={days} />
            <StatusTrack status={task.status} />
          </label>
        </li>
      ))}
    </ul>
  );
}

/** All of the employee's open tasks are chosen, unless the address names some. */
function useLinkForm() {
  const [query] = useSearchParams();
  const feed = useTaskfeed();
  const { toasts } = useEditing();
  const { tasks } = useShown();
  const named = (query.get('tasks') ?? '').split(',').map(Number).filter(Boolean);
  const first = tasks.get(named[0] ?? 0)?.employee_id ?? Number(query.get('employee'));
  const [employeeId, setEmployeeId] = useState<number | null>(first || null);
  const [left, setLeft] = useState<ReadonlySet<number>>(() =>
    named.length === 0
      ? new Set()
      : new Set(
          linkable(tasks.values(), first)
            .map(({ id }) => id)
            .filter((id) => !named.includes(id)),
        ),
  );
  const [days, setDays] = useState(7);
  const [isSending, setSending] = useState(false);
  const send = async (task_ids: number[]): Promise<Issued | undefined> => {
    setSending(true);
    try {
      const body = { employee_id: employeeId, task_ids, expires_in_hours: days * 24 };
      const answer = await feed.request('POST', '/api/confirm/generate', body);
      return readIssued(answer, { employeeId: employeeId ?? 0, count: task_ids.length });
    } catch (error) {
      toasts.show({ tone: 'trouble', key: 'toast.failed', detail: error instanceof Error ? error.message : '' });
      return undefined;
    } finally {
      setSending(false);
    }
  };
  const toggle = (id: number) => setLeft((current) => toggled(current, id));
  return { employeeId, setEmployeeId, left, toggle, days, setDays, send, isSending };
}

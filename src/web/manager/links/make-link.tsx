// A new link: an employee, their tasks, for how long.
import { useTranslation } from 'react-i18next';
import { useDays, useShown } from '../live/live.tsx';
import { DueWords } from '../task/due-words.tsx';
import { RowSelect } from '../task/row-select.tsx';
import { StatusTrack } from '../task/status-track.tsx';
import type { Issued } from './issued-dialog.tsx';
import { mostTasks } from './links.model.ts';
import { type LinkForm, useLinkForm } from './use-link-form.ts';

const lifetimes = [1, 3, 7, 30];

export function MakeLink({ onIssued, onClose }: { onIssued: (link: Issued) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { employees } = useShown();
  const form = useLinkForm();
  const { employeeId, own, chosen } = form;
  const employee = employeeId === null ? undefined : employees.get(employeeId);
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
        <Lifetime {...form} />
      </div>
      {employeeId === null && <p className="soft">{t('links.choose')}</p>}
      {employee && own.length === 0 && <p className="soft">{t('links.noTasks', { name: employee.name })}</p>}
      {own.length > 0 && <TaskChoices {...form} />}
      <div className="dialog-actions">
        <button type="button" className="button plain" onClick={onClose}>
          {t('action.cancel')}
        </button>
        <button
          type="button"
          className="button main"
          disabled={chosen.length === 0 || form.isSending}
          onClick={() => void form.send().then((link) => link && onIssued(link))}
        >
          {t('links.create', { count: Math.max(1, chosen.length) })}
        </button>
      </div>
    </section>
  );
}

function Lifetime({ days, setDays }: Pick<LinkForm, 'days' | 'setDays'>) {
  const { t } = useTranslation();
  return (
    <span className="select">
      <label className="label" htmlFor="link-days">
        {t('links.valid')}
      </label>
      <select id="link-days" className="input" value={days} onChange={(event) => setDays(Number(event.target.value))}>
        {lifetimes.map((count) => (
          <option key={count} value={count}>
            {t('links.days', { count })}
          </option>
        ))}
      </select>
    </span>
  );
}

function TaskChoices({ own, chosen, toggle, chooseAll }: LinkForm) {
  const { t } = useTranslation();
  const days = useDays();
  const ids = new Set(chosen.map(({ id }) => id));
  const isFull = ids.size >= mostTasks;
  const areAll = ids.size === own.length || isFull;
  return (
    <>
      <p className="link-tasks-head">
        <output className="digits">{t('links.chosen', { chosen: ids.size, count: own.length })}</output>
        {own.length > mostTasks && <span className="soft">{t('links.most', { count: mostTasks })}</span>}
        <button type="button" className="button plain" onClick={() => chooseAll(!areAll)}>
          {t(areAll ? 'bulk.clear' : 'links.chooseAll')}
        </button>
      </p>
      <ul className="link-tasks">
        {own.map((task) => (
          <li key={task.id}>
            <label className="choice">
              <input
                type="checkbox"
                checked={ids.has(task.id)}
                disabled={isFull && !ids.has(task.id)}
                onChange={() => toggle(task.id)}
              />
              <bdi className="link-task-title">{task.title}</bdi>
              <DueWords task={task} days={days} />
              <StatusTrack status={task.status} />
            </label>
          </li>
        ))}
      </ul>
    </>
  );
}

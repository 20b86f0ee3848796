// A sheet of paper for each employee, from the filters of the table.
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import type { ListedTask } from '../../../client/index.ts';
import { useFreshness } from '../../../client/react.tsx';
import { type Owner, ownerOf } from '../filters/filters.model.ts';
import { useFound } from '../filters/use-found.ts';
import { useSite, useTimeWords } from '../site/site-context.tsx';
import { byDue } from '../task/order.ts';
import './print.css';

export default function PrintSheets() {
  const { found, filters, days } = useFound();
  const { search } = useLocation();
  const { state } = useFreshness();
  const hasPrinted = useRef(false);
  const sheets = useMemo(() => {
    const open = found.filter(({ status }) => status !== 'completed' || filters.status.length > 0);
    return sheetsOf(open);
  }, [found, filters]);
  useEffect(() => {
    if (state !== 'live' || hasPrinted.current) return;
    hasPrinted.current = true;
    window.print();
  }, [state]);
  return (
    <main className="sheets">
      <PrintBar search={search} isEmpty={sheets.length === 0} />
      {sheets.map(({ id, name, tasks: own }) => (
        <Sheet key={id} name={name} tasks={own} now={days.now} />
      ))}
    </main>
  );
}

/** On the screen only. */
function PrintBar({ search, isEmpty }: { search: string; isEmpty: boolean }) {
  const { t } = useTranslation();
  return (
    <header className="print-bar">
      <h1>{t('table.print')}</h1>
      {isEmpty && <p>{t('print.none')}</p>}
      <Link className="button" to={`/table${search}`}>
        {t('print.back')}
      </Link>
      <button type="button" className="button main" disabled={isEmpty} onClick={() => window.print()}>
        {t('print.again')}
      </button>
    </header>
  );
}

function Sheet({ name, tasks, now }: { name: string | null; tasks: ListedTask[]; now: number }) {
  const { t } = useTranslation();
  const site = useSite();
  const words = useTimeWords();
  const printed = words.full(new Date(now).toISOString());
  return (
    <section className="sheet">
      <header className="sheet-head">
        <h2>{name === null ? t('print.nobody') : t('print.title', { name })}</h2>
        <p>
          {t('today.tasks', { count: tasks.length })} · <bdi>{site.name}</bdi>
        </p>
        <p className="sheet-time">{printed}</p>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('print.done')}</th>
            <th scope="col">{t('field.title')}</th>
            <th scope="col">{t('field.system_name')}</th>
            <th scope="col">{t('field.due_at')}</th>
            <th scope="col">{t('print.remark')}</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <SheetRow key={task.id} task={task} now={now} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function SheetRow({ task, now }: { task: ListedTask; now: number }) {
  const { t } = useTranslation();
  const words = useTimeWords();
  return (
    <tr>
      <td className="tick" />
      <td>
        <bdi className="sheet-title">{task.title}</bdi> <span className="sheet-number">#{task.id}</span>
        {task.priority === 'urgent' && <strong className="sheet-urgent"> {t('priority.urgent')}</strong>}
        {task.description && <p dir="auto">{task.description}</p>}
        {task.review_note && (
          <p dir="auto">
            {t('field.review_note')}: {task.review_note}
          </p>
        )}
      </td>
      <td>
        <bdi>{task.system_name}</bdi>
      </td>
      <td>{words.moment(task.due_at, now)}</td>
      <td className="sheet-remark" />
    </tr>
  );
}

interface SheetOf {
  id: Owner;
  name: string | null;
  tasks: ListedTask[];
}

/** By employee, not by name: two may have the same. */
function sheetsOf(tasks: ListedTask[]): SheetOf[] {
  const sheets = new Map<Owner, SheetOf>();
  for (const task of [...tasks].sort(byDue)) {
    const id = ownerOf(task.employee_id);
    const sheet = sheets.get(id) ?? { id, name: task.employee_name, tasks: [] };
    sheets.set(id, sheet);
    sheet.tasks.push(task);
  }
  return [...sheets.values()].sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
}

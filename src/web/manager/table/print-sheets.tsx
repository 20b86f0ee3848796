// A sheet of paper for each employee, from the filters of the table.
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import { useFreshness } from '../../../client/react.tsx';
import { useFound } from '../filters/use-found.ts';
import { useSite, useTimeWords } from '../site/site-context.tsx';
import { byDue } from '../task/order.ts';
import './print.css';

export default function PrintSheets() {
  const { t } = useTranslation();
  const { found, filters, days } = useFound();
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
      <h1 className="sr-only">{t('table.print')}</h1>
      {sheets.map(({ name, tasks: own }) => (
        <Sheet key={name ?? ''} name={name ?? t('value.nobody')} tasks={own} now={days.now} />
      ))}
    </main>
  );
}

function Sheet({ name, tasks, now }: { name: string; tasks: ListedTask[]; now: number }) {
  const { t } = useTranslation();
  const site = useSite();
  const words = useTimeWords();
  return (
    <section className="sheet">
      <h2>{t('print.title', { name })}</h2>
      <p>{t('print.at', { site: site.name, time: words.moment(new Date(now).toISOString(), now) })}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('print.done')}</th>
            <th scope="col">{t('field.title')}</th>
            <th scope="col">{t('field.system_name')}</th>
            <th scope="col">{t('field.due_at')}</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <tr key={task.id}>
              <td className="tick" />
              <td>
                <strong dir="auto">{task.title}</strong>
                {task.priority === 'urgent' && <em> {t('priority.urgent')}</em>}
                {task.description && <p dir="auto">{task.description}</p>}
              </td>
              <td>{task.system_name}</td>
              <td>{words.moment(task.due_at, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function sheetsOf(tasks: ListedTask[]): { name: string | null; tasks: ListedTask[] }[] {
  const sheets = new Map<string | null, ListedTask[]>();
  for (const task of [...tasks].sort(byDue)) {
    const sheet = sheets.get(task.employee_name) ?? [];
    sheets.set(task.employee_name, sheet);
    sheet.push(task);
  }
  return [...sheets]
    .map(([name, own]) => ({ name, tasks: own }))
    .sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
}

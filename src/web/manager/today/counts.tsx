// Counts that move by themselves; each leads to its tasks.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type Filters, noFilters, writeFilters } from '../filters/filters.model.ts';
import { useNumber } from '../words/use-number.ts';
import type { TodayView } from './today.model.ts';

const counts: { key: keyof TodayView['counts']; filters: Partial<Filters> }[] = [
  { key: 'overdue', filters: { due: ['overdue'] } },
  { key: 'approval', filters: { status: ['pending_approval'] } },
  { key: 'dueToday', filters: { due: ['today'] } },
  { key: 'inProgress', filters: { status: ['in_progress'] } },
  { key: 'unassigned', filters: { employee: ['none'] } },
  { key: 'doneToday', filters: { status: ['completed'] } },
];

const tones: Partial<Record<keyof TodayView['counts'], string>> = { overdue: 'alarm', approval: 'amber' };

export function Counts({ counts: values }: Pick<TodayView, 'counts'>) {
  const { t } = useTranslation();
  const number = useNumber();
  return (
    <ul className="counts">
      {counts.map(({ key, filters }) => (
        <li key={key}>
          <Link to={`/table?${writeFilters(new URLSearchParams(), { ...noFilters, ...filters })}`} data-count={key}>
            <span className="count" data-tone={values[key] === 0 ? 'quiet' : tones[key]}>
              {number(values[key])}
            </span>
            <span className="count-name">{t(`today.${key}`, { count: values[key] })}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

// The current view, to take away: as CSV, or as a sheet for each employee.
import { IconDownload, IconPrinter, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import type { ListedTask } from '../../../client/index.ts';
import { DeletedDialog } from '../deleted/deleted-list.tsx';
import { useSite } from '../site/site-context.tsx';
import { parseTime } from '../times/days.ts';
import { toWallText } from '../times/zone.ts';
import { type CsvColumn, csvOf } from './table.model.ts';

export function TableActions({ tasks }: { tasks: readonly ListedTask[] }) {
  const { t } = useTranslation();
  const { search } = useLocation();
  const site = useSite();
  const columns = useCsvColumns();
  const [isDeletedOpen, setDeletedOpen] = useState(false);
  const download = () => {
    const file = new Blob([csvOf(tasks, columns)], { type: 'text/csv;charset=utf-8' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = `${site.name.replace(/[^\p{L}\p{N}]+/gu, '-')}-${toWallText(Date.now(), site.timezone).slice(0, 10)}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <>
      <button type="button" className="button plain" onClick={() => setDeletedOpen(true)}>
        <IconTrash size={16} aria-hidden="true" />
        <span className="wide-word">{t('deleted.open')}</span>
      </button>
      <DeletedDialog isOpen={isDeletedOpen} onClose={() => setDeletedOpen(false)} />
      <button type="button" className="button" onClick={download} disabled={tasks.length === 0}>
        <IconDownload size={16} aria-hidden="true" />
        <span className="wide-word">{t('table.csv')}</span>
      </button>
      <Link className="button" to={`/print${search}`}>
        <IconPrinter size={16} aria-hidden="true" />
        <span className="wide-word">{t('table.print')}</span>
      </Link>
    </>
  );
}

function useCsvColumns(): CsvColumn[] {
  const { t } = useTranslation();
  const { timezone } = useSite();
  const time = (text: string | null) => {
    const ms = parseTime(text);
    return ms === undefined ? text : toWallText(ms, timezone).replace('T', ' ');
  };
  return [
    { title: t('table.number'), value: ({ id }) => id },
    { title: t('field.title'), value: ({ title }) => title },
    { title: t('field.status'), value: ({ status }) => t(`status.${status}`) },
    { title: t('field.priority'), value: ({ priority }) => t(`priority.${priority}`) },
    { title: t('field.employee_name'), value: ({ employee_name }) => employee_name },
    { title: t('field.system_name'), value: ({ system_name }) => system_name },
    { title: t('field.due_at'), value: ({ due_at }) => time(due_at) },
    { title: t('field.description'), value: ({ description }) => description },
    { title: t('field.note'), value: ({ note }) => note },
    { title: t('field.review_note'), value: ({ review_note }) => review_note },
    { title: t('field.completed_at'), value: ({ completed_at }) => time(completed_at) },
  ];
}

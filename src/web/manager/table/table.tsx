// All tasks in rows: sorted, filtered, chosen. Only the rows in sight are drawn.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { CreatePanel, useCreatePanel } from '../create/create-panel.tsx';
import { BulkBar } from '../edit/bulk-bar.tsx';
import { FilterBar } from '../filters/filter-bar.tsx';
import { useFound } from '../filters/use-found.ts';
import { useShown } from '../live/live.tsx';
import { NewTaskButton, ScreenHead } from '../shell/screen-head.tsx';
import { EmptyTasks } from '../task/empty-tasks.tsx';
import '../task/task.css';
import { TableActions } from './table-actions.tsx';
import './table.css';
import { nextSort, parseSort, type SortField, sortTasks, sortText } from './table.model.ts';
import { TableRows } from './table-rows.tsx';

export default function Table() {
  const { t, i18n } = useTranslation();
  const { tasks } = useShown();
  const { found, days } = useFound();
  const create = useCreatePanel();
  const { sort, onSort } = useSort();
  const sorted = useMemo(() => sortTasks(found, sort, i18n.language), [found, sort, i18n.language]);
  const count =
    found.length === tasks.size
      ? t('table.shown', { count: found.length })
      : t('table.shownOf', { shown: found.length, count: tasks.size });
  return (
    <>
      <ScreenHead title={t('nav.table')} aside={<span className="soft">{count}</span>}>
        <div className="head-actions">
          <TableActions tasks={sorted} />
          <NewTaskButton onClick={create.open} />
        </div>
        <FilterBar />
      </ScreenHead>
      <div className="board-create">
        <CreatePanel {...create} />
      </div>
      {found.length === 0 ? (
        <div className="screen">
          <EmptyTasks />
        </div>
      ) : (
        <TableRows tasks={sorted} days={days} sort={sort} onSort={onSort} />
      )}
      <BulkBar tasks={found} />
    </>
  );
}

function useSort() {
  const [query, setQuery] = useSearchParams();
  const text = query.get('sort');
  const sort = useMemo(() => parseSort(text), [text]);
  const onSort = (field: SortField) => {
    const next = new URLSearchParams(query);
    next.set('sort', sortText(nextSort(sort, field)));
    setQuery(next, { replace: true });
  };
  return { sort, onSort };
}

// The board: a column for each status.
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import type { TaskStatus } from '../../../protocol/task.ts';
import { CreatePanel, useCreatePanel } from '../create/create-panel.tsx';
import { BulkBar } from '../edit/bulk-bar.tsx';
import { useEditing } from '../edit/edit-context.tsx';
import { FilterBar } from '../filters/filter-bar.tsx';
import { useFound } from '../filters/use-found.ts';
import { NewTaskButton, ScreenHead } from '../shell/screen-head.tsx';
import { EmptyTasks } from '../task/empty-tasks.tsx';
import '../task/task.css';
import './board.css';
import { columns, columnsOf, mayMove } from './board.model.ts';
import { Column } from './column.tsx';
import { FoldedColumn } from './folded-column.tsx';
import { useFolding } from './use-folding.ts';

export default function Board() {
  const { t } = useTranslation();
  const { found, filters, days } = useFound();
  const create = useCreatePanel();
  const view = useMemo(() => columnsOf(found), [found]);
  const { move, told } = useMove();
  const wanted = useMemo(
    () => (filters.status.length === 0 ? columns : columns.filter((status) => filters.status.includes(status))),
    [filters.status],
  );
  const { box, folded, fold } = useFolding(wanted);
  const onFold = useCallback((status: TaskStatus) => fold(status, true), [fold]);
  const onOpen = useCallback((status: TaskStatus) => fold(status, false), [fold]);
  return (
    <>
      <ScreenHead title={t('nav.board')}>
        <div className="head-actions">
          <FilterBar isCompact />
          <NewTaskButton onClick={create.open} />
        </div>
      </ScreenHead>
      <div className="board-create">
        <CreatePanel {...create} />
      </div>
      {found.length === 0 ? (
        <div className="screen">
          <EmptyTasks />
        </div>
      ) : (
        <section ref={box} className="board" aria-label={t('board.label')}>
          {wanted.map((status) =>
            folded.has(status) ? (
              <FoldedColumn key={status} status={status} count={view[status].length} onMove={move} onOpen={onOpen} />
            ) : (
              <Column key={status} status={status} tasks={view[status]} days={days} onMove={move} onFold={onFold} />
            ),
          )}
        </section>
      )}
      <p className="sr-only" role="log">
        {told}
      </p>
      <BulkBar tasks={found} />
    </>
  );
}

/** Moves a card, says so, and keeps the keyboard on it. */
function useMove() {
  const { t } = useTranslation();
  const { edits } = useEditing();
  const [told, setTold] = useState('');
  const move = useCallback(
    (task: ListedTask, to: TaskStatus, { keepFocus = false } = {}) => {
      if (task.status === to || !mayMove(task.status, to)) return;
      setTold(t('board.moved', { title: task.title, status: t(`status.${to}`) }));
      void edits.set(task, { status: to });
      if (keepFocus) requestAnimationFrame(() => focusCard(task.id, to));
    },
    [edits, t],
  );
  return { move, told };
}

/** In a folded column there is no card: the column itself takes the focus. */
function focusCard(id: number, column: TaskStatus): void {
  const card = document.querySelector<HTMLElement>(`.card [data-task="${id}"]`);
  (card ?? document.querySelector<HTMLElement>(`.column[data-status="${column}"] .unfold`))?.focus();
}

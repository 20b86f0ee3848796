import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import { useEditing } from '../edit/edit-context.tsx';
import { useNews } from '../live/live.tsx';
import { useSignal } from '../live/signal.ts';
import { useIsPhone } from '../shell/use-is-phone.ts';
import { toggledRange } from '../task/selection.ts';
import type { Days } from '../times/days.ts';
import type { Sort, SortField } from './table.model.ts';
import { TableHead } from './table-head.tsx';
import { TableRow, type TableRowProps } from './table-row.tsx';

export interface TableRowsProps {
  tasks: readonly ListedTask[];
  days: Days;
  sort: Sort;
  onSort: (field: SortField) => void;
}

// As table.css has them.
const rowHeight = { wide: 49, phone: 84 };
const headHeight = 44;

export function TableRows({ tasks, days, sort, onSort }: TableRowsProps) {
  const { t } = useTranslation();
  const { glows } = useNews();
  const { selection } = useEditing();
  const chosen = useSignal(selection);
  const box = useRef<HTMLElement>(null);
  const height = useIsPhone() ? rowHeight.phone : rowHeight.wide;
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => tasks[index]?.id ?? index,
    overscan: 8,
    scrollPaddingStart: headHeight,
    initialRect: { width: 1000, height: 900 },
  });
  // A device that is turned has rows of another height.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is what it is about
  useEffect(() => virtual.measure(), [height]);
  const ids = useMemo(() => tasks.map(({ id }) => id), [tasks]);
  const choose = useChoose(ids);
  const areAllChosen = ids.length > 0 && ids.every((id) => chosen.has(id));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section ref={box} className="table-box" data-windowed tabIndex={0} aria-label={t('table.label')}>
      {/* biome-ignore lint/a11y/useSemanticElements: rows are placed one by one, which no <table> allows */}
      <div className="table" role="table" aria-label={t('table.label')} aria-rowcount={tasks.length + 1}>
        <TableHead
          sort={sort}
          onSort={onSort}
          areAllChosen={areAllChosen}
          onChooseAll={() => selection.set(areAllChosen ? new Set() : new Set(ids))}
        />
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <div role="rowgroup" className="table-body" style={{ blockSize: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const task = tasks[index];
            if (!task) return null;
            return (
              <TableRow
                key={key}
                task={task}
                index={index}
                start={start}
                days={days}
                glow={glows.get(task.id)}
                isChosen={chosen.has(task.id)}
                onChoose={choose}
              />
            );
          })}
        </div>
      </div>
    </section>
  );
}

/** Chooses a row, or with Shift all from the one before to it; always the same function, so that rows need not be drawn anew. */
function useChoose(ids: readonly number[]): TableRowProps['onChoose'] {
  const { selection } = useEditing();
  const shown = useRef(ids);
  const last = useRef<number>(undefined);
  useEffect(() => {
    shown.current = ids;
  });
  return useCallback(
    (id, isRange) => {
      const from = isRange ? last.current : id;
      selection.change((chosen) => toggledRange(chosen, shown.current, { from, to: id }));
      last.current = id;
    },
    [selection],
  );
}

// One column. Only the cards in sight are drawn.

import { IconLayoutSidebarLeftCollapse } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import type { TaskStatus } from '../../../protocol/task.ts';
import { useNews } from '../live/live.tsx';
import { Track } from '../task/status-track.tsx';
import type { Days } from '../times/days.ts';
import { useNumber } from '../words/use-number.ts';
import { Card } from './card.tsx';
import { useDropTarget } from './use-drop-target.ts';

export interface ColumnProps {
  status: TaskStatus;
  tasks: readonly ListedTask[];
  days: Days;
  onMove: (task: ListedTask, to: TaskStatus, options?: { keepFocus?: boolean }) => void;
  onFold: (status: TaskStatus) => void;
}

const cardHeight = 92;
const gap = 8;

export function Column({ status, tasks, days, onMove, onFold }: ColumnProps) {
  const { t } = useTranslation();
  const number = useNumber();
  const { glows } = useNews();
  const list = useRef<HTMLUListElement>(null);
  const { box, isOver } = useDropTarget<HTMLDivElement>(status, onMove);
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => box.current,
    estimateSize: () => cardHeight,
    getItemKey: (index) => tasks[index]?.id ?? index,
    gap,
    overscan: 3,
    initialRect: { width: 260, height: 800 },
  });
  return (
    <section
      className="column"
      data-status={status}
      data-over={isOver || undefined}
      aria-labelledby={`column-${status}`}
    >
      <div className="column-head">
        <Track status={status} />
        <h2
          id={`column-${status}`}
          aria-label={t('board.column', { status: t(`status.${status}`), count: tasks.length })}
        >
          <span className="column-name">{t(`status.${status}`)}</span>
          <span className="group-count digits">{number(tasks.length)}</span>
        </h2>
        <button
          type="button"
          className="fold"
          aria-expanded
          aria-label={t('board.fold', { status: t(`status.${status}`) })}
          title={t('board.fold', { status: t(`status.${status}`) })}
          onClick={() => onFold(status)}
        >
          <IconLayoutSidebarLeftCollapse size={16} className="flips" aria-hidden="true" />
        </button>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields */}
      <div
        ref={box}
        className="column-cards"
        data-windowed
        tabIndex={tasks.length === 0 ? -1 : 0}
        role="group"
        aria-labelledby={`column-${status}`}
      >
        {tasks.length === 0 && <p className="column-empty">{t('board.emptyColumn')}</p>}
        <ul ref={list} style={{ blockSize: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const task = tasks[index];
            if (!task) return null;
            return (
              <li
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className="slot"
                style={{ transform: `translateY(${start}px)` }}
              >
                <Card task={task} days={days} glow={glows.get(task.id)} onMove={onMove} />
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

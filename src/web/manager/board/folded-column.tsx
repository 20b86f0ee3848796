// A column folded to a strip: its name, how much is in it, and still a place to drop a card.
import { IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { TaskStatus } from '../../../protocol/task.ts';
import { useNumber } from '../words/use-number.ts';
import type { ColumnProps } from './column.tsx';
import { useDropTarget } from './use-drop-target.ts';

export interface FoldedColumnProps extends Pick<ColumnProps, 'status' | 'onMove'> {
  count: number;
  onOpen: (status: TaskStatus) => void;
}

export function FoldedColumn({ status, count, onMove, onOpen }: FoldedColumnProps) {
  const { t } = useTranslation();
  const number = useNumber();
  const { box, isOver } = useDropTarget<HTMLButtonElement>(status, onMove);
  const name = t(`status.${status}`);
  return (
    <section className="column" data-status={status} data-folded data-over={isOver || undefined} aria-label={name}>
      <button
        ref={box}
        type="button"
        className="unfold"
        aria-expanded={false}
        aria-label={t('board.unfold', { status: name, count })}
        title={t('board.unfold', { status: name, count })}
        onClick={() => onOpen(status)}
      >
        <IconLayoutSidebarLeftExpand size={16} className="flips" aria-hidden="true" />
        <span className="group-count digits">{number(count)}</span>
        <span className="column-name">{name}</span>
      </button>
    </section>
  );
}

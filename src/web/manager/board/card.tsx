// One task as a card. It can be dragged, moved by Shift and the arrow keys, and by its menu.
import { draggable } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { IconNote, IconPhoto } from '@tabler/icons-react';
import { type KeyboardEvent, memo, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import { useEditing } from '../edit/edit-context.tsx';
import type { Glow } from '../live/news.ts';
import { useSignal } from '../live/signal.ts';
import { DueWords } from '../task/due-words.tsx';
import { GlowName, glowTurn } from '../task/glow.tsx';
import { Person } from '../task/person.tsx';
import { TaskLink } from '../task/task-link.tsx';
import type { Days } from '../times/days.ts';
import { nextColumn } from './board.model.ts';
import { CardMenu } from './card-menu.tsx';
import type { ColumnProps } from './column.tsx';
import { carry } from './drag.ts';

export interface CardProps {
  task: ListedTask;
  days: Days;
  glow: Glow | undefined;
  onMove: ColumnProps['onMove'];
}

export const Card = memo(function Card({ task, days, glow, onMove }: CardProps) {
  const { t } = useTranslation();
  const { selection } = useEditing();
  const isChosen = useSignal(selection).has(task.id);
  const { box, isDragged } = useDraggable(task);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.shiftKey || (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft')) return;
    event.preventDefault();
    const isForward = (event.key === 'ArrowRight') === (document.documentElement.dir !== 'rtl');
    const to = nextColumn(task.status, isForward ? 1 : -1);
    if (to) onMove(task, to, { keepFocus: true });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the link inside
    <div
      ref={box}
      className="card"
      data-row="choose"
      data-glow={glowTurn(glow)}
      data-chosen={isChosen || undefined}
      data-dragged={isDragged || undefined}
      onKeyDown={onKeyDown}
    >
      <div className="card-top">
        <TaskLink task={task} />
        <CardMenu task={task} onMove={(to) => onMove(task, to)} />
      </div>
      <p className="card-meta">
        {task.priority === 'urgent' && <span className="priority-urgent">{t('priority.urgent')}</span>}
        {task.system_name && <bdi className="clip">{task.system_name}</bdi>}
        <Extras task={task} />
        <GlowName glow={glow} />
      </p>
      <p className="card-foot">
        <Person name={task.employee_name} />
        <DueWords task={task} days={days} isShort />
      </p>
    </div>
  );
});

function Extras({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  return (
    <span className="extras">
      {task.note && <IconNote size={14} aria-label={t('field.note')} />}
      {task.image_ids.length > 0 && <IconPhoto size={14} aria-label={t('field.image_ids')} />}
    </span>
  );
}

function useDraggable(task: ListedTask) {
  const box = useRef<HTMLDivElement>(null);
  const [isDragged, setDragged] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    return draggable({
      element,
      getInitialData: () => carry(task),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
  }, [task]);
  return { box, isDragged };
}

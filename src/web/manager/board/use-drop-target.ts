// Where a card may be dropped.
import { dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { TaskStatus } from '../../../protocol/task.ts';
import { mayMove } from './board.model.ts';
import type { ColumnProps } from './column.tsx';
import { draggedTask } from './drag.ts';

export function useDropTarget<Box extends HTMLElement>(
  status: TaskStatus,
  onMove: ColumnProps['onMove'],
): { box: RefObject<Box | null>; isOver: boolean } {
  const box = useRef<Box>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    return dropTargetForElements({
      element,
      canDrop: ({ source }) => mayMove(draggedTask(source.data)?.status ?? 'received', status),
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source }) => {
        setOver(false);
        const task = draggedTask(source.data);
        if (task) onMove(task, status);
      },
    });
  }, [status, onMove]);
  return { box, isOver };
}

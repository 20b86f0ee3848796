import { useCallback, useLayoutEffect, useMemo, useState } from 'react';
import type { TaskStatus } from '../../../protocol/task.ts';
import { useIsPhone } from '../shell/use-is-phone.ts';
import { columns as allColumns } from './board.model.ts';
import { type Choices, choicesText, foldedColumns, parseChoices } from './folding.model.ts';

const place = 'board-columns';
const none: ReadonlySet<TaskStatus> = new Set();

export interface Folding {
  /** For the element that the columns must fit into. */
  box: (element: HTMLElement | null) => void;
  folded: ReadonlySet<TaskStatus>;
  /** Folds or opens, and remembers it on this device. */
  fold: (status: TaskStatus, isFolded: boolean) => void;
}

export function useFolding(columns: readonly TaskStatus[]): Folding {
  const { box, width } = useWidth();
  const isPhone = useIsPhone();
  const [choices, setChoices] = useState<Choices>(() => parseChoices(localStorage.getItem(place), allColumns));
  const fold = useCallback((status: TaskStatus, isFolded: boolean) => {
    setChoices((current) => {
      const next: Choices = { ...current, [status]: isFolded ? 'folded' : 'open' };
      localStorage.setItem(place, choicesText(next));
      return next;
    });
  }, []);
  const folded = useMemo(
    () => (isPhone ? none : foldedColumns({ columns, width, choices })),
    [isPhone, columns, width, choices],
  );
  return { box, folded, fold };
}

/** Of what the columns may use: the element without its padding. */
function useWidth() {
  const [element, box] = useState<HTMLElement | null>(null);
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    if (!element) return;
    const measure = () => {
      const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(element);
      setWidth(element.clientWidth - Number.parseFloat(paddingInlineStart) - Number.parseFloat(paddingInlineEnd));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return { box, width };
}

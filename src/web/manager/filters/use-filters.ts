import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { type Filters, parseFilters, writeFilters } from './filters.model.ts';

/** The filters of the address, and how to change them without leaving a trail for every letter of a search. */
export function useFilters(): { filters: Filters; change: (some: Partial<Filters>) => void } {
  const [query, setQuery] = useSearchParams();
  const text = [...query].filter(([name]) => name !== 'task' && name !== 'edit').toString();
  // Opening a task is no change of the filters.
  const filters = useMemo(() => parseFilters(query), [text]);
  const change = useCallback(
    (some: Partial<Filters>) => {
      const current = new URLSearchParams(window.location.search);
      setQuery(writeFilters(current, { ...parseFilters(current), ...some }), { replace: true });
    },
    [setQuery],
  );
  return { filters, change };
}

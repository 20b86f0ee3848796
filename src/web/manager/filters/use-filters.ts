import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { type Filters, parseFilters, writeFilters } from './filters.model.ts';

/** The filters of the address, and how to change them without leaving a trail for every letter of a search. */
export function useFilters(): { filters: Filters; change: (some: Partial<Filters>) => void } {
  const [query, setQuery] = useSearchParams();
  // Opening a task is no change of the filters.
  const rest = new URLSearchParams(query);
  for (const name of ['task', 'edit']) rest.delete(name);
  const text = rest.toString();
  const filters = useMemo(() => parseFilters(new URLSearchParams(text)), [text]);
  const change = useCallback(
    (some: Partial<Filters>) => {
      const current = new URLSearchParams(window.location.search);
      const before = parseFilters(current);
      // "Back" takes back a choice or a whole search, not its last letter.
      const isNextLetter = some.text !== undefined && before.text !== '' && Object.keys(some).length === 1;
      setQuery(writeFilters(current, { ...before, ...some }), { replace: isNextLetter });
    },
    [setQuery],
  );
  return { filters, change };
}

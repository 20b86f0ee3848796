// The open task is in the address, so that "back" closes it and the address can be sent.
import { type MouseEvent, useCallback } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { parseId } from './ids.model.ts';

export function useOpenTask(): (id: number) => void {
  const navigate = useNavigate();
  return useCallback(
    (id: number) => {
      const query = new URLSearchParams(window.location.search);
      query.set('task', String(id));
      void navigate({ search: query.toString() });
    },
    [navigate],
  );
}

/** Id of the task that the address names. */
export function useOpenedTask(): { id: number | undefined; close: () => void } {
  const [query, setQuery] = useSearchParams();
  const close = useCallback(() => {
    const rest = new URLSearchParams(window.location.search);
    rest.delete('task');
    rest.delete('edit');
    setQuery(rest);
  }, [setQuery]);
  return { id: parseId(query.get('task')), close };
}

/** A click that is not meant for another tab or window. */
export function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

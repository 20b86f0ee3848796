// The width below which the style sheets lay a screen out for a phone.
import { useSyncExternalStore } from 'react';

const narrow = matchMedia('(max-width: 48rem)');

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}

export function useIsPhone(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}

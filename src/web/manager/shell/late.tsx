// Parts of the page that are fetched when they are first wanted, and kept from then on, so that they can close in peace.
import { type PropsWithChildren, Suspense, useEffect, useState } from 'react';
import { Guard } from './guard.tsx';

export function Late({ isWanted, children }: PropsWithChildren<{ isWanted: boolean }>) {
  const [wasWanted, setWanted] = useState(isWanted);
  if (isWanted && !wasWanted) setWanted(true);
  if (!wasWanted) return null;
  return (
    <Guard isWanted={isWanted}>
      <Suspense fallback={null}>{children}</Suspense>
    </Guard>
  );
}

/** False at first. What opens after it was there knows where the focus was, and gives it back. */
export function useIsThere(): boolean {
  const [isThere, setThere] = useState(false);
  useEffect(() => setThere(true), []);
  return isThere;
}

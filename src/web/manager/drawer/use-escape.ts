// Escape closes one thing: what lies on top.
import { useEffect, useRef } from 'react';

const layers = '[role="dialog"], [role="menu"]';

export function useEscape(isOpen: boolean, close: () => void): void {
  const newest = useRef(close);
  useEffect(() => {
    newest.current = close;
  });
  useEffect(() => {
    if (!isOpen) return;
    // Before the page has taken away what the same key closes.
    let count = 0;
    const look = () => {
      count = document.querySelectorAll(layers).length;
    };
    const act = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing && count <= 1) newest.current();
    };
    window.addEventListener('keydown', look, { capture: true });
    window.addEventListener('keydown', act);
    return () => {
      window.removeEventListener('keydown', look, { capture: true });
      window.removeEventListener('keydown', act);
    };
  }, [isOpen]);
}

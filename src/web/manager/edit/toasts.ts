// Short messages about what the person at this page has done.
import { Signal } from '../live/signal.ts';

export interface Toast {
  id: number;
  tone: 'done' | 'trouble';
  /** A key of the words, with its values. */
  key: string;
  values?: Record<string, unknown>;
  /** In the server's own words, where it has said more. */
  detail?: string;
  action?: { key: string; run: () => void };
}

const mostAtOnce = 3;
/** Long enough to read one and to reach for "Undo", ms. */
export const shownMs = 8_000;

export class Toasts {
  readonly shown = new Signal<readonly Toast[]>([]);
  #last = 0;

  /** The id to dismiss it by. */
  show(toast: Omit<Toast, 'id'>): number {
    this.#last += 1;
    const id = this.#last;
    this.shown.change((toasts) => [...toasts, { ...toast, id }].slice(-mostAtOnce));
    return id;
  }

  dismiss(id: number): void {
    this.shown.change((toasts) => toasts.filter((toast) => toast.id !== id));
  }
}

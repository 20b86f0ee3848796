// The edits of this page, for every component below.
import { createContext, type PropsWithChildren, useContext } from 'react';
import type { Signal } from '../live/signal.ts';
import type { Edits } from './edits.ts';
import type { Toasts } from './toasts.ts';

export interface Editing {
  edits: Edits;
  toasts: Toasts;
  /** Ids of the tasks that are chosen for what comes next. */
  selection: Signal<ReadonlySet<number>>;
}

const EditContext = createContext<Editing | undefined>(undefined);

export function EditProvider({ editing, children }: PropsWithChildren<{ editing: Editing }>) {
  return <EditContext value={editing}>{children}</EditContext>;
}

export function useEditing(): Editing {
  const editing = useContext(EditContext);
  if (!editing) throw new Error('There is no <EditProvider> above this component.');
  return editing;
}

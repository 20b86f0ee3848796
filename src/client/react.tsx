// React hooks over a client: the package's entry `taskfeed/client/react`. They read through useSyncExternalStore, so a
// render never mixes two moments, and a component renders again only when what it has selected is another thing.
import {
  createContext,
  type PropsWithChildren,
  type ReactElement,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useSyncExternalStore,
} from 'react';
import type { Change } from '../protocol/feed.ts';
import type { Freshness } from './freshness.ts';
import type { Notice, Store } from './store.ts';
import type { Taskfeed } from './taskfeed.ts';
import type { Rows, Topic } from './topics.ts';

const Context = createContext<Taskfeed | undefined>(undefined);

/** Gives a client to the hooks below it, starts it, and stops it in the end. */
export function TaskfeedProvider({ client, children }: PropsWithChildren<{ client: Taskfeed }>): ReactElement {
  useEffect(() => {
    client.start();
    return () => client.stop();
  }, [client]);
  return <Context value={client}>{children}</Context>;
}

/** The client of the provider above. */
export function useTaskfeed(): Taskfeed {
  const client = useContext(Context);
  if (!client) throw new Error('There is no <TaskfeedProvider> above this component.');
  return client;
}

/** What is made of all rows; rendered again when `isEqual` says that it is another thing. */
type Select<Row, T> = (rows: ReadonlyMap<number, Row>) => T;
type IsEqual<T> = (a: T, b: T) => boolean;

export function useTasks<T>(select: Select<Rows['task'], T>, isEqual: IsEqual<T> = Object.is): T {
  return useSelection(useTaskfeed().tasks, select, isEqual);
}

export function useSystems<T>(select: Select<Rows['system'], T>, isEqual: IsEqual<T> = Object.is): T {
  return useSelection(useTaskfeed().systems, select, isEqual);
}

export function useEmployees<T>(select: Select<Rows['employee'], T>, isEqual: IsEqual<T> = Object.is): T {
  return useSelection(useTaskfeed().employees, select, isEqual);
}

export function useLinks<T>(select: Select<Rows['link'], T>, isEqual: IsEqual<T> = Object.is): T {
  return useSelection(useTaskfeed().links, select, isEqual);
}

/** One task; renders again only when that task changes. */
export function useTask(id: number): Rows['task'] | undefined {
  return useRow(useTaskfeed().tasks, id);
}

export function useSystem(id: number): Rows['system'] | undefined {
  return useRow(useTaskfeed().systems, id);
}

export function useEmployee(id: number): Rows['employee'] | undefined {
  return useRow(useTaskfeed().employees, id);
}

export function useFreshness(): Freshness {
  const { freshness } = useTaskfeed();
  return useSyncExternalStore(freshness.subscribe, freshness.get, freshness.get);
}

type NoticeOf = { [T in Topic]: { topic: T } & Notice<Rows[T], Change> }[Topic];

/** Calls `handler` after every notice of every topic, while the component is mounted; always the newest handler. */
export function useNotices(handler: (notice: NoticeOf) => void): void {
  const { tasks, systems, employees, links } = useTaskfeed();
  const newest = useRef(handler);
  useEffect(() => {
    newest.current = handler;
  });
  useEffect(() => {
    const stops = [
      tasks.subscribe((notice) => newest.current({ topic: 'task', ...notice })),
      systems.subscribe((notice) => newest.current({ topic: 'system', ...notice })),
      employees.subscribe((notice) => newest.current({ topic: 'employee', ...notice })),
      links.subscribe((notice) => newest.current({ topic: 'link', ...notice })),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [tasks, systems, employees, links]);
}

function useRow<Row>(store: Store<Row, Change>, id: number): Row | undefined {
  const subscribe = useCallback((listener: () => void) => store.subscribeRow(id, listener), [store, id]);
  const get = () => store.get(id);
  return useSyncExternalStore(subscribe, get, get);
}

function useSelection<Row, T>(store: Store<Row, Change>, select: Select<Row, T>, isEqual: IsEqual<T>): T {
  const last = useRef<{ rows: ReadonlyMap<number, Row>; select: Select<Row, T>; value: T } | undefined>(undefined);
  const get = () => {
    const { rows } = store;
    const known = last.current;
    if (known?.rows === rows && known.select === select) return known.value;
    const selected = select(rows);
    const value = known && isEqual(known.value, selected) ? known.value : selected;
    last.current = { rows, select, value };
    return value;
  };
  const subscribe = useCallback((listener: () => void) => subscribeByFrame(store, listener), [store]);
  return useSyncExternalStore(subscribe, get, get);
}

// What is selected from all rows costs most, so batches that come within one frame are looked at once, right before it is
// painted. Not so what the user has done, nor anything in a page that paints no frames.
function subscribeByFrame<Row>(store: Store<Row, Change>, listener: () => void): () => void {
  let frame: number | undefined;
  const tell = () => {
    frame = undefined;
    listener();
  };
  const stop = store.subscribe(({ kind }) => {
    const isPainted = typeof document !== 'undefined' && document.visibilityState === 'visible';
    if (kind === 'batch' && isPainted) frame ??= requestAnimationFrame(tell);
    else listener();
  });
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    stop();
  };
}

// Wires the feed's client to React: the calm view of the stores, the news, and the clock that moves cards by itself.
import {
  createContext,
  type PropsWithChildren,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Taskfeed } from '../../../client/index.ts';
import { useSite } from '../site/site-context.tsx';
import { type Days, daysAt, nextMoveAt } from '../times/days.ts';
import type { Calm, Shown } from './calm.ts';
import type { News, NewsView } from './news.ts';

export interface Live {
  feed: Taskfeed;
  calm: Calm;
  news: News;
}

const LiveContext = createContext<Live | undefined>(undefined);
const DaysContext = createContext<Days | undefined>(undefined);

export function LiveProvider({ live, children }: PropsWithChildren<{ live: Live }>) {
  const { news } = live;
  useEffect(() => {
    const look = () => (document.visibilityState === 'hidden' ? news.leave() : news.comeBack());
    document.addEventListener('visibilitychange', look);
    const timer = setInterval(() => news.tick(), 1_000);
    return () => {
      document.removeEventListener('visibilitychange', look);
      clearInterval(timer);
    };
  }, [news]);
  return (
    <LiveContext value={live}>
      <Clock>{children}</Clock>
    </LiveContext>
  );
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('There is no <LiveProvider> above this component.');
  return live;
}

export function useShown(): Shown {
  const { calm } = useLive();
  return useSyncExternalStore(calm.subscribe, calm.get);
}

export function useNews(): NewsView {
  const { news } = useLive();
  return useSyncExternalStore(news.subscribe, news.get);
}

/** The site's days as of now; another object when the clock moves a task, and every few seconds for words like "3 min ago". */
export function useDays(): Days {
  const days = useContext(DaysContext);
  if (!days) throw new Error('There is no <LiveProvider> above this component.');
  return days;
}

/** Times in words grow old this slowly, ms. */
const wordsAgeMs = 15_000;

// A machine that slept finds its clock far ahead at the next tick, which comes within a second of waking up.
function Clock({ children }: PropsWithChildren) {
  const { feed } = useLive();
  const { timezone } = useSite();
  const { tasks } = useShown();
  const [now, setNow] = useState(() => feed.serverNow());
  const days = useMemo(() => daysAt(now, timezone), [now, timezone]);
  const move = useMemo(() => nextMoveAt(tasks.values(), days), [tasks, days]);
  const tick = useCallback(() => {
    const current = feed.serverNow();
    if (current >= move || Math.abs(current - now) >= wordsAgeMs) setNow(current);
  }, [feed, move, now]);
  useEffect(() => {
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [tick]);
  return <DaysContext value={days}>{children}</DaysContext>;
}

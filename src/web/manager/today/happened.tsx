// What just happened: the news that came live, then what the journal tells of before the page was opened.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import type { ToldChange } from '../../../protocol/task.ts';
import { useNews } from '../live/live.tsx';
import { mostNews } from '../live/news.ts';
import { type Entry, groupNews } from './news-groups.model.ts';
import { NewsList } from './news-list.tsx';

const shown = 15;
/** Asked for: one hand may have done many of them. */
const asked = 200;

export function Happened() {
  const { t } = useTranslation();
  const { items } = useNews();
  const earlier = useEarlier();
  const entries = useMemo<Entry[]>(() => {
    // What came live and was in the journal already is told once; a live line may stand for several changes.
    const toldLive = new Set(items.map(({ change }) => change.seq));
    const before = earlier.filter(({ seq }) => !toldLive.has(seq));
    return [...items.map((live) => ({ live })), ...before.map((told) => ({ told }))];
  }, [items, earlier]);
  const groups = useMemo(
    () => groupNews(entries, { most: shown, isCut: earlier.length === asked || items.length >= mostNews }),
    [entries, earlier, items],
  );
  return (
    <section className="panel happened" aria-labelledby="news-title">
      <h2 id="news-title">{t('today.newsTitle')}</h2>
      {entries.length === 0 && <p className="nothing">{t('today.noNews')}</p>}
      <NewsList groups={groups} />
    </section>
  );
}

const none: ToldChange[] = [];

/** Asked for once: from then on the feed tells. */
function useEarlier(): ToldChange[] {
  const feed = useTaskfeed();
  const { data } = useQuery({
    queryKey: ['earlier'],
    queryFn: () => feed.request('GET', `/api/tasks/changes?limit=${asked}`) as Promise<{ changes: ToldChange[] }>,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  return data?.changes ?? none;
}

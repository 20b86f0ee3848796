// What just happened: the news that came live, then what the journal tells of before the page was opened.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import type { ToldChange } from '../../../protocol/task.ts';
import { HistoryLine } from '../drawer/history.tsx';
import { useNews } from '../live/live.tsx';
import { TaskLink } from '../task/task-link.tsx';
import { NewsList } from './news-list.tsx';

const shown = 25;

export function Happened() {
  const { t } = useTranslation();
  const { items } = useNews();
  const earlier = useEarlier();
  // What came live and was in the journal already is told once; a live line may stand for several changes.
  const toldLive = new Set(items.map(({ change }) => change.seq));
  const before = earlier.filter(({ seq }) => !toldLive.has(seq)).slice(0, Math.max(0, shown - items.length));
  const isQuiet = items.length + before.length === 0;
  return (
    <section className="panel happened" aria-labelledby="news-title">
      <h2 id="news-title">{t('today.newsTitle')}</h2>
      {isQuiet && <p className="nothing">{t('today.noNews')}</p>}
      {items.length > 0 && <NewsList items={items.slice(0, shown)} />}
      {before.length > 0 && (
        <ol className="news">
          {before.map((change) => (
            <HistoryLine key={change.seq} change={change} title={<TaskLink task={change.task} isDecor />} />
          ))}
        </ol>
      )}
    </section>
  );
}

/** Asked for once: from then on the feed tells. */
function useEarlier(): ToldChange[] {
  const feed = useTaskfeed();
  const { data } = useQuery({
    queryKey: ['earlier'],
    queryFn: () => feed.request('GET', `/api/tasks/changes?limit=${shown}`) as Promise<{ changes: ToldChange[] }>,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  return data?.changes ?? [];
}

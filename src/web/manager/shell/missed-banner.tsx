// "What happened since I left": told once, when a person comes back to the page.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive, useNews } from '../live/live.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { groupNews } from '../today/news-groups.model.ts';
import { NewsList } from '../today/news-list.tsx';

const shownAtOnce = 6;

export function MissedBanner() {
  const { t } = useTranslation();
  const { news } = useLive();
  const { missed } = useNews();
  const { clock } = useTimeWords();
  const groups = useMemo(() => {
    const items = missed?.items ?? [];
    const entries = items.map((live) => ({ live }));
    return groupNews(entries, { most: shownAtOnce, isCut: items.length < (missed?.count ?? 0) });
  }, [missed]);
  if (!missed || document.visibilityState === 'hidden') return null;
  const { count, since } = missed;
  const rest = count - groups.reduce((sum, { entries }) => sum + entries.length, 0);
  return (
    <section className="missed" aria-labelledby="missed-title">
      <div className="missed-head">
        <h2 id="missed-title">{t('missed.title', { count, time: clock(since) })}</h2>
        <button type="button" className="button" onClick={() => news.putAway()}>
          {t('missed.seen')}
        </button>
      </div>
      <NewsList groups={groups} />
      {rest > 0 && <p className="soft">{t('missed.more', { count: rest })}</p>}
    </section>
  );
}

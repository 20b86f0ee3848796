// "What happened since I left": told once, when a person comes back to the page.
import { useTranslation } from 'react-i18next';
import { useLive, useNews } from '../live/live.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { NewsList } from '../today/news-list.tsx';

const shownAtOnce = 6;

export function MissedBanner() {
  const { t } = useTranslation();
  const { news } = useLive();
  const { missed } = useNews();
  const { clock } = useTimeWords();
  if (!missed || document.visibilityState === 'hidden') return null;
  const { count, since, items } = missed;
  const rest = count - Math.min(items.length, shownAtOnce);
  return (
    <section className="missed" aria-labelledby="missed-title">
      <div className="missed-head">
        <h2 id="missed-title">{t('missed.title', { count, time: clock(since) })}</h2>
        <button type="button" className="button" onClick={() => news.putAway()}>
          {t('missed.seen')}
        </button>
      </div>
      <NewsList items={items.slice(0, shownAtOnce)} />
      {rest > 0 && <p className="soft">{t('missed.more', { count: rest })}</p>}
    </section>
  );
}

// A change in words: "Status: sent → completed".
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewsItem } from '../live/news.ts';
import { useTimeWords } from '../site/site-context.tsx';
import { actorText, byText, type Part, partsOf, type Words } from './told.model.ts';

export function useToldWords(now: number): Words {
  const { t } = useTranslation();
  const times = useTimeWords();
  return useMemo(
    () => ({
      status: (value) => t(`status.${String(value)}`, { defaultValue: String(value) }),
      priority: (value) => t(`priority.${String(value)}`, { defaultValue: String(value) }),
      moment: (value) => times.moment(value, now),
      none: t('value.none'),
      unknown: t('value.unknown'),
      yes: t('value.yes'),
      no: t('value.no'),
    }),
    [t, times, now],
  );
}

export function Parts({ parts }: { parts: readonly Part[] }) {
  const { t } = useTranslation();
  return parts.map(({ field, from, to }) => {
    const name = t(`field.${field}`);
    if (from === undefined)
      return (
        <span key={field} className="part">
          {t('told.changed', { field: name })}
        </span>
      );
    return (
      <span key={field} className="part">
        {name}: <bdi className="old">{from}</bdi> <span className="arrow">→</span> <bdi className="new">{to}</bdi>
      </span>
    );
  });
}

export function ToldItem({ item, now }: { item: NewsItem; now: number }) {
  const { t } = useTranslation();
  const words = useToldWords(now);
  if (item.kind !== 'updated') return <span className="part">{t(`told.${item.kind}`)}</span>;
  const parts = partsOf(item.change, item.row, words);
  return parts.length > 0 ? <Parts parts={parts} /> : <span className="part">{t('told.updated')}</span>;
}

type Actor = { actor: string; actor_name: string | null };

/** Says who it was. */
export function useActor(): (change: Actor) => string {
  const { t } = useTranslation();
  return (change) => actorText(change, (key, values) => t(key, values ?? {}));
}

/** Says by whom it was done. */
export function useBy(): (change: Actor) => string {
  const { t } = useTranslation();
  return (change) => byText(change, (key, values) => t(key, values ?? {}));
}

// A change in words: "Status: sent → completed".
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useTimeWords } from '../site/site-context.tsx';
import { actorText, byText, type Part, type Words } from './told.model.ts';

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
    if (to === undefined)
      return (
        <span key={field} className="part">
          {t('told.changed', { field: name })}
        </span>
      );
    return (
      <span key={field} className="part">
        {name}: {from !== undefined && <bdi className="old">{from}</bdi>} <span className="arrow">→</span>{' '}
        <bdi className="new">{to}</bdi>
      </span>
    );
  });
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

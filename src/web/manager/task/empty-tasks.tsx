// Nothing to see: why, and what to do about it.
import { useTranslation } from 'react-i18next';
import { useFreshness } from '../../../client/react.tsx';
import { isFiltered, noFilters } from '../filters/filters.model.ts';
import { useFilters } from '../filters/use-filters.ts';
import { useShown } from '../live/live.tsx';
import { FirstSteps } from './first-steps.tsx';

export function EmptyTasks() {
  const { t } = useTranslation();
  const { tasks, links } = useShown();
  const { filters, change } = useFilters();
  const { state, since } = useFreshness();
  if (state === 'connecting') return <p className="soft">{t('app.loading')}</p>;
  // Nothing was ever loaded: nobody knows whether there are tasks, and the banner says why.
  if (state !== 'live' && since === undefined) return null;
  if (tasks.size > 0 && isFiltered(filters)) {
    return (
      <div className="empty">
        <h2>{t('empty.filteredTitle')}</h2>
        <p className="soft">{t('empty.filteredText')}</p>
        <button type="button" className="button" onClick={() => change(noFilters)}>
          {t('empty.clear')}
        </button>
      </div>
    );
  }
  if (links.size === 0) return <FirstSteps />;
  return (
    <div className="empty">
      <h2>{t('empty.noneTitle')}</h2>
      <p className="soft">{t('empty.noneText')}</p>
      <pre>
        <code>insert into tasks (title) values ('Check the pump');</code>
      </pre>
    </div>
  );
}

// Who changed what, from → to, newest first.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import type { TaskChange } from '../../../protocol/task.ts';
import { shownValue } from '../edit/patch.model.ts';
import { useDays, useShown } from '../live/live.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { Parts, useBy, useToldWords } from '../task/told.tsx';
import { historyParts, type TaskHistory } from './history.model.ts';

/** `version` makes it be asked for again when the task has changed. */
export function History({ id, version }: { id: number; version: string }) {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { data } = useQuery({
    queryKey: ['history', id, version],
    queryFn: () => feed.request('GET', `/api/tasks/${id}/history?limit=100`) as Promise<TaskHistory>,
    placeholderData: (previous, query) => (query?.queryKey[1] === id ? previous : undefined),
  });
  return (
    <section className="drawer-section" aria-labelledby="history-title">
      <h3 id="history-title">{t('task.history')}</h3>
      {data?.changes.length === 0 && <p className="soft">{t('task.noHistory')}</p>}
      <ol className="history">
        {data?.changes.map((change) => (
          <HistoryLine key={change.seq} change={change} />
        ))}
      </ol>
      {data?.next && <p className="soft">{t('task.historySince')}</p>}
    </section>
  );
}

function HistoryLine({ change }: { change: TaskChange }) {
  const { t } = useTranslation();
  const { now } = useDays();
  const shown = useShown();
  const words = useToldWords(now);
  const times = useTimeWords();
  const by = useBy();
  const parts = historyParts(change, words, (field, value) => shownValue(field, value, shown));
  const verb = { insert: 'created', update: 'updated', delete: 'deleted' }[change.op];
  return (
    <li data-op={change.op} data-status={String(change.fields['status']?.to ?? '')}>
      <span className="history-what">
        {change.op === 'update' && parts.length > 0 ? <Parts parts={parts} /> : t(`told.${verb}`)}
      </span>
      <span className="news-by">
        <bdi>{by(change)}</bdi>
        <time dateTime={change.at} title={times.full(change.at)}>
          {times.ago(change.at, now)}
        </time>
      </span>
    </li>
  );
}

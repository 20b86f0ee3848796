// What has just happened, and by whom.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { historyParts } from '../drawer/history.model.ts';
import { shownValue } from '../edit/patch.model.ts';
import { useDays, useShown } from '../live/live.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { TaskLink } from '../task/task-link.tsx';
import { partsOf } from '../task/told.model.ts';
import { Parts, useBy, useToldWords } from '../task/told.tsx';
import './news.css';
import { commonParts, type Entry, type Group } from './news-groups.model.ts';

/** Of a group, the titles that are shown when it is opened. */
const mostTitles = 20;

export function NewsList({ groups }: { groups: readonly Group[] }) {
  return (
    <ol className="news">
      {groups.map((group) => (
        <NewsLine key={group.key} group={group} />
      ))}
    </ol>
  );
}

function NewsLine({ group: { entries, count, isCut } }: { group: Group }) {
  const { t } = useTranslation();
  const [first] = entries;
  if (!first) return null;
  return (
    <li>
      {entries.length > 1 ? (
        <Titles entries={entries} name={t(isCut ? 'today.tasksOrMore' : 'today.tasks', { count })} />
      ) : (
        <Title entry={first} />
      )}
      <What entries={entries} />
      <Who entry={first} />
    </li>
  );
}

function Title({ entry }: { entry: Entry }) {
  if ('told' in entry) return <TaskLink task={entry.told.task} isDecor />;
  if (entry.live.topic === 'task') return <TaskLink task={entry.live.row} isDecor />;
  return (
    <span className="news-name said" dir="auto">
      {entry.live.row.name}
    </span>
  );
}

function Titles({ entries, name }: { entries: readonly Entry[]; name: string }) {
  const { t } = useTranslation();
  return (
    <details className="news-many">
      <summary>{name}</summary>
      <ul>
        {entries.slice(0, mostTitles).map((entry) => (
          <li key={'live' in entry ? entry.live.change.seq : entry.told.seq}>
            <Title entry={entry} />
          </li>
        ))}
      </ul>
      {entries.length > mostTitles && (
        <span className="soft">{t('today.more', { count: entries.length - mostTitles })}</span>
      )}
    </details>
  );
}

function What({ entries }: { entries: readonly Entry[] }) {
  const { t } = useTranslation();
  const { now } = useDays();
  const shown = useShown();
  const words = useToldWords(now);
  const [first] = entries;
  if (!first) return null;
  const own =
    'live' in first
      ? partsOf(first.live.change, first.live.row, words)
      : historyParts(first.told, words, (field, value) => shownValue(field, value, shown));
  const verb = verbOf(first);
  const parts = verb === 'updated' ? commonParts(own, entries) : [];
  const told: ReactNode =
    parts.length > 0 ? <Parts parts={parts} /> : <span className="part">{t(`told.${verb}`)}</span>;
  return <span className="news-told">{told}</span>;
}

function verbOf(entry: Entry): 'created' | 'updated' | 'deleted' {
  if ('live' in entry) return entry.live.kind;
  return ({ insert: 'created', update: 'updated', delete: 'deleted' } as const)[entry.told.op];
}

function Who({ entry }: { entry: Entry }) {
  const { now } = useDays();
  const words = useTimeWords();
  const by = useBy();
  const change = 'live' in entry ? entry.live.change : entry.told;
  const seen = 'live' in entry ? Math.max(now, entry.live.arrivedAt) : now;
  return (
    <span className="news-by">
      <bdi>{by(change)}</bdi>,{' '}
      <time dateTime={change.at} title={words.full(change.at)}>
        {words.ago(change.at, seen)}
      </time>
    </span>
  );
}

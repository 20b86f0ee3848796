// What has just happened, and by whom.
import { useDays } from '../live/live.tsx';
import type { NewsItem } from '../live/news.ts';
import { useTimeWords } from '../site/site-context.tsx';
import { TaskLink } from '../task/task-link.tsx';
import { ToldItem, useBy } from '../task/told.tsx';

export function NewsList({ items }: { items: readonly NewsItem[] }) {
  return (
    <ol className="news">
      {items.map((item) => (
        <NewsLine key={`${item.topic}-${item.row.id}-${item.change.seq}`} item={item} />
      ))}
    </ol>
  );
}

function NewsLine({ item }: { item: NewsItem }) {
  const { now } = useDays();
  const words = useTimeWords();
  const by = useBy();
  const { change } = item;
  return (
    <li>
      {item.topic === 'task' ? (
        <TaskLink task={item.row} isDecor />
      ) : (
        <span className="news-name said" dir="auto">
          {item.row.name}
        </span>
      )}
      <span className="news-told">
        <ToldItem item={item} now={now} />
      </span>
      <span className="news-by">
        <bdi>{by(change)}</bdi>,{' '}
        <time dateTime={change.at} title={words.full(change.at)}>
          {words.ago(change.at, Math.max(now, item.arrivedAt))}
        </time>
      </span>
    </li>
  );
}

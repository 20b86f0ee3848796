// Tells somebody who hears the page that others have changed tasks: politely, and in a storm once in a while how many.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLive, useNews } from '../live/live.tsx';
import { useActor } from '../task/told.tsx';

/** Changes are gathered for this long, ms. */
const gatherMs = 3_000;

export function Announcer() {
  const { t } = useTranslation();
  const actor = useActor();
  const { feed, news } = useLive();
  const { glows } = useNews();
  const [text, setText] = useState('');
  const told = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    const hasNew = [...glows.values()].some(({ turn }) => turn > told.current);
    if (!hasNew || timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const fresh = [...news.get().glows].filter(([, { turn }]) => turn > told.current);
      told.current = Math.max(told.current, ...fresh.map(([, { turn }]) => turn));
      const [first, ...more] = fresh;
      const title = first && feed.tasks.get(first[0])?.title;
      if (first && title !== undefined && more.length === 0) {
        setText(t('told.one', { title, who: actor(first[1].actor) }));
      } else if (fresh.length > 0) setText(t('told.many', { count: fresh.length }));
    }, gatherMs);
  }, [glows, news, feed, t, actor]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <p className="sr-only" role="status" data-announcer>
      {text}
    </p>
  );
}

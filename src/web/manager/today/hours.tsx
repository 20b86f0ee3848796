// Today by the clock: what is due when, and where the day has come to.
import { Fragment, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import { useDays } from '../live/live.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { useNumber } from '../words/use-number.ts';
import { TaskList } from './task-list.tsx';
import { hoursOf } from './today.model.ts';

const most = 8;

export function Hours({ tasks }: { tasks: readonly ListedTask[] }) {
  const { t } = useTranslation();
  const number = useNumber();
  const words = useTimeWords();
  const { now } = useDays();
  const hours = useMemo(() => hoursOf(tasks, words.clock), [tasks, words]);
  const nowAt = hours.findIndex(({ first }) => first > now);
  const mark = (
    <p className="now-mark">
      <time dateTime={new Date(now).toISOString()}>{t('today.nowMark', { time: words.clock(now) })}</time>
    </p>
  );
  return (
    <>
      {hours.map(({ hour, tasks: due }, index) => (
        <Fragment key={hour}>
          {index === nowAt && mark}
          <div className="hour">
            <h3>
              {hour}:00 <span className="group-count">{number(due.length)}</span>
            </h3>
            <TaskList tasks={due} more={{ due: ['today'] }} most={most} withPerson />
          </div>
        </Fragment>
      ))}
      {nowAt === -1 && mark}
    </>
  );
}

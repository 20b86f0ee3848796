// The first screen: what a day's work looks like right now.
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CreatePanel, useCreatePanel } from '../create/create-panel.tsx';
import { FilterBar } from '../filters/filter-bar.tsx';
import { ownerOf } from '../filters/filters.model.ts';
import { useFound } from '../filters/use-found.ts';
import { NewTaskButton, ScreenHead } from '../shell/screen-head.tsx';
import { EmptyTasks } from '../task/empty-tasks.tsx';
import { FirstSteps } from '../task/first-steps.tsx';
import '../task/task.css';
import { useNumber } from '../words/use-number.ts';
import { Counts } from './counts.tsx';
import { Happened } from './happened.tsx';
import { Hours } from './hours.tsx';
import { TaskList } from './task-list.tsx';
import './due-panel.css';
import './today.css';
import { type TodayView, todayView } from './today.model.ts';

export function Today() {
  const { t } = useTranslation();
  const { found, days } = useFound();
  const create = useCreatePanel();
  const view = useMemo(() => todayView(found, days), [found, days]);
  return (
    <>
      <ScreenHead title={t('nav.today')}>
        <div className="head-actions">
          <FilterBar isCompact />
          <NewTaskButton onClick={create.open} />
        </div>
      </ScreenHead>
      <div className="screen">
        <CreatePanel {...create} />
        {found.length === 0 ? <EmptyTasks /> : <Day view={view} />}
      </div>
    </>
  );
}

function Day({ view }: { view: TodayView }) {
  return (
    <div className="today">
      <div className="today-first">
        <FirstSteps />
      </div>
      <Counts counts={view.counts} />
      <div className="today-main">
        <Approval tasks={view.approval} />
        <Overdue groups={view.overdue} />
        <DuePanel view={view} />
      </div>
      <Happened />
    </div>
  );
}

function Approval({ tasks }: { tasks: TodayView['approval'] }) {
  const { t } = useTranslation();
  const number = useNumber();
  return (
    <section className="panel" aria-labelledby="approval-title">
      <h2 id="approval-title">
        {t('today.approvalTitle')} <span className="group-count">{number(tasks.length)}</span>
      </h2>
      {tasks.length === 0 ? (
        <p className="nothing">{t('today.noApproval')}</p>
      ) : (
        <TaskList tasks={tasks} more={{ status: ['pending_approval'] }} withPerson withApproval />
      )}
    </section>
  );
}

function Overdue({ groups }: { groups: TodayView['overdue'] }) {
  const { t } = useTranslation();
  const number = useNumber();
  const count = groups.reduce((sum, { tasks }) => sum + tasks.length, 0);
  return (
    <section className="panel" aria-labelledby="overdue-title">
      <h2 id="overdue-title" data-alarm={count > 0 || undefined}>
        {t('today.overdueTitle')} <span className="group-count">{number(count)}</span>
      </h2>
      {count === 0 && <p className="nothing">{t('today.noOverdue')}</p>}
      {groups.map(({ age, tasks }) => (
        <div key={age}>
          <h3>
            {t(`today.age_${age}`)} <span className="group-count">{number(tasks.length)}</span>
          </h3>
          <TaskList tasks={tasks} more={{ due: ['overdue'] }} withPerson />
        </div>
      ))}
    </section>
  );
}

/** The more people, the fewer tasks of each: a screen of a hundred lines is read by nobody. */
const mostLines = 90;
const mostPeople = 60;

const ways = ['people', 'hours'] as const;

/** What today holds, by employee or by the hour; the way is remembered on this device. */
function DuePanel({ view: { people, today } }: { view: TodayView }) {
  const { t } = useTranslation();
  const [way, setWay] = useState<string>(() => localStorage.getItem('today-by') ?? 'people');
  const choose = (next: string) => {
    setWay(next);
    localStorage.setItem('today-by', next);
  };
  return (
    <section className="panel" aria-labelledby="people-title">
      <div className="panel-head">
        <h2 id="people-title">{t('today.dueTitle')}</h2>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields */}
        <span className="ways" role="group" aria-label={t('today.dueTitle')}>
          {ways.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={(way === 'hours') === (one === 'hours')}
              onClick={() => choose(one)}
            >
              {t(`today.by_${one}`)}
            </button>
          ))}
        </span>
      </div>
      {today.length === 0 && <p className="nothing">{t('today.noToday')}</p>}
      {today.length > 0 && (way === 'hours' ? <Hours tasks={today} /> : <People people={people} />)}
    </section>
  );
}

function People({ people }: { people: TodayView['people'] }) {
  const { t } = useTranslation();
  const most = Math.min(8, Math.max(1, Math.floor(mostLines / Math.max(1, people.length))));
  return (
    <>
      {people.slice(0, mostPeople).map(({ id, name, tasks, done }) => (
        <div key={ownerOf(id)}>
          <h3>
            <bdi>{name ?? t('value.nobody')}</bdi>{' '}
            <span className="group-count digits">
              {done}/{tasks.length}
            </span>
          </h3>
          <TaskList tasks={tasks} more={{ due: ['today'], employee: [ownerOf(id)] }} most={most} />
        </div>
      ))}
    </>
  );
}

// How changes travel from the database to the screens, in numbers.
import { useTranslation } from 'react-i18next';
import type { FeedReport } from '../../../protocol/feed-report.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { useNumber } from '../words/use-number.ts';
import '../today/today.css';
import { Chart } from './chart.tsx';
import './feed.css';
import { room, useReport } from './use-report.ts';

export default function FeedScreen() {
  const { t } = useTranslation();
  const { report, past } = useReport();
  return (
    <>
      <ScreenHead title={t('feedScreen.title')} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section className="screen feed-screen" tabIndex={0} aria-label={t('feedScreen.title')}>
        {report ? (
          <>
            <States report={report} />
            <Charts report={report} past={past} />
            <Figures report={report} />
          </>
        ) : (
          <p className="nothing">{t('feedScreen.missing')}</p>
        )}
      </section>
    </>
  );
}

function States({ report: { now, health, doorbell, listener } }: { report: FeedReport }) {
  const { t } = useTranslation();
  const since = useSince(now);
  return (
    <div className="states">
      <State
        name={t('feedScreen.health')}
        value={t(`feedScreen.${health}`)}
        detail={t(`feedScreen.${health}Means`)}
        isGood={health === 'live'}
      />
      <State
        name={t('feedScreen.doorbell')}
        value={t(`feedScreen.bell_${doorbell.state}`)}
        detail={since(doorbell.since)}
        isGood={doorbell.state === 'listening'}
      />
      <State
        name={t('feedScreen.state')}
        value={t(`feedScreen.${listener.state}`)}
        detail={`${t(`feedScreen.${listener.state}Means`)}, ${since(listener.since)}`}
        isGood
      />
    </div>
  );
}

function Charts({ report, past }: { report: FeedReport; past: readonly FeedReport[] }) {
  const { t } = useTranslation();
  const number = useNumber();
  const ms = useMs();
  const { latency_ms, events_per_second, clients } = report;
  return (
    <div className="charts">
      <Chart
        name={t('feedScreen.latency')}
        value={ms(latency_ms.p50)}
        detail={
          latency_ms.p50 === null
            ? t('feedScreen.quiet')
            : t('feedScreen.latencyDetail', { most: ms(latency_ms.p95), max: ms(latency_ms.max) })
        }
        points={past.map((one) => one.latency_ms.p50)}
        room={room}
      />
      <Chart
        name={t('feedScreen.rate')}
        value={number(events_per_second.at(-1) ?? 0)}
        detail={t('feedScreen.most', { count: Math.max(0, ...events_per_second) })}
        points={events_per_second}
        room={room}
      />
      <Chart
        name={t('feedScreen.screens')}
        value={number(clients.managers + clients.links)}
        detail={t('feedScreen.screensDetail', { managers: number(clients.managers), links: number(clients.links) })}
        points={past.map((one) => one.clients.managers + one.clients.links)}
        room={room}
      />
    </div>
  );
}

function Figures({ report }: { report: FeedReport }) {
  const { t } = useTranslation();
  const number = useNumber();
  const { journal, replays, clients, changes_total, started_at, now } = report;
  const since = useSince(now)(started_at);
  return (
    <dl className="numbers">
      <Figure name={t('feedScreen.told')} value={number(changes_total)} detail={since} />
      <Figure name={t('feedScreen.backlog')} value={number(journal.backlog)} detail={t('feedScreen.backlogDetail')} />
      <Figure name={t('feedScreen.journal')} value={number(journal.rows)} detail={size(journal.bytes)} />
      <Figure
        name={t('feedScreen.replays')}
        value={number(replays.from_memory + replays.from_journal)}
        detail={t('feedScreen.resets', { count: replays.resets })}
      />
      <Figure name={t('feedScreen.cut')} value={number(clients.cut)} detail={t('feedScreen.cutDetail')} />
    </dl>
  );
}

function State({ name, value, detail, isGood }: { name: string; value: string; detail: string; isGood: boolean }) {
  return (
    <div className="state" data-good={isGood}>
      <span className="label">{name}</span>
      <strong>
        <span className="state-mark" aria-hidden="true" />
        {value}
      </strong>
      <span className="soft">{detail}</span>
    </div>
  );
}

function Figure({ name, value, detail }: { name: string; value: string; detail: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi className="figure digits">{value}</bdi>
        <span className="soft">{detail}</span>
      </dd>
    </div>
  );
}

/** Of today the clock is enough. */
function useSince(now: string): (time: string) => string {
  const { t } = useTranslation();
  const words = useTimeWords();
  return (time) => {
    const moment = words.moment(time, Date.parse(now));
    const isToday = moment.startsWith(t('time.today'));
    return t('feedScreen.since', { time: isToday ? words.clock(Date.parse(time)) : moment });
  };
}

function useMs(): (value: number | null) => string {
  const { t } = useTranslation();
  const number = useNumber();
  return (value) => {
    if (value === null) return '–';
    return t('feedScreen.ms', { value: number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value)) });
  };
}

function size(bytes: number): string {
  const mega = bytes / 1_048_576;
  return mega < 1 ? `${Math.round(bytes / 1024)} kB` : `${mega.toFixed(1)} MB`;
}

// How changes travel from the database to the screens, in numbers.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import { type FeedReport, feedReport } from '../../../protocol/feed-report.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import '../today/today.css';
import './feed.css';
import { RateChart } from './rate-chart.tsx';

const everyMs = 1_000;

export default function FeedScreen() {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { data } = useQuery({
    queryKey: ['feed'],
    queryFn: async () => feedReport.parse(await feed.request('GET', '/api/feed')),
    refetchInterval: everyMs,
    staleTime: 0,
  });
  return (
    <>
      <ScreenHead title={t('feedScreen.title')} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section className="screen feed-screen" tabIndex={0} aria-label={t('feedScreen.title')}>
        <p className="soft">{t('feedScreen.intro')}</p>
        {data ? <Report report={data} /> : <p className="nothing">{t('feedScreen.missing')}</p>}
      </section>
    </>
  );
}

function Report({ report }: { report: FeedReport }) {
  const { t } = useTranslation();
  const words = useTimeWords();
  const { latency_ms, clients, listener, doorbell, health, journal, replays } = report;
  const now = Date.parse(report.now);
  const since = (time: string) => t('feedScreen.since', { time: words.moment(time, now) });
  return (
    <>
      <div className="states">
        <State name={t('feedScreen.health')} value={t(`feedScreen.${health}`)} isGood={health === 'live'} />
        <State
          name={t('feedScreen.doorbell')}
          value={t(`feedScreen.${doorbell.state}`)}
          detail={since(doorbell.since)}
          isGood={doorbell.state === 'listening'}
        />
        <State
          name={t('feedScreen.state')}
          value={t(`feedScreen.${listener.state}`)}
          detail={since(listener.since)}
          isGood
        />
      </div>
      <RateChart perSecond={report.events_per_second} />
      <dl className="numbers">
        <Figure
          name={t('feedScreen.latency')}
          value={`${ms(latency_ms.p50)} · ${ms(latency_ms.p95)} · ${ms(latency_ms.max)}`}
          detail={t('feedScreen.latencyDetail')}
        />
        <Figure name={t('feedScreen.screens')} value={String(clients.managers)} detail={t('feedScreen.managers')} />
        <Figure name={t('feedScreen.phones')} value={String(clients.links)} detail={t('feedScreen.linksOpen')} />
        <Figure name={t('feedScreen.told')} value={number(report.changes_total)} detail={since(report.started_at)} />
        <Figure name={t('feedScreen.backlog')} value={number(journal.backlog)} detail={t('feedScreen.backlogDetail')} />
        <Figure name={t('feedScreen.journal')} value={number(journal.rows)} detail={size(journal.bytes)} />
        <Figure
          name={t('feedScreen.replays')}
          value={number(replays.from_memory + replays.from_journal)}
          detail={t('feedScreen.resets', { count: replays.resets })}
        />
        <Figure name={t('feedScreen.cut')} value={number(clients.cut)} detail={t('feedScreen.cutDetail')} />
      </dl>
    </>
  );
}

function State({ name, value, detail, isGood }: { name: string; value: string; detail?: string; isGood: boolean }) {
  return (
    <div className="state" data-good={isGood}>
      <span className="label">{name}</span>
      <strong>
        <span className="state-mark" aria-hidden="true" />
        {value}
      </strong>
      {detail && <span className="soft">{detail}</span>}
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

function ms(value: number | null): string {
  return value === null ? '–' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function number(value: number): string {
  return value.toLocaleString('en').replaceAll(',', '\u202f');
}

function size(bytes: number): string {
  const mega = bytes / 1_048_576;
  return mega < 1 ? `${Math.round(bytes / 1024)} kB` : `${mega.toFixed(1)} MB`;
}

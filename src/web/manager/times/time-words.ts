// Times as a person reads them, at the site's clock and in the page's language. What PostgreSQL says beyond JavaScript's
// dates (`infinity`, the year 20000, BC) is shown as it came.
import { parseTime } from './days.ts';
import { startOfDay } from './zone.ts';

type Translate = (key: string, values?: Record<string, unknown>) => string;

export interface TimeWords {
  /** 14:02 */
  clock(ms: number): string;
  /** "Today 14:00", "Fri 20 Nov 08:00"; empty for null. */
  moment(time: string | null, now: number): string;
  /** "now", "3 min ago", then the date. */
  ago(time: string, now: number): string;
  /** "3 h late" */
  late(dueMs: number, now: number): string;
  /** Everything, for a tooltip. */
  full(time: string | null): string;
}

const day = 86_400_000;

export function createTimeWords({ locale, zone, t }: { locale: string; zone: string; t: Translate }): TimeWords {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
      hourCycle: 'h23',
      timeZone: zone,
      ...options,
    });
    return (ms: number) => formatter.format(ms);
  };
  const clock = format({ hour: '2-digit', minute: '2-digit' });
  const clockWithSeconds = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const dayOfMonth = format({ weekday: 'short', day: 'numeric', month: 'short' });
  const dayOfYear = format({ day: 'numeric', month: 'short', year: 'numeric' });
  const fullDate = format({ dateStyle: 'full' });

  const date = (ms: number, now: number): string => {
    const days = Math.round((startOfDay(ms, zone) - startOfDay(now, zone)) / day);
    if (days >= -1 && days <= 1) return t(`time.${days === 0 ? 'today' : days === 1 ? 'tomorrow' : 'yesterday'}`);
    return Math.abs(days) < 300 ? dayOfMonth(ms) : dayOfYear(ms);
  };

  return {
    clock,
    moment(time, now) {
      if (time === null) return '';
      const ms = parseTime(time);
      return ms === undefined ? time : `${date(ms, now)} ${clock(ms)}`;
    },
    ago(time, now) {
      const ms = parseTime(time);
      if (ms === undefined) return time;
      const seconds = Math.max(0, Math.round((now - ms) / 1000));
      if (seconds < 10) return t('time.now');
      if (seconds < 60) return t('time.secondsAgo', { count: Math.floor(seconds / 10) * 10 });
      const minutes = Math.round(seconds / 60);
      if (minutes < 60) return t('time.minutesAgo', { count: minutes });
      if (minutes < 12 * 60) return t('time.hoursAgo', { count: Math.round(minutes / 60) });
      return `${date(ms, now)} ${clock(ms)}`;
    },
    late(dueMs, now) {
      const hours = (now - dueMs) / 3_600_000;
      if (hours < 1) return t('time.minutesLate', { count: Math.max(1, Math.floor(hours * 60)) });
      if (hours < 24) return t('time.hoursLate', { count: Math.floor(hours) });
      return t('time.daysLate', { count: Math.floor(hours / 24) });
    },
    full(time) {
      const ms = parseTime(time);
      return ms === undefined ? (time ?? '') : `${fullDate(ms)}, ${clockWithSeconds(ms)} (${zone})`;
    },
  };
}

// Times as a person reads them, in this browser's time zone. What PostgreSQL says beyond JavaScript's dates
// (`infinity`, the year 20000, BC) is shown as it came.

const day = 86_400_000;
const locale = (globalThis.navigator?.languages ?? []).find(isEnglish) ?? 'en-GB';

const format = (options: Intl.DateTimeFormatOptions) => {
  const formatter = new Intl.DateTimeFormat(locale, { hourCycle: 'h23', ...options });
  return (ms: number) => formatter.format(ms);
};
/** 14:02 */
export const clock = format({ hour: '2-digit', minute: '2-digit' });
const dayOfMonth = format({ weekday: 'short', day: 'numeric', month: 'short' });
const dayOfYear = format({ day: 'numeric', month: 'short', year: 'numeric' });
const full = format({ dateStyle: 'full', timeStyle: 'long' });

/** Milliseconds since 1970, or undefined where JavaScript has no such date. */
export function parseTime(time: string | null): number | undefined {
  const ms = time === null ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}

/** "just now", "3 min ago", "5 h ago", then the date. */
export function ago(time: string, now: number): string {
  const ms = parseTime(time);
  if (ms === undefined) return time;
  const minutes = Math.round((now - ms) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.round(minutes / 60)} h ago`;
  return date(ms, now);
}

/** "Today 14:00", "Fri 20 Nov 08:00", "3 Jan 2027 08:00". */
export function moment(time: string | null, now: number): string {
  if (time === null) return '';
  const ms = parseTime(time);
  return ms === undefined ? time : `${date(ms, now)} ${clock(ms)}`;
}

/** How late, once it is: "3 h late", "2 days late". */
export function lateness(dueMs: number, now: number): string {
  const hours = (now - dueMs) / 3_600_000;
  if (hours < 1) return `${Math.max(1, Math.floor(hours * 60))} min late`;
  if (hours < 24) return `${Math.floor(hours)} h late`;
  const days = Math.floor(hours / 24);
  return days === 1 ? '1 day late' : `${days} days late`;
}

/** Everything, for a tooltip. */
export function inFull(time: string): string {
  const ms = parseTime(time);
  return ms === undefined ? time : full(ms);
}

/** The end of the day that `now` is in, ms. */
export function endOfDay(now: number): number {
  return new Date(now).setHours(24, 0, 0, 0);
}

function date(ms: number, now: number): string {
  const days = Math.round((new Date(ms).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / day);
  if (days === 0) return 'Today';
  if (days === 1) return 'Tomorrow';
  if (days === -1) return 'Yesterday';
  return new Date(ms).getFullYear() === new Date(now).getFullYear() ? dayOfMonth(ms) : dayOfYear(ms);
}

// Chromium on Linux may name `en-US@posix`, which Intl refuses by throwing.
function isEnglish(tag: string): boolean {
  try {
    return new Intl.Locale(tag).language === 'en';
  } catch {
    return false;
  }
}

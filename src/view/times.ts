// Times as the site's people read them: in the site's time zone and the page's language. What PostgreSQL says beyond
// JavaScript's dates (`infinity`, the year 20000) is shown as it came.

export interface Times {
  /** 14:02 */
  clock(ms: number): string;
  /** Monday 23 November */
  day(ms: number): string;
  /** "today 14:02", "Friday 20 Nov 08:00" */
  moment(time: string | number): string;
  /** Whether the moment has passed. */
  isPast(time: string): boolean;
}

const dayMs = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

export function timesOf(options: { language: string; timezone: string; now: number }): Times {
  const { now } = options;
  const format = (parts: Intl.DateTimeFormatOptions) => formatterOf(options, parts);
  const clock = (ms: number) => format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
  const day = (ms: number) => format({ weekday: 'long', day: 'numeric', month: 'long' }).format(ms);
  const shortDay = (ms: number) => {
    const isNear = Math.abs(ms - now) < 180 * dayMs;
    return format({ weekday: 'short', day: 'numeric', month: 'short', ...(isNear ? {} : { year: 'numeric' }) }).format(
      ms,
    );
  };
  const dayNumber = (ms: number) => dayNumberOf(ms, options.timezone);
  const moment = (time: string | number) => {
    const ms = typeof time === 'number' ? time : Date.parse(time);
    if (Number.isNaN(ms)) return String(time);
    const days = dayNumber(ms) - dayNumber(now);
    const isRelative = Math.abs(days) <= 1;
    const date = isRelative
      ? new Intl.RelativeTimeFormat(options.language, { numeric: 'auto' }).format(days, 'day')
      : shortDay(ms);
    return `${date} ${clock(ms)}`;
  };
  return { clock, day, moment, isPast: (time) => Date.parse(time) < now };
}

/** Days since 1970 on the calendar of that zone. */
function dayNumberOf(ms: number, timezone: string): number {
  const parts = formatterOf({ language: 'en-CA', timezone }, { year: 'numeric', month: '2-digit', day: '2-digit' });
  return Math.round(Date.parse(`${parts.format(ms)}T00:00:00Z`) / dayMs);
}

// A zone or language that this browser does not know must not take the page away: its own zone is used then.
function formatterOf(
  { language, timezone }: { language: string; timezone: string },
  parts: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${language} ${timezone} ${JSON.stringify(parts)}`;
  const known = formatters.get(key);
  if (known) return known;
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { timeZone: timezone, ...parts });
  } catch {
    made = new Intl.DateTimeFormat('en-GB', parts);
  }
  formatters.set(key, made);
  return made;
}

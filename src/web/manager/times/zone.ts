// Calendar days and wall clocks of the site's time zone. Days of 23 and 25 hours are days like any other. Pure.

const minute = 60_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(zone, made);
  return made;
}

/** What a clock on the site's wall shows at `ms`, as if it were UTC. */
function wallOf(ms: number, zone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(ms)) parts[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute: minutes = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minutes, second);
}

/** The moment at which the wall shows `wall`. An hour that is skipped in spring is taken as the one after it. */
function momentOf(wall: number, zone: string): number {
  const first = wall - (wallOf(wall, zone) - wall);
  const second = first - (wallOf(first, zone) - wall);
  return wallOf(second, zone) === wall ? second : Math.max(first, second);
}

/** The first moment of the day that `ms` is in, or of the day that many days later. */
export function startOfDay(ms: number, zone: string, later = 0): number {
  const wall = new Date(wallOf(ms, zone));
  return momentOf(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate() + later), zone);
}

/** The form of `<input type="datetime-local">`: 2026-11-23T14:00. */
export function toWallText(ms: number, zone: string): string {
  return new Date(wallOf(ms, zone)).toISOString().slice(0, 16);
}

/** The moment that such a text means at the site; undefined for no such text. */
export function fromWallText(text: string, zone: string): number | undefined {
  const wall = Date.parse(`${text.slice(0, 16)}Z`);
  if (!/^\d{4,6}-\d\d-\d\dT\d\d:\d\d/.test(text) || Number.isNaN(wall)) return undefined;
  return Math.round(momentOf(wall, zone) / minute) * minute;
}

// A due time as a person writes it: "tomorrow 14:00", "Monday", "2026-12-01 9:30", "מחר". Pure.
import type { Days } from '../times/days.ts';
import { fromWallText, startOfDay, toWallText } from '../times/zone.ts';
import { dayWords, weekdayWords } from './day-words.ts';

export interface When {
  /** First moment of the day at the site, ms. */
  day?: number;
  /** Minutes after midnight. */
  minutes?: number;
}

export interface Calendar {
  days: Days;
  zone: string;
}

/** What a single word says of the time; undefined where it says nothing. */
export function whenOf(word: string, { days: { now }, zone }: Calendar): When | undefined {
  // In Hebrew "at" and "on" are a letter at the word's beginning.
  const plain = word.toLowerCase().replace(/^[בל][־-]?(?=\d|היום|מחר|יום|שבת|ראשון|שני|שלישי|רביעי|חמישי|שישי)/, '');
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(plain);
  if (clock) return { minutes: Number(clock[1]) * 60 + Number(clock[2]) };
  const later = Object.hasOwn(dayWords, plain) ? dayWords[plain] : undefined;
  if (later !== undefined) return { day: startOfDay(now, zone, later) };
  const weekday = Object.hasOwn(weekdayWords, plain) ? weekdayWords[plain] : undefined;
  if (weekday !== undefined) return { day: nextWeekday(weekday, now, zone) };
  const date = /^\d{4}-\d\d-\d\d$/.test(plain) ? fromWallText(`${plain}T00:00`, zone) : undefined;
  return date === undefined ? undefined : { day: startOfDay(date, zone) };
}

/** The named day after today, up to a week away. */
function nextWeekday(weekday: number, now: number, zone: string): number {
  const today = new Date(`${toWallText(now, zone)}Z`).getUTCDay();
  return startOfDay(now, zone, ((weekday - today + 6) % 7) + 1);
}

const morning = 9 * 60;
const evening = 17 * 60;

/** A time alone is the next such time; a day alone means its morning, today its evening or the end of it. */
export function momentOf({ day, minutes }: When, { days, zone }: Calendar): number | undefined {
  if (day === undefined && minutes === undefined) return undefined;
  if (day === undefined) {
    const today = at(days.today, minutes ?? 0, zone);
    return today > days.now ? today : at(days.tomorrow, minutes ?? 0, zone);
  }
  if (minutes !== undefined) return at(day, minutes, zone);
  if (day !== days.today) return at(day, morning, zone);
  const thisEvening = at(day, evening, zone);
  return thisEvening > days.now ? thisEvening : at(day, 23 * 60 + 59, zone);
}

/** By the clock on the wall, also on days of 23 and 25 hours. */
function at(day: number, minutes: number, zone: string): number {
  const clock = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return fromWallText(`${toWallText(day, zone).slice(0, 10)}T${clock}`, zone) ?? day;
}

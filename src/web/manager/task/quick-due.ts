// Due times that are wanted most, as one choice. Pure.
import type { Days } from '../times/days.ts';
import { startOfDay } from '../times/zone.ts';

const hour = 3_600_000;

export function quickDues({ now }: Days, zone: string): { key: string; at: string | null }[] {
  const at = (days: number, hours: number) => new Date(startOfDay(now, zone, days) + hours * hour).toISOString();
  return [
    { key: 'todayEnd', at: at(0, 17) },
    { key: 'tomorrowMorning', at: at(1, 9) },
    { key: 'nextWeek', at: at(7, 9) },
    { key: 'clear', at: null },
  ];
}

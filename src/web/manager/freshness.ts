// How fresh the page is, in words. Pure.
import type { Freshness } from '../../client/freshness.ts';

export type Level = 'loading' | 'live' | 'delayed' | 'catching-up' | 'stale';

export interface FreshnessWords {
  level: Level;
  label: string;
  /** Why, and what happens next; empty while all is well. */
  detail: string;
}

export function freshnessWords(
  { state, since, code, trouble = '' }: Freshness,
  timeOf: (ms: number) => string,
): FreshnessWords {
  if (state === 'live' && code === 'deaf') return { level: 'delayed', label: 'Delayed', detail: trouble };
  if (state === 'live') return { level: 'live', label: 'Live', detail: '' };
  if (state === 'catching up') return { level: 'catching-up', label: 'Catching up', detail: '' };
  if (state === 'connecting' && code === undefined) return { level: 'loading', label: 'Loading', detail: '' };
  if (since === undefined) return { level: 'stale', label: 'Not loaded', detail: state === 'ended' ? trouble : '' };
  return { level: 'stale', label: `Stale since ${timeOf(since)}`, detail: trouble };
}

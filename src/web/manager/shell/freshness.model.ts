// How fresh the page is, in people's words. Pure.
import type { Freshness } from '../../../client/index.ts';

export interface FreshnessView {
  level: 'loading' | 'live' | 'delayed' | 'catching-up' | 'stale' | 'ended';
  /** Keys of the words under `fresh`. */
  label: 'connecting' | 'live' | 'catchingUp' | 'stale' | 'ended';
  detail: string | undefined;
  /** When the page was last equal to the database, ms. */
  since: number | undefined;
  /** What a person can do about it. */
  action: 'tryNow' | 'signIn' | 'reload' | undefined;
}

const told = new Set([
  'no_connection',
  'silent',
  'behind',
  'asleep',
  'reloading',
  'load_failed',
  'signed_out',
  'unauthenticated',
  'disabled',
  'expired',
]);
const signedOut = new Set(['signed_out', 'unauthenticated', 'expired', 'disabled']);

export function freshnessView({ state, since, code }: Freshness): FreshnessView {
  const detail = code !== undefined && told.has(code) ? code : undefined;
  if (state === 'live') {
    const isDeaf = code === 'deaf';
    return view(isDeaf ? 'delayed' : 'live', 'live', { detail: isDeaf ? 'delayed' : 'liveDetail' });
  }
  if (state === 'catching up') return view('catching-up', 'catchingUp', { detail, since });
  if (state === 'stale') return view('stale', 'stale', { detail, since, action: 'tryNow' });
  if (state === 'connecting') {
    return view('loading', 'connecting', { detail, ...(detail === undefined ? {} : { action: 'tryNow' }) });
  }
  const isOut = code !== undefined && signedOut.has(code);
  return view('ended', 'ended', { detail: detail ?? 'other', since, action: isOut ? 'signIn' : 'reload' });
}

function view(
  level: FreshnessView['level'],
  label: FreshnessView['label'],
  more: { [Name in 'detail' | 'since' | 'action']?: FreshnessView[Name] | undefined },
): FreshnessView {
  return { level, label, detail: more.detail, since: more.since, action: more.action };
}

// How fresh the page is, in words: from the state of its line and the clock. Pure.
import type { ConnectError, FeedEnd, FeedPulse } from '../../protocol/feed.ts';

export interface LineState {
  isConnected: boolean;
  /** feed:ready has come and nothing is missing since. */
  isReady: boolean;
  /** The first connection has led to a feed:ready. */
  hasBeenReady?: boolean;
  /** What the server last said of itself. */
  state: FeedPulse['state'];
  /** The last time the page was known to be equal to the database, ms by this machine's clock. */
  freshAt?: number | undefined;
  /** Why the tasks cannot be loaded. */
  trouble?: string | undefined;
  /** The server will not serve this page any more. */
  ended?: ConnectError['code'] | FeedEnd['code'] | undefined;
}

export type Level = 'loading' | 'live' | 'delayed' | 'catching-up' | 'stale';

export interface Freshness {
  level: Level;
  label: string;
  /** Why, and what happens next; empty while all is well. */
  detail: string;
}

/** A page without a pulse for this long is stale, whatever the transport says, ms. */
export const staleAfterMs = 12_000;

const endings: Record<NonNullable<LineState['ended']>, string> = {
  protocol: 'The server speaks a newer language than this page. Load the page again.',
  origin: 'The server does not accept this address. Open the page at its own address.',
  too_many: 'The server has too many connections.',
  unauthenticated: 'You are signed out. Load the page again.',
  signed_out: 'You are signed out. Load the page again.',
  disabled: 'Your account was disabled.',
  revoked: 'Access was revoked.',
  expired: 'Access has expired.',
  link_unknown: 'Access was refused.',
  link_expired: 'Access has expired.',
  link_revoked: 'Access was revoked.',
  shutdown: 'The server has stopped.',
};

export function freshness(line: LineState, now: number, timeOf: (ms: number) => string): Freshness {
  const { freshAt } = line;
  if (freshAt === undefined) {
    if (line.trouble !== undefined) return { level: 'stale', label: 'Not loaded', detail: '' };
    return { level: 'loading', label: 'Loading', detail: '' };
  }
  const reason = staleReason(line, now - freshAt);
  if (reason !== undefined) return { level: 'stale', label: `Stale since ${timeOf(freshAt)}`, detail: reason };
  if (!line.isReady) return { level: 'catching-up', label: 'Catching up', detail: '' };
  if (line.state === 'deaf') {
    const detail = 'The server does not hear the database and looks by itself; changes come a little later.';
    return { level: 'delayed', label: 'Delayed', detail };
  }
  return { level: 'live', label: 'Live', detail: '' };
}

// A clock that is set back makes the age negative until the next pulse; a lost connection is noticed all the same.
function staleReason(line: LineState, ageMs: number): string | undefined {
  if (line.ended) return endings[line.ended];
  const isLate = ageMs > staleAfterMs;
  if (!line.isConnected && (line.hasBeenReady || isLate)) return 'No connection to the server; trying again.';
  if (line.trouble !== undefined) return `${line.trouble} Trying again.`;
  if (line.state === 'behind') return 'The server cannot read the database; it keeps trying.';
  if (isLate) return 'The server has gone silent; waiting for it.';
  return undefined;
}

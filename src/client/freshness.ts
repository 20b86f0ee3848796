// How fresh the stores are, from the state of the line and the clock. Pure. The rule is the server's pulse: whatever the
// transport says, stores that have heard none for 12 s are stale.
import { compareAsOf } from '../protocol/cursor.ts';
import { type Line, type Moment, staleAfterMs } from './line-state.ts';
import { hasJumped } from './line-step.ts';
import { offsetOf } from './server-clock.ts';

export type FreshnessState = 'connecting' | 'live' | 'catching up' | 'stale' | 'ended';

export interface Freshness {
  /**
   * `connecting`: nothing has been shown yet. `live`: equal to the database as of a moment ago. `catching up`: was so
   * within the last 12 s, and is being brought up to now. `stale`: was so at `since`, no more is known. `ended`: will not
   * change any more.
   */
  state: FreshnessState;
  /** When the stores were last known to equal the database, ms by the server's clock; not while `live`. */
  since?: number;
  /** Why, in English; absent where there is nothing to say. */
  trouble?: string;
  /**
   * The same for programs: `no_connection`, `silent`, `behind`, `asleep`, `reloading`, a code of the request that failed;
   * `deaf` while live (changes come a little later); the code of the end.
   */
  code?: string;
}

const words: Record<string, string> = {
  no_connection: 'No connection to the server; trying again.',
  silent: 'The server has gone silent; asking it.',
  behind: 'The server cannot read the database; trying again.',
  asleep: 'This machine has slept; asking the server.',
  reloading: 'Everything is being loaded again.',
  deaf: 'The server looks for changes by itself; they come a little later.',
  protocol: 'The server speaks another version than this client.',
  origin: 'The server does not accept this address.',
  too_many: 'The server has too many connections.',
  unauthenticated: 'Not signed in.',
  signed_out: 'Signed out.',
  disabled: 'The account was disabled.',
  revoked: 'Access was revoked.',
  expired: 'Access has expired.',
  link_unknown: 'There is no such link.',
  link_expired: 'The link has expired.',
  link_revoked: 'The link was revoked.',
  stopped: 'Stopped.',
};

export function freshnessOf(line: Line, at: Moment): Freshness {
  const { phase, endCode, isShown } = line;
  if (phase === 'ended') return tell('ended', line, endCode);
  if (phase === 'idle') return line.run === 0 ? { state: 'connecting' } : tell('ended', line, 'stopped');
  if (!isShown) return tell('connecting', line, codeOf(line));
  const reason = staleReason(line, at);
  if (reason !== undefined) return tell('stale', line, reason);
  if (phase !== 'live' || isAhead(line) || line.freshAt === undefined) return tell('catching up', line, codeOf(line));
  return line.server === 'deaf' ? { state: 'live', code: 'deaf', ...troubleOf('deaf') } : { state: 'live' };
}

function staleReason(line: Line, at: Moment): string | undefined {
  if (line.phase === 'waiting' || line.phase === 'connecting') return 'no_connection';
  if (line.isSuspect || hasJumped(line, at)) return 'asleep';
  if (line.trouble !== undefined) return codeOf(line);
  if (line.phase === 'live' && line.server === 'behind') return 'behind';
  // The first pulse comes right behind the first feed:ready.
  const isLate = at.steady - (line.freshAt ?? line.startedAt ?? at.steady) > staleAfterMs;
  if (isLate) return line.phase === 'loading' ? 'reloading' : 'silent';
  return undefined;
}

// Some pages of the snapshot are of a later moment than what has been told.
function isAhead({ place, horizon }: Line): boolean {
  return place !== undefined && horizon !== undefined && compareAsOf(place.asOf, horizon) < 0;
}

function codeOf({ phase, trouble, failures }: Line): string | undefined {
  if (trouble !== undefined) return 'load_failed';
  const isTrying = phase === 'waiting' || (phase === 'connecting' && failures > 0);
  return isTrying ? 'no_connection' : undefined;
}

function tell(state: FreshnessState, { trouble, freshServerAt }: Line, code: string | undefined): Freshness {
  return {
    state,
    ...(freshServerAt === undefined ? {} : { since: freshServerAt }),
    ...(code === undefined ? {} : { code }),
    ...(trouble === undefined ? troubleOf(code) : { trouble }),
  };
}

function troubleOf(code: string | undefined): { trouble?: string } {
  const trouble = code === undefined ? undefined : words[code];
  return trouble === undefined ? {} : { trouble };
}

/** ms by the server's clock. */
export function serverNow({ serverClock }: Line, { wall }: Moment): number {
  return wall + offsetOf(serverClock);
}

export function isSameFreshness(a: Freshness, b: Freshness): boolean {
  return a.state === b.state && a.since === b.since && a.trouble === b.trouble && a.code === b.code;
}

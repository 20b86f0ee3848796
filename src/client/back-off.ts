// How long to wait before the next attempt: full jitter, so that a herd spreads over the whole wait. Never longer than 5 s,
// since nobody tells when the server is back; a server that stops asks for more time when it has many clients, and for
// less when it has few.
import { longestSpreadMs } from '../protocol/feed.ts';

const mostMs = 5_000;

/** ms before attempt number `failures` + 1; `chance` is in [0, 1), `firstMs` the longest wait before the first attempt. */
export function backOffMs(failures: number, chance: number, firstMs = 1_000): number {
  const first = Math.min(firstMs, longestSpreadMs);
  return chance * Math.min(Math.max(first, mostMs), first * 2 ** Math.min(failures, 20));
}

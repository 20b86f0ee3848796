// How long to wait before the next attempt: full jitter, so that a herd spreads over the whole wait. Never longer than 5 s,
// since nobody tells when the server is back; what spreads a herd over longer is the server's spread_ms.

/** ms before attempt number `failures` + 1; `chance` is in [0, 1). */
export function backOffMs(failures: number, chance: number, { firstMs = 1_000, mostMs = 5_000 } = {}): number {
  return chance * Math.min(mostMs, firstMs * 2 ** Math.min(failures, 20));
}

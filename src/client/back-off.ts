// How long to wait before the next attempt: full jitter, so that a herd spreads over the whole wait.

/** ms before attempt number `failures` + 1; `chance` is in [0, 1). */
export function backOffMs(failures: number, chance: number, { firstMs = 1_000, mostMs = 15_000 } = {}): number {
  return chance * Math.min(mostMs, firstMs * 2 ** Math.min(failures, 20));
}

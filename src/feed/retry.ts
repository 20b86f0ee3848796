// The one place for "try again": exponential back-off with full jitter and a cap. The caller resets it after the thing
// it wanted has really worked (LISTEN answered, a drain done), not after a mere connect.

export interface BackoffOptions {
  /** Ceiling of the first delay, in ms; it doubles with every attempt. */
  firstMs: number;
  /** Ceiling of all later delays, in ms. */
  capMs: number;
  random?: () => number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Failures since the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The next delay in ms: anywhere between a tenth of the ceiling and the ceiling. */
  next(): number {
    const { firstMs, capMs, random = Math.random } = this.#options;
    const ceiling = Math.min(capMs, firstMs * 2 ** Math.min(this.#attempts, 30));
    this.#attempts += 1;
    return ceiling * (0.1 + 0.9 * random());
  }

  reset(): void {
    this.#attempts = 0;
  }
}

/** Resolves after `ms`, or at once when `signal` is aborted; never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** PostgreSQL's codes: a lock not available, a statement cancelled or out of time, a deadlock. */
const heldUp = new Set<unknown>(['55P03', '57014', '40P01']);

/**
 * Throws what it is given, unless somebody was only in the way: a feed that starts while an administrator holds a table
 * is behind until it is let go, and says so.
 */
export function unlessHeldUp(error: unknown): void {
  if (!heldUp.has((error as { code?: unknown } | null)?.code)) throw error;
}

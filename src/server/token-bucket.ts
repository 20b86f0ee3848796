// So many at once, and so many more every second.

export interface TokenBucketOptions {
  burst: number;
  perSecond: number;
  now?: () => number;
}

export class TokenBucket {
  readonly #options: Required<TokenBucketOptions>;
  #left: number;
  #at: number;

  constructor(options: TokenBucketOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#left = options.burst;
    this.#at = this.#options.now();
  }

  /** Whether there is one left; takes it. */
  take(): boolean {
    const { burst, perSecond, now } = this.#options;
    const at = now();
    this.#left = Math.min(burst, this.#left + ((at - this.#at) / 1000) * perSecond);
    this.#at = at;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

// Wall time in fractions of a millisecond, comparable with what pgbench logs on the same machine.

export class WallClock {
  #offset = 0;

  /** Date.now() cuts off at whole milliseconds: the greatest difference seen is the true one. Takes 5 ms. */
  calibrate(): void {
    const end = performance.now() + 5;
    this.#offset = Number.NEGATIVE_INFINITY;
    while (performance.now() < end) this.#offset = Math.max(this.#offset, Date.now() - performance.now());
  }

  /** Milliseconds since 1970. */
  now(): number {
    return performance.now() + this.#offset;
  }
}

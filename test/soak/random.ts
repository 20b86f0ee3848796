// Choices that can be made again: the same seed gives the same sequence (mulberry32).

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number of at least 0 and less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** `count` different whole numbers from 1 to `highest`, rising. */
  ids(count: number, highest: number): number[] {
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(1 + this.below(highest));
    return [...chosen].sort((a, b) => a - b);
  }

  /** One of the values, each as likely as its weight says. */
  weighted<T>(choices: [weight: number, value: T][]): T {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    throw new Error('There is nothing to choose from.');
  }

  /** An independent sequence, for somebody whose choices must not depend on how often others choose. */
  fork(): Random {
    return new Random(this.below(4_294_967_296));
  }
}

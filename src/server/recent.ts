// What happened in the last minute, in bounded memory: one slot a second, and in each slot how many durations fell into
// which of 160 bins, every bin a tenth wider than the one before. So a percentile is right within 5 %, and a second with
// ten thousand changes costs no more than a quiet one.
const seconds = 60;
const bins = 160;
const smallestMs = 0.05;
const growth = Math.log(1.1);

interface Slot {
  second: number;
  count: number;
  maxMs: number;
  bins: Uint32Array;
}

export class RecentMinute {
  readonly #slots: Slot[];
  readonly #now: () => number;

  /** `now` in ms. */
  constructor(now: () => number) {
    this.#now = now;
    this.#slots = Array.from({ length: seconds + 1 }, () => ({
      second: -1,
      count: 0,
      maxMs: 0,
      bins: new Uint32Array(bins),
    }));
  }

  add(ms: number): void {
    const slot = this.#current();
    slot.count += 1;
    slot.maxMs = Math.max(slot.maxMs, ms);
    const bin = Math.min(bins - 1, Math.max(0, Math.round(Math.log(Math.max(ms, smallestMs) / smallestMs) / growth)));
    slot.bins[bin] = (slot.bins[bin] ?? 0) + 1;
  }

  /** Of the last 60 whole seconds, the oldest first. */
  perSecond(): number[] {
    const last = this.#second() - 1;
    const counts = new Map(this.#slots.map(({ second, count }) => [second, count]));
    return Array.from({ length: seconds }, (_, index) => counts.get(last - seconds + 1 + index) ?? 0);
  }

  /** `shares` of all durations, or null where there are none. */
  percentiles(shares: number[]): { values: (number | null)[]; max: number | null } {
    const recent = this.#recent();
    const total = recent.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) return { values: shares.map(() => null), max: null };
    const max = Math.max(...recent.map(({ maxMs }) => maxMs));
    return { values: shares.map((share) => Math.min(max, at(recent, share * total))), max };
  }

  #recent(): Slot[] {
    const oldest = this.#second() - seconds;
    return this.#slots.filter(({ second }) => second >= oldest);
  }

  #current(): Slot {
    const second = this.#second();
    const slot = this.#slots[second % this.#slots.length] as Slot;
    if (slot.second !== second) {
      Object.assign(slot, { second, count: 0, maxMs: 0 });
      slot.bins.fill(0);
    }
    return slot;
  }

  #second(): number {
    return Math.floor(this.#now() / 1_000);
  }
}

function at(slots: Slot[], rank: number): number {
  let seen = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    for (const slot of slots) seen += slot.bins[bin] ?? 0;
    if (seen >= rank) return smallestMs * Math.exp(bin * growth);
  }
  return Number.POSITIVE_INFINITY;
}

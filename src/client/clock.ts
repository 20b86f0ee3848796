// The clocks and timers of the machine, in one place so that tests can hold them.
import type { Moment } from './line-state.ts';

export interface Clock {
  /** ms since 1970 by this machine's clock. */
  wall(): number;
  /** ms, never set back. */
  steady(): number;
  /** In [0, 1). */
  chance(): number;
  /** Calls back after `ms`; the returned function calls it off. */
  after(ms: number, work: () => void): () => void;
}

export const machineClock: Clock = {
  wall: () => Date.now(),
  steady: () => performance.now(),
  chance: () => Math.random(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

export function momentOf(clock: Clock): Moment {
  return { wall: clock.wall(), steady: clock.steady(), chance: clock.chance() };
}

// Runs the machine of line.ts: gives it what happens and the time, does what it wants done. No decisions here.
import { type Clock, momentOf } from './clock.ts';
import { type Freshness, freshnessOf, isSameFreshness, serverNow } from './freshness.ts';
import { type Effect, idleLine, type Line, type LineEvent } from './line-state.ts';
import type { StepLine } from './line-step.ts';

export interface LineRunnerOptions {
  step: StepLine;
  clock: Clock;
  perform: (effect: Effect) => void;
  onFreshness: () => void;
}

/** Often enough to notice soon that the machine has slept; ms. */
const beatMs = 1_000;

export class LineRunner {
  readonly #options: LineRunnerOptions;
  #line: Line = idleLine;
  #freshness: Freshness = { state: 'connecting' };
  #queue: LineEvent[] = [];
  #isRunning = false;
  #stopBeat: (() => void) | undefined;
  #stopTimer: (() => void) | undefined;
  #timerAt: number | undefined;

  constructor(options: LineRunnerOptions) {
    this.#options = options;
  }

  get line(): Line {
    return this.#line;
  }

  /** As of now, also before a timer has noticed; the same object while nothing differs. */
  get freshness(): Freshness {
    const freshness = freshnessOf(this.#line, momentOf(this.#options.clock));
    if (!isSameFreshness(freshness, this.#freshness)) this.#freshness = freshness;
    return this.#freshness;
  }

  get serverNow(): number {
    return serverNow(this.#line, momentOf(this.#options.clock));
  }

  /** What effects lead to waits until the event that led to them is done with. */
  dispatch(event: LineEvent): void {
    this.#queue.push(event);
    if (this.#isRunning) return;
    this.#isRunning = true;
    const before = this.#freshness;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#run(next);
    } finally {
      this.#isRunning = false;
    }
    this.#schedule();
    if (this.freshness !== before) this.#options.onFreshness();
  }

  #run(event: LineEvent): void {
    const { line, effects } = this.#options.step(this.#line, event, momentOf(this.#options.clock));
    this.#line = line;
    for (const effect of effects) this.#options.perform(effect);
  }

  #schedule(): void {
    const { phase, dueAt } = this.#line;
    const isResting = phase === 'idle' || phase === 'ended';
    if (isResting) {
      this.#stopBeat?.();
      this.#stopBeat = undefined;
    } else this.#stopBeat ??= this.#options.clock.after(beatMs, () => this.#beat());
    if (this.#timerAt === dueAt) return;
    this.#stopTimer?.();
    this.#timerAt = dueAt;
    const { clock } = this.#options;
    this.#stopTimer =
      dueAt === undefined
        ? undefined
        : clock.after(Math.max(0, dueAt - clock.steady()), () => {
            this.#timerAt = undefined;
            this.dispatch({ type: 'tick' });
          });
  }

  #beat(): void {
    this.#stopBeat = undefined;
    this.dispatch({ type: 'tick' });
  }
}

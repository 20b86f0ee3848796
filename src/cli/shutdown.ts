// Shutdown in two steps: the first signal stops everything in order, a second one or a deadline ends the process and
// says what was left behind.
import type { Logger } from '../logger.ts';

export class Shutdown {
  readonly #logger: Logger;
  readonly #deadlineMs: number;
  readonly #steps: { name: string; stop: () => Promise<void> }[] = [];
  #running: Promise<void> | undefined;

  /** `deadlineMs`: how long all steps may take together. */
  constructor(logger: Logger, deadlineMs = 15_000) {
    this.#logger = logger;
    this.#deadlineMs = deadlineMs;
  }

  /** Adds what is to be stopped; the last one added is stopped first. */
  add(name: string, stop: () => Promise<void>): void {
    this.#steps.push({ name, stop });
  }

  listen(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => this.#onSignal(signal));
    }
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (error: unknown) => {
        this.#logger.fatal({ err: error }, event);
        this.#exitAfter(1);
      });
    }
  }

  /** Stops everything in order. One step that fails does not keep the others from being stopped. */
  run(): Promise<void> {
    this.#running ??= this.#stopAll();
    return this.#running;
  }

  async #stopAll(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step.stop();
      } catch (error) {
        this.#logger.error({ err: error, step: step.name }, 'could not be stopped cleanly');
      }
    }
  }

  #onSignal(signal: string): void {
    if (this.#running !== undefined) {
      this.#logger.warn({ left: this.#steps.map((step) => step.name) }, `${signal} again: ending at once`);
      process.exit(1);
    }
    this.#logger.info(`${signal}: stopping`);
    this.#exitAfter(0);
  }

  #exitAfter(code: number): void {
    const timer = setTimeout(() => {
      this.#logger.error({ left: this.#steps.map((step) => step.name) }, 'stopping took too long');
      process.exit(1);
    }, this.#deadlineMs);
    timer.unref();
    void this.run().then(() => process.exit(code));
  }
}

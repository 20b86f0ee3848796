// Requests that are being answered. When the server is to stop, those are finished and new ones are told to come back;
// long polls of sockets do not come by here.
import type { RequestHandler } from 'express';
import { TaskfeedError } from '../protocol/errors.ts';

export class InFlight {
  #count = 0;
  #isClosing = false;
  #onIdle: (() => void) | undefined;

  get count(): number {
    return this.#count;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Counts requests until their answer is out or their client is gone. */
  readonly track: RequestHandler = (_request, response, next) => {
    this.#count += 1;
    response.once('close', () => {
      this.#count -= 1;
      if (this.#count === 0) this.#onIdle?.();
    });
    next();
  };

  /** Refuses what comes while the server stops; health is told before it. */
  readonly refuse: RequestHandler = (_request, response, next) => {
    if (!this.#isClosing) return next();
    response.set('Connection', 'close');
    throw new TaskfeedError('unavailable', { detail: 'This server is stopping; try again in a moment.' });
  };

  close(): void {
    this.#isClosing = true;
  }

  /** Resolves with how many requests are left: 0 once all are answered, more if `deadlineMs` has passed. */
  async idle(deadlineMs: number): Promise<number> {
    if (this.#count > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadlineMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#count;
  }
}

// Who drives: the one process that may become hot holds the key M on its drain session. Everybody else waits for M on a
// spare session, which becomes the drain session when it is granted, so that M and K are always on one session and are
// free together, whatever happens to the process.
import type { DrainSession } from './drain-session.ts';
import { awaitDrive } from './keys.ts';
import { Backoff, pause } from './retry.ts';

export interface SuccessorOptions {
  /** Makes a session like the one that drains. */
  createSession: () => DrainSession;
  /** The session holds M: drain with it from now on. */
  onDrive: (session: DrainSession) => void;
  random?: () => number;
}

/** Waits for M in the background; `start` again after the session that it handed over was lost. */
export class Successor {
  readonly #options: SuccessorOptions;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: SuccessorOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#running = this.#wait(this.#stopping.signal).finally(() => {
      this.#running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { createSession, onDrive, random } = this.#options;
    const backoff = new Backoff({ firstMs: 50, capMs: 2_000, ...(random ? { random } : {}) });
    while (!signal.aborted) {
      const session = createSession();
      // A wait inside the server ends only with its connection.
      const cut = () => void session.close().catch(() => undefined);
      signal.addEventListener('abort', cut);
      try {
        await session.open();
        await awaitDrive(session, signal);
        signal.removeEventListener('abort', cut);
        return onDrive(session);
      } catch {
        signal.removeEventListener('abort', cut);
        await session.close().catch(() => undefined);
        await pause(backoff.next(), signal);
      }
    }
  }
}

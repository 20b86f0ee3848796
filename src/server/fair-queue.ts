// Work that is dear, so many at once and no more. Others wait, at most so many; who asks for much (an owner: an address)
// waits behind who asks for little, and is the first to be turned away. So whoever floods the queue fills it for himself.
import { TaskfeedError } from '../protocol/errors.ts';

export interface FairQueueOptions {
  atOnce: number;
  /** Most that wait; then somebody is refused with `busy`. */
  waiting: number;
}

interface Waiter {
  begin: () => void;
  refuse: (reason: TaskfeedError) => void;
}

export class FairQueue {
  readonly #options: FairQueueOptions;
  /** Who waits, by owner; owners are in the order in which it is their turn. */
  readonly #waiters = new Map<string, Waiter[]>();
  #waiting = 0;
  #running = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** Does `work` when it is the owner's turn. Rejects with `busy` where too many wait. */
  async run<T>(owner: string, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.atOnce) this.#running += 1;
    else await this.#turn(owner);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(owner: string): Promise<void> {
    return new Promise((begin, refuse) => {
      const own = this.#waiters.get(owner) ?? [];
      if (this.#waiting >= this.#options.waiting && !this.#makeRoom(own.length)) throw busy();
      this.#waiters.set(owner, own);
      own.push({ begin, refuse });
      this.#waiting += 1;
    });
  }

  /** Turns away the last one of whoever has most in the queue, if that is more than a newcomer would have. */
  #makeRoom(own: number): boolean {
    const [owner, greediest] = [...this.#waiters].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    if (greediest.length <= own + 1) return false;
    greediest.pop()?.refuse(busy());
    this.#waiting -= 1;
    if (greediest.length === 0) this.#waiters.delete(owner);
    return true;
  }

  // The place of who is done goes to the first owner in turn, who then goes to the end.
  #next(): void {
    const [first] = this.#waiters;
    if (!first) {
      this.#running -= 1;
      return;
    }
    const [owner, waiters] = first;
    const waiter = waiters.shift();
    this.#waiters.delete(owner);
    if (waiters.length > 0) this.#waiters.set(owner, waiters);
    this.#waiting -= 1;
    waiter?.begin();
  }
}

function busy(): TaskfeedError {
  return new TaskfeedError('busy', { detail: 'Many people are signing in at the moment; try again.' });
}

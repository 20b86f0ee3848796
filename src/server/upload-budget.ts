// How many bytes of uploads may be in memory at once. A request waits, unread, until its share is free: the network
// holds it back meanwhile. One owner (a manager, a link) has at most the share of one full request, so that a slow or
// greedy one leaves room for the others.
import { TaskfeedError } from '../protocol/errors.ts';

export interface UploadBudgetOptions {
  /** Of all uploads together. */
  bytes: number;
  /** Of one owner; also the most that one upload can ask for. */
  bytesPerOwner: number;
  /** Uploads that wait; more are refused with `busy`. */
  waiting: number;
}

export interface Claim {
  owner: string;
  bytes: number;
  /** Given up while waiting. */
  signal: AbortSignal;
}

interface Waiter extends Claim {
  admit: () => void;
}

export class UploadBudget {
  readonly #options: UploadBudgetOptions;
  readonly #byOwner = new Map<string, number>();
  readonly #waiters: Waiter[] = [];
  #used = 0;

  constructor(options: UploadBudgetOptions) {
    this.#options = options;
  }

  /** Does `work` when there is room for it. Throws `busy` where too many wait already. */
  async hold<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
    await this.#claim(claim);
    try {
      return await work();
    } finally {
      this.#take(claim.owner, -claim.bytes);
      this.#admit();
    }
  }

  #claim(claim: Claim): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(new TaskfeedError('busy', { detail: 'The request was given up.' }));
        this.#admit();
      };
      const waiter: Waiter = {
        ...claim,
        admit: () => {
          claim.signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      if (this.#waiters.length >= this.#options.waiting) {
        throw new TaskfeedError('busy', { detail: 'Many pictures are being sent at the moment; try again.' });
      }
      this.#waiters.push(waiter);
      claim.signal.addEventListener('abort', leave, { once: true });
      this.#admit();
    });
  }

  // In the order of arrival, except that nobody waits for another one's own share.
  #admit(): void {
    for (const waiter of [...this.#waiters]) {
      const { owner, bytes } = waiter;
      if ((this.#byOwner.get(owner) ?? 0) + bytes > this.#options.bytesPerOwner) continue;
      if (this.#used + bytes > this.#options.bytes) return;
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      this.#take(owner, bytes);
      waiter.admit();
    }
  }

  #take(owner: string, bytes: number): void {
    this.#used += bytes;
    const left = (this.#byOwner.get(owner) ?? 0) + bytes;
    if (left > 0) this.#byOwner.set(owner, left);
    else this.#byOwner.delete(owner);
  }
}

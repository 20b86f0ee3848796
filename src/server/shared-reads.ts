// Equal questions that are asked together are answered once. A herd that comes back asks for the same list hundreds of
// times a second; each of these would be a query, and all of them would say the same.
//
// Nobody is given an answer that was asked for before they came, not even one that is still under way: who has just
// written must read what they wrote, and who was revoked just now must be turned away. So one question runs, and all
// who come meanwhile share the next one. While several share it, there is a rest before the next, in which more gather;
// who is alone never waits.
import { setTimeout as pause } from 'node:timers/promises';

export interface SharedReadsOptions {
  /** The rest, as a multiple of what the answer took, and the most of it, ms. */
  restFactor?: number;
  mostRestMs?: number;
}

interface Round<Answer> {
  askers: number;
  answer: Promise<Answer>;
}

export class SharedReads<Answer> {
  readonly #options: Required<SharedReadsOptions>;
  /** The questions that have not been asked yet, by key. */
  readonly #gathering = new Map<string, Round<Answer>>();
  /** When the next question of the key may be asked. */
  readonly #busy = new Map<string, Promise<void>>();
  #asked = 0;

  constructor(options: SharedReadsOptions = {}) {
    this.#options = { restFactor: 9, mostRestMs: 200, ...options };
  }

  /** Questions that were really asked. */
  get asked(): number {
    return this.#asked;
  }

  /** The answer to a question that is asked after this call. Equal keys are equal questions. */
  read(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const gathering = this.#gathering.get(key);
    if (gathering) {
      gathering.askers += 1;
      return gathering.answer;
    }
    const round = { askers: 1 } as Round<Answer>;
    const busy = this.#busy.get(key);
    if (!busy) return this.#ask(key, round, ask);
    round.answer = busy.then(() => this.#ask(key, round, ask));
    this.#gathering.set(key, round);
    return round.answer;
  }

  #ask(key: string, round: Round<Answer>, ask: () => Promise<Answer>): Promise<Answer> {
    this.#gathering.delete(key);
    this.#asked += 1;
    const answer = ask();
    const busy = this.#rest(round, answer).then(() => {
      if (this.#busy.get(key) === busy) this.#busy.delete(key);
    });
    this.#busy.set(key, busy);
    return answer;
  }

  async #rest({ askers }: Round<Answer>, answer: Promise<Answer>): Promise<void> {
    const { restFactor, mostRestMs } = this.#options;
    const began = performance.now();
    await answer.catch(() => undefined);
    if (askers > 1) await pause(Math.min(mostRestMs, restFactor * (performance.now() - began)));
  }
}

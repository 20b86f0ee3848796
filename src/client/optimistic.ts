// Optimistic changes: on the screen at once, off it with the event that contains them, or with the failure.
import type { IsContained, Patch } from './overlays.ts';
import type { Stores } from './stores.ts';
import type { Rows, Topic } from './topics.ts';

/**
 * What an answer says about the row after the change: itself or its member named like the topic has `version` or
 * `updated_at`.
 */
export type Answer = unknown;

export interface OptimisticChangesOptions {
  stores: Stores;
  /** Asks the server for what is missing. */
  check: () => void;
  /** Number of the last question. */
  lastAsked: () => number;
}

interface Mark {
  version?: number;
  updated_at?: string;
}

export class OptimisticChanges {
  readonly #options: OptimisticChangesOptions;
  #waiting: { after: number; done: () => void }[] = [];

  constructor(options: OptimisticChangesOptions) {
    this.#options = options;
  }

  async make<T extends Topic, A extends Answer>(
    topic: T,
    id: number,
    patch: Patch<Rows[T]>,
    request: () => Promise<A>,
  ): Promise<A> {
    const { stores } = this.#options;
    const overlay = stores.of(topic).overlay(id, patch);
    stores.turn();
    try {
      const answer = await request();
      const mark = markIn(topic, answer);
      if (mark) overlay.settle(contains(mark));
      else this.#afterAnswer(() => overlay.settle(() => true));
      return answer;
    } catch (error) {
      overlay.remove();
      throw error;
    } finally {
      stores.turn();
    }
  }

  /** The server has answered the question with this number: nothing is missing. */
  answered(number: number): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = waiting.filter(({ after }) => after >= number);
    for (const { after, done } of waiting) if (after < number) done();
    this.#options.stores.turn();
    if (this.#waiting.length > 0) this.#options.check();
  }

  // The change is committed, so the answer to a question that is asked from now on contains it. One under way may not.
  #afterAnswer(done: () => void): void {
    this.#waiting.push({ after: this.#options.lastAsked(), done });
    this.#options.check();
  }
}

function markIn(topic: Topic, answer: unknown): Mark | undefined {
  const outer = isRecord(answer) ? answer : {};
  const row = isRecord(outer[topic]) ? outer[topic] : outer;
  const { version, updated_at } = row;
  if (typeof version === 'number') return { version };
  return typeof updated_at === 'string' ? { updated_at } : undefined;
}

// Times of one zone in the database's own form are ordered as text; their precision is beyond Date's.
function contains<Row>({ version, updated_at }: Mark): IsContained<Row> {
  return (row) => {
    const shown: Record<string, unknown> = isRecord(row) ? row : {};
    if (version !== undefined && typeof shown['version'] === 'number') return shown['version'] >= version;
    if (updated_at !== undefined) return String(shown['updated_at']) >= updated_at;
    return true;
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

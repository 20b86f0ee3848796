// Those who want to be told. One that throws keeps no other from hearing.

export class Listeners<Told extends unknown[] = []> {
  readonly #listeners = new Set<(...told: Told) => void>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** A listener that is added twice is told twice; the returned function removes it. */
  add(listener: (...told: Told) => void): () => void {
    const call = (...told: Told) => listener(...told);
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  tell(...told: Told): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...told);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

/** Lets the error be seen like any uncaught one, after the work under way. */
export function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

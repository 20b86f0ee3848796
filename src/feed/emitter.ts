// A typed event map whose listeners cannot hurt the one who emits: an error thrown by one listener is handed to
// `onError` and the next listener is called.

type Listeners<Events extends Record<keyof Events, unknown[]>> = {
  [Name in keyof Events]?: Set<(...args: Events[Name]) => void>;
};

export class Emitter<Events extends Record<keyof Events, unknown[]>> {
  readonly #listeners: Listeners<Events> = {};
  readonly #onError: (error: unknown, event: keyof Events) => void;

  constructor(onError: (error: unknown, event: keyof Events) => void) {
    this.#onError = onError;
  }

  /** Calls `listener` at every `event` until the returned function is called. */
  on<Name extends keyof Events>(event: Name, listener: (...args: Events[Name]) => void): () => void {
    const listeners = this.#listeners[event] ?? new Set();
    this.#listeners[event] = listeners;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  emit<Name extends keyof Events>(event: Name, ...args: Events[Name]): void {
    for (const listener of [...(this.#listeners[event] ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        this.#onError(error, event);
      }
    }
  }
}

// What the writers know of their own doing. Nothing here was read from the journal or from the feed.

export interface Note {
  id: number;
  /** After the change; undefined: deleted. Ids are never used twice. */
  version: number | undefined;
  /** What the row's `note` says since then. */
  mark: string;
  /** When the writer had the answer to its COMMIT, ms by performance.now(). */
  at: number;
}

export class Notes {
  readonly certain: Note[] = [];
  /** Changes whose commit was asked for and not answered. */
  maybe = 0;
  onCertain: (note: Note) => void = () => undefined;
  #marks = new Map<number, Map<number, string>>();

  commit(changes: Omit<Note, 'at'>[]): void {
    const at = performance.now();
    for (const change of changes) {
      const note = { ...change, at };
      this.certain.push(note);
      if (note.version !== undefined) {
        const marks = this.#marks.get(note.id) ?? new Map();
        this.#marks.set(note.id, marks.set(note.version, note.mark));
      }
      this.onCertain(note);
    }
  }

  /** What the row's note said at that version, if a writer knows. */
  markOf(id: number, version: number): string | undefined {
    return this.#marks.get(id)?.get(version);
  }
}

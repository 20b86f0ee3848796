// A prepared statement asked with as little as the protocol allows, for what is asked hundreds of times a second. pg's
// own queries have the server describe the columns at every call and make an object of every row; here the columns are
// described once, when the statement is prepared, and a row is its values as the server writes them.
import type { Connection, Submittable } from 'pg';

export type Cells = readonly (string | null)[];

export interface TextStatement {
  /** Under this name it is prepared, once per connection. */
  name: string;
  text: string;
  columns: readonly string[];
}

/** What pg's connection has beside its published types. */
interface Wire {
  stream: { cork(): void; uncork(): void };
  /** Name → text of what this connection has prepared; pg's client keeps it. */
  parsedStatements: Record<string, string | undefined>;
  parse(query: { name: string; text: string }): void;
  bind(config: { statement: string; values: readonly string[] }): void;
  describe(what: { type: 'P'; name: string }): void;
  execute(config: { portal: string }): void;
  sync(): void;
}

/** One call of it, handed to `client.query`, which calls the methods. */
export class TextQuery implements Submittable {
  readonly name: string;
  readonly text: string;
  readonly #columns: readonly string[];
  readonly #values: readonly string[];
  readonly #rows: Cells[] = [];
  #mismatch: Error | undefined;
  /** pg puts a time-out around it. */
  callback: (error: Error | null, rows?: Cells[]) => void;

  constructor(
    { name, text, columns }: TextStatement,
    values: readonly string[],
    callback: (error: Error | null, rows?: Cells[]) => void,
  ) {
    this.name = name;
    this.text = text;
    this.#columns = columns;
    this.#values = values;
    this.callback = callback;
  }

  submit(connection: Connection): void {
    const wire = connection as unknown as Wire;
    const isPrepared = wire.parsedStatements[this.name] === this.text;
    wire.stream.cork();
    if (!isPrepared) wire.parse(this);
    wire.bind({ statement: this.name, values: this.#values });
    if (!isPrepared) wire.describe({ type: 'P', name: '' });
    wire.execute({ portal: '' });
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: { name: string }[] }): void {
    const names = fields.map(({ name }) => name);
    if (names.join() === this.#columns.join()) return;
    this.#mismatch = new Error(`"${this.name}" has the columns ${names.join()}, not ${this.#columns.join()}.`);
  }

  handleDataRow({ fields }: { fields: Cells }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete(): void {
    // More may come: only ReadyForQuery ends an answer.
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    if (this.#mismatch) this.callback(this.#mismatch);
    else this.callback(null, this.#rows);
  }
}

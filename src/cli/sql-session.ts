// One connection of the built-in SQL prompt: runs a text, prints what comes back, can be cancelled.
import pg from 'pg';
import { connectionOf } from '../postgres/connection.ts';
import { messageOf } from '../postgres/errno.ts';
import { formatMessage, formatTable, type Statement } from './sql-text.ts';

export interface SqlOutput {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Types that stand at the right of their column: int8, int2, int4, oid, xid, cid, float4, float8, money, numeric, xid8. */
const numberTypes = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069]);

const listTables = `
  select n.nspname as "Schema", c.relname as "Name",
    case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' end as "Type",
    pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  order by 1, 2`;

const help = `  \\dt          list the tables
  \\q           leave (so does Ctrl-D)
  \\?           this help
  Ctrl-C       drops what was typed, or cancels the statement that runs
A statement ends with a semicolon and may have several lines.
For more (\\d, \\copy, \\e, …) install PostgreSQL's psql; taskfeed sql then uses it.
`;

export class SqlSession {
  readonly #client: pg.Client;
  readonly #url: string;
  readonly #out: SqlOutput;
  readonly #tags: string[] = [];
  #processId = 0;
  #isLost = false;
  #whenLost: () => void = () => undefined;
  #isEnding = false;

  constructor(url: string, out: SqlOutput) {
    this.#url = url;
    this.#out = out;
    this.#client = newClient(url);
    this.#client.on('error', (error) => this.#lose(error));
    this.#client.on('notice', (notice) => out.stderr.write(formatMessage(notice)));
    // pg itself keeps only the first word of "CREATE TABLE".
    this.#client.connection.on('commandComplete', (message: { text: string }) => this.#tags.push(message.text));
    this.#client.connection.on('copyData', (message: { chunk: Buffer }) => out.stdout.write(message.chunk));
  }

  /** Calls back once, when the server has gone or has ended the session. */
  onLost(callback: () => void): void {
    this.#whenLost = callback;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Connects, and tells how the prompt shall look: `taskfeed=#`, with `>` for those who are no superuser. */
  async connect(): Promise<{ prompt: string; version: string }> {
    await this.#client.connect();
    const { rows } = await this.#client.query<{ name: string; mark: string; pid: number; version: string }>(
      `select current_database() as name, case current_setting('is_superuser') when 'on' then '#' else '>' end as mark,
         pg_catalog.pg_backend_pid() as pid, current_setting('server_version') as version`,
    );
    const [first] = rows;
    this.#processId = first?.pid ?? 0;
    return { prompt: `${first?.name}=${first?.mark} `, version: first?.version ?? '' };
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#client.end().catch(() => undefined);
  }

  /** Runs one statement, or a backslash command. `quit` for \q, else whether it succeeded. */
  async run(statement: Statement): Promise<'quit' | boolean> {
    const text = statement.text.trim();
    if (!statement.isMeta) return this.execute(text);
    if (text === '\\q') return 'quit';
    if (text === '\\dt') return this.execute(listTables);
    if (text === '\\?') {
      this.#out.stdout.write(help);
      return true;
    }
    this.#out.stderr.write(`invalid command ${text.split(/\s/)[0]}\nTry \\? for help.\n`);
    return false;
  }

  /** Sends the text as it is and prints the results; false after an error, which is printed too. */
  async execute(text: string): Promise<boolean> {
    this.#tags.length = 0;
    try {
      // Every value as the text that the server sent: what is shown is what psql would show.
      const asText = { getTypeParser: () => (value: string) => value };
      const answer: unknown = await this.#client.query({ text, rowMode: 'array', types: asText });
      const results: unknown[] = Array.isArray(answer) ? answer : [answer];
      for (const result of results) if (result instanceof pg.Result) this.#print(result);
      return true;
    } catch (error) {
      if (error instanceof pg.DatabaseError) this.#out.stderr.write(formatMessage(error, text));
      else this.#lose(error);
      return false;
    }
  }

  /** Over a second connection, as the first one is busy. */
  async cancel(): Promise<void> {
    const other = newClient(this.#url);
    other.on('error', () => undefined);
    try {
      await other.connect();
      await other.query('select pg_catalog.pg_cancel_backend($1)', [this.#processId]);
    } catch (error) {
      this.#out.stderr.write(`The statement could not be cancelled: ${messageOf(error)}\n`);
    } finally {
      await other.end().catch(() => undefined);
    }
  }

  #lose(error: unknown): void {
    if (this.#isLost || this.#isEnding) return;
    this.#isLost = true;
    this.#out.stderr.write(`The connection to the server was lost: ${messageOf(error)}\n`);
    this.#whenLost();
  }

  #print({ fields, rows, command, rowCount }: pg.Result): void {
    const tag = this.#tags.shift() ?? (command === null ? '' : `${command} ${rowCount ?? ''}`.trim());
    const hasTable = fields.length > 0;
    if (hasTable) {
      const columns = fields.map(({ name, dataTypeID }) => ({ name, isNumber: numberTypes.has(dataTypeID) }));
      this.#out.stdout.write(formatTable(columns, rows));
    }
    // psql leaves out the tag where the row count below the table says the same.
    if (tag !== '' && !(hasTable && /^(?:SELECT|SHOW|EXPLAIN|FETCH|VALUES)/.test(tag)))
      this.#out.stdout.write(`${tag}\n`);
  }
}

function newClient(url: string): pg.Client {
  return new pg.Client({ ...connectionOf(url), application_name: 'taskfeed sql', connectionTimeoutMillis: 10_000 });
}

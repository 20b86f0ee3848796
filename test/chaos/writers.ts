// Writers that do at random what people and programs do: direct SQL in transactions, some rolled back, some held open;
// requests of the API; the holders of links. They note what they were told was committed, and go on whatever goes down.
import pg from 'pg';
import type { Random } from '../soak/random.ts';
import type { Note, Notes } from './notes.ts';
import { type Site, size } from './site.ts';

export interface WriterFigures {
  transactions: number;
  rolledBack: number;
  /** Statements or requests that were answered by an error or not at all. */
  failed: number;
  requests: number;
  linkRequests: number;
  held: number;
}

export interface WriterOptions {
  site: Site;
  notes: Notes;
  random: Random;
  figures: WriterFigures;
  token: string | undefined;
  /** Mean pause between two transactions, ms. */
  pauseMs: number;
  /** In its marks. */
  name: string;
}

type Change = Omit<Note, 'at'>;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

abstract class Writer {
  protected readonly options: WriterOptions;
  #count = 0;

  constructor(options: WriterOptions) {
    this.options = options;
  }

  async run(isOver: () => boolean): Promise<void> {
    const { random, pauseMs } = this.options;
    while (!isOver()) {
      await this.write();
      await pause(2 * pauseMs * random.next());
    }
    await this.end();
  }

  protected abstract write(): Promise<void>;

  protected async end(): Promise<void> {}

  /** Some are changed all the time, most now and then. */
  protected someTask(): number {
    const { random } = this.options;
    return 1 + random.below(random.chance(0.5) ? 20 : size.tasks);
  }

  /** Contents that nobody wrote before. */
  protected mark(): string {
    this.#count += 1;
    return `${this.options.name}.${this.#count}`;
  }
}

/** The first rows stay, so that links have something to show. */
export const linked = 40;

export class SqlWriter extends Writer {
  #client: pg.Client | undefined;

  protected async write(): Promise<void> {
    const { figures, notes, random } = this.options;
    const changes: Change[] = [];
    let isAsked = false;
    try {
      const client = await this.#connect();
      await client.query('begin');
      for (let steps = 1 + random.below(3); steps > 0; steps -= 1) changes.push(...(await this.#step(client)));
      if (random.chance(0.01)) {
        figures.held += 1;
        await client.query('select pg_sleep(2)');
      }
      if (random.chance(0.1)) {
        figures.rolledBack += 1;
        await client.query('rollback');
        return;
      }
      isAsked = true;
      const { command } = await client.query('commit');
      if (command !== 'COMMIT') throw new Error(command);
      figures.transactions += 1;
      notes.commit(lastOf(changes));
    } catch {
      figures.failed += 1;
      if (isAsked) notes.maybe += changes.length;
      await this.end();
    }
  }

  protected override async end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<pg.Client> {
    if (this.#client) return this.#client;
    const client = new pg.Client({
      connectionString: this.options.site.ownerUrl,
      application_name: 'writer',
      connectionTimeoutMillis: 3_000,
      query_timeout: 8_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`set lock_timeout = '300ms'`);
    this.#client = client;
    return client;
  }

  async #step(client: pg.Client): Promise<Change[]> {
    const { random } = this.options;
    const mark = this.mark();
    const ask = async (sql: string, values: unknown[]) =>
      (await client.query<{ id: number; version: number }>(sql, values)).rows;
    const written = async (sql: string, values: unknown[]) =>
      (await ask(sql, values)).map(({ id, version }) => ({ id, version, mark }));
    const someone = linked + 1 + random.below(size.tasks * 2);
    return await random.weighted<() => Promise<Change[]>>([
      [10, () => written('update tasks set note = $2 where id = $1 returning id, version', [this.someTask(), mark])],
      [3, () => written('insert into tasks (title, note) values ($1, $1) returning id, version', [mark])],
      [
        1,
        () =>
          written(`update tasks set note = $2, system_id = $3 where id between $1 and $1 + 20 returning id, version`, [
            someone,
            mark,
            1 + random.below(size.systems),
          ]),
      ],
      [
        2,
        async () =>
          (await ask('delete from tasks where id = $1 returning id, version', [someone])).map(({ id }) => ({
            id,
            version: undefined,
            mark,
          })),
      ],
      [
        1,
        async () => {
          await client.query('update systems set name = $2 where id = $1', [1 + random.below(size.systems), mark]);
          return [];
        },
      ],
    ])();
  }
}

/** Of several changes of a row in one transaction, others only ever see the last. */
function lastOf(changes: Change[]): Change[] {
  return [...new Map(changes.map((change) => [change.id, change])).values()];
}

abstract class HttpWriter extends Writer {
  protected async send(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<void> {
    const { site, notes, random } = this.options;
    const up = site.apps.filter(({ isUp }) => isUp);
    const app = up[random.below(Math.max(up.length, 1))];
    if (!app) return void (await pause(50));
    try {
      const response = await fetch(`${app.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(8_000),
      });
      const { task } = (await response.json()) as { task?: { id: number; version: number; note: string } };
      if (response.ok && task) notes.commit([{ id: task.id, version: task.version, mark: task.note }]);
      else if (response.status >= 500) this.#failed();
    } catch {
      this.#failed();
    }
  }

  #failed(): void {
    this.options.figures.failed += 1;
    this.options.notes.maybe += 1;
  }
}

export class ApiWriter extends HttpWriter {
  protected async write(): Promise<void> {
    const { random, token, figures } = this.options;
    figures.requests += 1;
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const mark = this.mark();
    if (random.chance(0.15)) await this.send('POST', '/api/tasks', { title: mark, note: mark }, headers);
    else await this.send('PUT', `/api/tasks/${this.someTask()}`, { note: mark }, headers);
  }
}

export class LinkWriter extends HttpWriter {
  readonly #link: { token: string; taskIds: number[] };

  constructor(options: WriterOptions, link: { token: string; taskIds: number[] }) {
    super(options);
    this.#link = link;
  }

  protected async write(): Promise<void> {
    const { random, figures } = this.options;
    figures.linkRequests += 1;
    const { token, taskIds } = this.#link;
    const id = taskIds[random.below(taskIds.length)];
    await this.send('PUT', `/api/confirm/${token}/task/${id}`, { note: this.mark() }, {});
  }
}

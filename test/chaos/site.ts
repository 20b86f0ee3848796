// What the faults are done to: a PostgreSQL server of its own, two processes of Taskfeed and two of the plain loop on
// the same tables, each behind a proxy.
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type EmbeddedServer, startEmbedded } from '../../src/postgres/embedded.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createDataDir } from '../support/data-dir.ts';
import { admitTestManager } from '../support/identity.ts';
import { Slot } from './slot.ts';

const appScript = fileURLToPath(new URL('app-child.ts', import.meta.url));
const plainScript = fileURLToPath(new URL('plain-child.ts', import.meta.url));

/** Of the plain loop: the row in a NOTIFY. */
export const plainTrigger = `
  create function public.tell_plain() returns trigger language plpgsql as $$ begin
    perform pg_notify('plain', json_build_object('op', tg_op, 'row', json_build_object(
      'id', coalesce(new.id, old.id), 'version', coalesce(new.version, old.version), 'note', coalesce(new.note, old.note)))::text);
    return null;
  end $$;
  create trigger tell_plain after insert or update or delete on public.tasks
    for each row execute function public.tell_plain();`;

export const size = { tasks: 300, systems: 8, employees: 6 };

const rows = `
  insert into public.systems (name) select 'system ' || n from generate_series(1, ${size.systems}) n;
  insert into public.employees (name) select 'employee ' || n from generate_series(1, ${size.employees}) n;
  insert into public.tasks (title, note, status, system_id, employee_id)
    select 'task ' || n, 'seed ' || n, 'sent', 1 + n % ${size.systems}, 1 + n % ${size.employees} from generate_series(1, ${size.tasks}) n;`;

export interface SiteOptions {
  settings: Record<string, string>;
  bulkLimit: number;
}

export class Site {
  readonly apps: Slot[] = [];
  readonly plains: Slot[] = [];
  ownerUrl = '';
  appUrl = '';
  readonly #options: SiteOptions;
  readonly #closers: (() => Promise<unknown>)[] = [];
  #dataDir = '';
  #server: EmbeddedServer | undefined;

  private constructor(options: SiteOptions) {
    this.#options = options;
  }

  static async open(options: SiteOptions): Promise<Site> {
    const site = new Site(options);
    try {
      await site.#open();
    } catch (error) {
      await site.close();
      throw error;
    }
    return site;
  }

  get slots(): Slot[] {
    return [...this.apps, ...this.plains];
  }

  /** Of the PostgreSQL server. */
  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  async startServer(): Promise<void> {
    this.#server = await startEmbedded({ dataDir: this.#dataDir, settings: this.#options.settings, initSync: false });
    const isElsewhere = this.ownerUrl !== '' && this.ownerUrl !== this.#server.ownerUrl;
    if (isElsewhere) throw new Error('The server has come up on another port.');
  }

  async stopServer(): Promise<void> {
    await this.#server?.stop();
  }

  /** As the owner, on a connection of its own. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.ownerUrl, application_name: 'chaos' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(`set timezone = 'UTC'`);
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.close()));
    await this.#server?.stop();
    for (const close of this.#closers.reverse()) await close();
  }

  async #open(): Promise<void> {
    const { dataDir, remove } = await createDataDir();
    this.#dataDir = dataDir;
    this.#closers.push(remove);
    await this.startServer();
    this.ownerUrl = this.#server?.ownerUrl ?? '';
    this.appUrl = this.#server?.appUrl ?? '';
    await migrate({ url: this.ownerUrl, applicationRole: 'taskfeed_app' });
    await admitTestManager(this.ownerUrl);
    await this.query(rows);
    await this.query(plainTrigger);
    const args = [this.appUrl, String(this.#options.bulkLimit)];
    for (const name of ['A', 'B']) {
      this.apps.push(await Slot.open(`Taskfeed ${name}`, appScript, args));
      this.plains.push(await Slot.open(`plain ${name}`, plainScript, [this.ownerUrl]));
    }
    await Promise.all(this.slots.map((slot) => slot.ready()));
  }
}

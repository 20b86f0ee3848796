// One pinned connection that reads the feed. It owns the session settings that make a drain exact and bounded, the
// epoch, and the translation of one drain's rows into a batch. It keeps no place of its own: the caller brings the
// cursor, so the same session serves the live feed and replays.
import type { Socket } from 'node:net';
import pg from 'pg';
import { type AsOf, type Cursor, type CursorParts, compareAsOf, parseCursor } from '../protocol/cursor.ts';
import type { ResetReason } from '../protocol/feed.ts';
import { type DrainedRow, type DrainState, drainedRow, drainState, type FeedEvent, toEvent } from './conflate.ts';
import { changesPerRow, drainStatement } from './journal.ts';
import {
  foldPlain,
  plainColumns,
  plainStatement,
  type References,
  readPlainState,
  referencesOf,
} from './plain-drain.ts';
import { type Cells, TextQuery, type TextStatement } from './text-query.ts';
import type { Topic } from './topics.ts';

/** What was committed between two cursors, or the reason why that cannot be told row by row. */
export interface Batch {
  from: Cursor;
  to: Cursor;
  asOf: AsOf;
  /** Raised when another process takes over draining for all. */
  term: number;
  events: FeedEvent[];
  reset?: { reason: ResetReason; count?: number };
  /** So much happened to internal topics that it is not told row by row: whoever follows them has to look. */
  isInternalOverrun?: true;
}

export interface DrainSessionOptions {
  connection: pg.ClientConfig;
  topics: Topic[];
  /** SQL expression over the journal row `c`: the name behind `c.actor`, or null. */
  actorName: string;
  /** Most rows of one batch; more become a reset. */
  bulkLimit: number;
  applicationName: string;
  statementTimeoutMs?: number;
  /** Longest wait for a table that somebody has locked. */
  lockTimeoutMs?: number;
  /** Never the short way (plain-drain.ts); tests compare the two. */
  onlyLong?: boolean;
  /** Called once when an open connection breaks by itself. */
  onLost?: (error: Error) => void;
}

/** The feed was pointed at a standby, whose snapshots do not tell what is running. */
export class StandbyError extends Error {
  override name = 'StandbyError';
}

// read committed: every drain is a new snapshot. UTC: rows look alike in events and snapshots. The time-outs turn an
// administrator's lock into "behind" instead of silence. No JIT, no sequential scans, one generic plan: the statement is
// the same every time and touches few rows, and its cost must not change when statistics do.
//
// The lock time-out is shorter than deadlock_timeout (1 s) for a reason: a drain holds locks on some tables while it
// waits for another, so it can be in a deadlock with an administrator who locks several. It must be the one to give
// way; after a second the server may cancel the administrator instead.
const pins = (statementMs: number, lockMs: number) => `
  set default_transaction_isolation = 'read committed';
  set timezone = 'UTC';
  set search_path = pg_catalog;
  set synchronous_commit = off;
  set statement_timeout = ${statementMs};
  set lock_timeout = ${lockMs};
  set idle_in_transaction_session_timeout = '10s';
  set jit = off;
  set enable_seqscan = off;
  set enable_bitmapscan = off;
  set plan_cache_mode = force_generic_plan;
`;

const identify = `
  select pg_is_in_recovery() as standby,
         (select system_identifier::text from pg_control_system()) as system,
         (select oid::text from pg_database where datname = current_database()) as database`;

interface Drained {
  state: DrainState;
  rows: DrainedRow[];
}

export class DrainSession {
  readonly #options: DrainSessionOptions;
  readonly #statement: string;
  readonly #plainStatement: TextStatement;
  readonly #references: References;
  readonly #internal: ReadonlySet<string>;
  /** Of the connected server and database: an epoch belongs to both. */
  #identity: [system: string, database: string] = ['0', '0'];
  #client: pg.Client | undefined;

  constructor(options: DrainSessionOptions) {
    this.#options = options;
    this.#statement = drainStatement(options.topics, options.actorName);
    const text = plainStatement(options.topics, options.actorName);
    this.#plainStatement = { name: 'drain plain', text, columns: plainColumns };
    this.#references = referencesOf(options.topics);
    this.#internal = new Set(options.topics.flatMap(({ name, isInternal }) => (isInternal ? [name] : [])));
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Connects and pins the session. Rejects on a standby. */
  async open(): Promise<void> {
    if (this.#client) return;
    const client = new pg.Client({
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      connectionTimeoutMillis: 5_000,
      query_timeout: 15_000,
      ...this.#options.connection,
      application_name: this.#options.applicationName,
    });
    client.on('error', (error) => this.#lose(client, error));
    client.on('end', () => this.#lose(client, new Error('The connection was closed.')));
    try {
      await client.connect();
      await client.query(pins(this.#options.statementTimeoutMs ?? 10_000, this.lockTimeoutMs));
      const { rows } = await client.query<{ standby: boolean; system: string; database: string }>(identify);
      if (rows[0]?.standby) throw standby();
      this.#identity = [rows[0]?.system ?? '', rows[0]?.database ?? ''];
    } catch (error) {
      client.removeAllListeners('end');
      await hangUp(client);
      throw error;
    }
    this.#client = client;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    client?.removeAllListeners('end');
    if (client) await hangUp(client);
  }

  get lockTimeoutMs(): number {
    return this.#options.lockTimeoutMs ?? 400;
  }

  /** The server process behind the session. */
  get processId(): number | undefined {
    return (this.#client as { processID?: number } | undefined)?.processID;
  }

  /** First column of the last row that a statement answers. */
  async value(sql: string): Promise<unknown> {
    const answer: unknown = await this.#ask({ text: sql, rowMode: 'array' });
    const last = (Array.isArray(answer) ? answer.at(-1) : answer) as { rows?: unknown[][] } | undefined;
    return last?.rows?.at(-1)?.[0];
  }

  /** The cursor of this moment; begins a new epoch where there is none. */
  async here(): Promise<Cursor> {
    const read = 'select taskfeed.current_cursor() as cursor, pg_is_in_recovery() as standby';
    const { rows } = await this.#ask<{ cursor: string | null; standby: boolean }>({ text: read });
    if (rows[0]?.standby) throw standby();
    if (rows[0]?.cursor) return rows[0].cursor;
    await this.#ask({ text: 'select taskfeed.begin_epoch()' });
    const again = await this.#ask<{ cursor: string }>({ text: read });
    return again.rows[0]?.cursor ?? Promise.reject(new Error('The epoch could not be begun.'));
  }

  /**
   * Everything committed since `from`, conflated and hydrated, with the cursor of this very moment. A cursor that cannot
   * be served (not one of ours, of another epoch, of the future, behind the horizon) is answered with a reset.
   */
  async drain(from: Cursor, term = 0): Promise<Batch> {
    const parts = parseCursor(from);
    if (!parts) return this.#refuse(from, term, 'malformed');
    const { state, rows } = (await this.#drainPlain(parts)) ?? (await this.#drainAll(parts));
    if (state.standby) throw standby();
    const to = parseCursor(`${state.epoch}.${state.snapshot}`);
    if (!to || to.epoch !== parts.epoch || compareAsOf(parts.asOf, to.asOf) > 0) {
      return this.#refuse(from, term, 'epoch');
    }
    const horizon = state.horizon && parseCursor(`${state.epoch}.${state.horizon}`);
    if (horizon && compareAsOf(horizon.asOf, parts.asOf) > 0) return this.#refuse(from, term, 'expired');
    const batch: Batch = { from, to: `${to.epoch}.${to.snapshot}`, asOf: to.asOf, term, events: [] };
    if (state.internal_overrun) batch.isInternalOverrun = true;
    const reset = resetOf(state, this.#options.bulkLimit);
    if (reset) return { ...batch, reset };
    for (const row of rows) {
      const event = toEvent(row);
      event.isForAudienceOnly ||= this.#internal.has(event.topic);
      batch.events.push(event);
    }
    batch.events.sort((a, b) => a.change.seq.length - b.change.seq.length || (a.change.seq < b.change.seq ? -1 : 1));
    return batch;
  }

  async #drainPlain({ snapshot }: CursorParts): Promise<Drained | undefined> {
    const { bulkLimit, onlyLong } = this.#options;
    if (onlyLong) return undefined;
    const [, xmax = '', xip = ''] = snapshot.split(':');
    const [first, ...cells] = await this.#askText([xmax, `{${xip}}`, String(bulkLimit), ...this.#identity]);
    const { standby, is_plain, ...state } = readPlainState(first);
    const folded = is_plain === 't' ? foldPlain(cells, this.#references) : undefined;
    const of = { rows: folded?.length ?? 0, overrun: false, truncated: false, internal_overrun: false };
    return folded && { state: { ...state, ...of, standby: standby === 't' }, rows: folded };
  }

  async #drainAll({ snapshot, epoch }: CursorParts): Promise<Drained> {
    const { bulkLimit } = this.#options;
    const { rows } = await this.#ask<Record<string, unknown>>({
      name: 'drain',
      text: this.#statement,
      values: [snapshot, epoch, bulkLimit, bulkLimit * changesPerRow],
    });
    const state = drainState.parse(rows.shift()?.['state']);
    return { state, rows: rows.map((row) => drainedRow.parse(row)) };
  }

  async #refuse(from: Cursor, term: number, reason: ResetReason): Promise<Batch> {
    const to = await this.here();
    const asOf = parseCursor(to)?.asOf ?? [0, 0];
    return { from, to, asOf, term, events: [], reset: { reason } };
  }

  async #ask<Row extends pg.QueryResultRow>(query: pg.QueryConfig | pg.QueryArrayConfig): Promise<pg.QueryResult<Row>> {
    return await this.#guarded((client) => client.query<Row>(query));
  }

  async #askText(values: string[]): Promise<Cells[]> {
    return await this.#guarded(
      (client) =>
        new Promise((resolve, reject) => {
          const done = (error: Error | null, rows: Cells[] = []) => (error ? reject(error) : resolve(rows));
          client.query(new TextQuery(this.#plainStatement, values, done));
        }),
    );
  }

  // An answer that is overdue will never come over this connection, or so late that the next ones would queue behind it
  // (pg leaves the connection as it is): it is thrown away.
  async #guarded<Answer>(ask: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
    const client = this.#client;
    if (!client) throw new Error('The drain session is not connected.');
    return await ask(client).catch((error: Error) => {
      if (error.message === 'Query read timeout') this.#lose(client, error);
      throw error;
    });
  }

  #lose(client: pg.Client, error: Error): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.removeAllListeners('end');
    void hangUp(client);
    this.#options.onLost?.(error);
  }
}

/** A goodbye is answered by a server that is there; for one that is not nobody waits longer than a second. */
async function hangUp(client: pg.Client): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  const timer = setTimeout(() => stream.destroy(), 1_000);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
}

function resetOf(state: DrainState, bulkLimit: number): Batch['reset'] {
  if (state.truncated) return { reason: 'truncated' };
  if (state.overrun || state.rows > bulkLimit) return { reason: 'bulk', count: state.rows };
  return undefined;
}

function standby(): StandbyError {
  return new StandbyError(
    'This server is a standby: its snapshots do not tell which transactions are running, so the feed cannot be exact. Point DATABASE_URL at the primary.',
  );
}

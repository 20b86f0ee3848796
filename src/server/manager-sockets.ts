// Sockets of managers, by what they rest on: a session or a token. When that ends, wherever and by whom (signing out, a
// new password, `taskfeed manager disable`, a DELETE in psql), the journal says so and the socket is cut, in every
// process. Because a journal can be switched off and a clock runs out without a row being changed, all of them are
// looked up again every few minutes.
import type { Knex } from 'knex';
import type { Batch } from '../feed/drain-session.ts';
import type { Logger } from '../logger.ts';
import type { FeedEnd } from '../protocol/feed.ts';
import { type Held, readStandings, type Standing } from '../tasks/sessions.ts';
import type { Identity } from './identity.ts';
import { cut, type FeedSocket } from './link-sockets.ts';

export interface ManagerSocketsOptions {
  knex: Knex;
  logger: Logger;
  /** Time between two looks at all sessions and tokens, ms. */
  recheckMs?: number | undefined;
  /** How long newcomers wait to be looked up together, ms. */
  newcomerMs?: number | undefined;
}

interface Holder extends Held {
  sockets: Set<FeedSocket>;
  expiry: NodeJS.Timeout | undefined;
}

type FeedEvent = Batch['events'][number];

export class ManagerSockets {
  readonly #options: ManagerSocketsOptions & { recheckMs: number; newcomerMs: number };
  readonly #holders = new Map<string, Holder>();
  #newcomers = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(options: ManagerSocketsOptions) {
    const { recheckMs = 3 * 60_000, newcomerMs = 50 } = options;
    this.#options = { ...options, recheckMs, newcomerMs };
  }

  start(): void {
    this.#timer = setInterval(() => void this.#recheck([...this.#holders.keys()]), this.#options.recheckMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    for (const { expiry } of this.#holders.values()) clearTimeout(expiry);
  }

  /**
   * From now on the socket ends with its session or token. What ended between their being read and now is not told any
   * more, so they are looked up once again.
   */
  admit(socket: FeedSocket, { manager, by, id }: Identity): void {
    const key = `${by} ${id}`;
    const holder = this.#holders.get(key) ?? { by, id, managerId: manager.id, sockets: new Set(), expiry: undefined };
    this.#holders.set(key, holder);
    holder.sockets.add(socket);
    socket.once('disconnect', () => {
      holder.sockets.delete(socket);
      if (holder.sockets.size > 0) return;
      clearTimeout(holder.expiry);
      if (this.#holders.get(key) === holder) this.#holders.delete(key);
    });
    this.#newcomers.add(key);
    this.#soon ??= setTimeout(() => {
      const keys = [...this.#newcomers];
      this.#newcomers = new Set();
      this.#soon = undefined;
      void this.#recheck(keys);
    }, this.#options.newcomerMs);
  }

  handle(batch: Batch): void {
    if (this.#holders.size === 0) return;
    // What happened is not told row by row.
    if (batch.reset || batch.isInternalOverrun) void this.#recheck([...this.#holders.keys()]);
    const events = batch.events.filter(
      ({ topic }) => topic === 'manager' || topic === 'session' || topic === 'api_token',
    );
    // Being disabled ends sessions too; the reason that is told is the first one.
    for (const event of events.filter(({ topic }) => topic === 'manager')) this.#onManager(event);
    for (const event of events.filter(({ topic }) => topic !== 'manager')) this.#onHeld(event);
  }

  #onManager({ id, kind, row }: FeedEvent): void {
    if (kind !== 'deleted' && !row['disabled_at']) return;
    for (const [key, { managerId }] of [...this.#holders]) if (managerId === id) this.#end(key, 'disabled');
  }

  #onHeld({ topic, id, kind, row }: FeedEvent): void {
    const key = `${topic === 'session' ? 'session' : 'token'} ${id}`;
    if (kind === 'deleted') this.#end(key, endOf(topic, row));
    else if (row['revoked_at']) this.#end(key, 'revoked');
    else void this.#recheck([key]);
  }

  async #recheck(keys: string[]): Promise<void> {
    const held = keys.flatMap((key) => {
      const { by, id, managerId } = this.#holders.get(key) ?? {};
      return by === undefined || id === undefined || managerId === undefined ? [] : [{ by, id, managerId }];
    });
    if (held.length === 0) return;
    try {
      for (const standing of await readStandings(this.#options.knex, held)) this.#apply(standing);
    } catch (error) {
      // The pulse tells that the database does not answer; nobody is signed out for that.
      this.#options.logger.warn({ reason: String(error) }, 'sessions could not be looked up, trying again');
    }
  }

  #apply({ by, id, end, expiresAt }: Standing): void {
    const key = `${by} ${id}`;
    if (end) this.#end(key, end);
    const holder = this.#holders.get(key);
    if (end || !holder) return;
    clearTimeout(holder.expiry);
    holder.expiry = undefined;
    const left = (expiresAt ?? Number.POSITIVE_INFINITY) - Date.now();
    // It may have been used meanwhile, so that it goes on: looked up once more, a little after.
    if (left < this.#options.recheckMs)
      holder.expiry = setTimeout(() => void this.#recheck([key]), Math.max(0, left) + 20);
  }

  #end(key: string, code: FeedEnd['code']): void {
    const holder = this.#holders.get(key);
    if (!holder) return;
    for (const socket of [...holder.sockets]) cut(socket, code);
  }
}

/** A session that has run out is deleted some time later, and was not ended by anybody. */
function endOf(topic: string, gone: Record<string, unknown>): FeedEnd['code'] {
  if (topic !== 'session') return 'revoked';
  return Date.parse(String(gone['expire'])) <= Date.now() ? 'expired' : 'signed_out';
}

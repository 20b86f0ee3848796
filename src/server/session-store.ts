// Sessions of browsers in PostgreSQL, over the pool that the routes use. A session lives for 30 days after its last use;
// the row and the cookie are renewed while it is used, the row at most once an hour.
import connectPgSimple from 'connect-pg-simple';
import session, { type SessionData } from 'express-session';
import type { Knex } from 'knex';
import type { Pool } from 'pg';
import type { Logger } from '../logger.ts';
import { SharedReads } from './shared-reads.ts';

declare module 'express-session' {
  interface SessionData {
    manager_id: number;
  }
}

export const sessionMs = 30 * 24 * 3_600_000;

/** Time between two looks for sessions that have run out, ms, and how many go at once. */
const pruneMs = 15 * 60_000;
const pruneAtOnce = 200;

const PgStore = connectPgSimple(session);

export class SessionStore extends PgStore {
  readonly #knex: Knex;
  readonly #timer: NodeJS.Timeout;
  // When a herd comes back, hundreds of requests show the same cookie at once.
  readonly #reads = new SharedReads<SessionData | null>();

  constructor({ knex, logger }: { knex: Knex; logger: Logger }) {
    super({
      pool: queriesOf(knex),
      schemaName: 'public',
      tableName: 'sessions',
      // Ours is below: its one DELETE would hold as many rows as there are, and journal them in one transaction.
      pruneSessionInterval: false,
      errorLog: (...parts: unknown[]) => logger.warn({ reason: parts.map(String).join(' ') }, 'sessions'),
    });
    this.#knex = knex;
    const prune = () => this.prune().catch((error) => logger.warn({ reason: String(error) }, 'sessions not pruned'));
    // Several processes that were started together do not all come at once.
    this.#timer = setInterval(prune, pruneMs * (0.75 + 0.5 * Math.random())).unref();
  }

  override close(): void {
    clearInterval(this.#timer);
    super.close();
  }

  /** Everybody gets a copy: a request writes into its session. */
  override get(sid: string, done: (error: unknown, session?: SessionData | null) => void): void {
    const ask = () =>
      new Promise<SessionData | null>((resolve, reject) => {
        super.get(sid, (error, session) => (error ? reject(error) : resolve(session ?? null)));
      });
    this.#reads.read(sid, ask).then(
      (session) => done(null, structuredClone(session)),
      (error: unknown) => done(error),
    );
  }

  /** Deletes what has run out, little by little. Resolves with how many that were. */
  async prune(): Promise<number> {
    for (let pruned = 0; ; ) {
      const { rowCount } = await this.#knex.raw<{ rowCount: number }>(
        `delete from public.sessions where sid in (
           select s.sid from public.sessions s where s.expire <= now()
           order by s.expire limit ? for update skip locked)`,
        [pruneAtOnce],
      );
      pruned += rowCount;
      if (rowCount < pruneAtOnce) return pruned;
    }
  }

  /** A request keeps its session alive; most of them need not write for it. */
  override touch(sid: string, { cookie }: SessionData, done: () => void = () => undefined): void {
    const expires = new Date(cookie.expires ?? Date.now() + sessionMs);
    this.#knex
      .raw(`update public.sessions set expire = :expires where sid = :sid and expire < :expires - interval '1 hour'`, {
        sid,
        expires,
      })
      .then(
        () => done(),
        () => done(),
      );
  }
}

/** The one function of a pool that the store uses, on a connection of knex's own pool. */
function queriesOf(knex: Knex): Pool {
  const query = async (text: string, values: unknown[]) => {
    const connection = await knex.client.acquireConnection();
    try {
      return await connection.query(text, values);
    } finally {
      await knex.client.releaseConnection(connection);
    }
  };
  return { query } as unknown as Pool;
}

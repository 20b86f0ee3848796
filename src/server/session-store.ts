// Sessions of browsers in PostgreSQL, over the pool that the routes use. A session lives for 30 days after its last use;
// the row and the cookie are renewed while it is used, the row at most once an hour.
import connectPgSimple from 'connect-pg-simple';
import session, { type SessionData } from 'express-session';
import type { Knex } from 'knex';
import type { Pool } from 'pg';
import type { Logger } from '../logger.ts';

declare module 'express-session' {
  interface SessionData {
    manager_id: number;
  }
}

export const sessionMs = 30 * 24 * 3_600_000;

const PgStore = connectPgSimple(session);

export class SessionStore extends PgStore {
  readonly #knex: Knex;

  constructor({ knex, logger }: { knex: Knex; logger: Logger }) {
    super({
      pool: queriesOf(knex),
      schemaName: 'public',
      tableName: 'sessions',
      errorLog: (...parts: unknown[]) => logger.warn({ reason: parts.map(String).join(' ') }, 'sessions'),
    });
    this.#knex = knex;
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

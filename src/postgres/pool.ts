// The pool that routes use. Sessions are pinned to read committed and UTC, so that rows read here and rows of the feed look alike, and to
// bounded statements, so that a lock held by somebody else cannot use up the pool.
import knexModule, { type Knex } from 'knex';
import { connectionOf } from './connection.ts';

export interface PoolOptions {
  url: string;
  /** Most connections at once. */
  max?: number;
  /** Told what knex has to remark; by default nobody is. Who uses the pool gets the error itself. */
  log?: (remark: string) => void;
}

const pins = `
  set default_transaction_isolation = 'read committed';
  set timezone = 'UTC';
  set statement_timeout = '15s';
  set lock_timeout = '5s';
  set idle_in_transaction_session_timeout = '30s';
`;

export function createPool({ url, max = 10, log = () => undefined }: PoolOptions): Knex {
  const remark = (message: unknown) => log(String(message));
  return knexModule({
    client: 'pg',
    // Else it writes lines of its own between those of the log.
    log: { warn: remark, error: remark, deprecate: remark, debug: remark },
    // Else the values of a statement would be written into the text of its error, and so into the log.
    compileSqlOnError: false,
    connection: {
      ...connectionOf(url),
      application_name: 'taskfeed',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    } as Knex.PgConnectionConfig,
    acquireConnectionTimeout: 10_000,
    pool: {
      min: 0,
      max,
      afterCreate(connection: { query(sql: string, done: (error: unknown) => void): void }, done: DoneCallback) {
        connection.query(pins, (error) => done(error, connection));
      },
    },
  });
}

type DoneCallback = (error: unknown, connection: unknown) => void;

// The real server, in this process, on a free port.

import { createLogger, type Logger } from '../../src/logger.ts';
import { isMigrated } from '../../src/postgres/migrate.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { type ServerOptions, TaskfeedServer } from '../../src/server/server.ts';
import { socketLimits } from '../../src/server/socket-gate.ts';
import type { TestDatabase } from './database.ts';
import { headersOf, type TestIdentity, testSecret } from './identity.ts';

export interface RunningServer {
  url: string;
  server: TaskfeedServer;
  /** HTTP with JSON in and out, as the manager of the tests. */
  http: Http;
  /** The same as somebody else. */
  as(identity: TestIdentity): Http;
  stop(): Promise<void>;
}

export type Http = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  text: string;
}

export interface RunningServerOptions extends Partial<Omit<ServerOptions, 'knex' | 'direct' | 'logger'>> {
  /** Where log lines go, from `trace` on; none are written without it. */
  log?: (line: string) => void;
  /** Told of each statement of the routes. */
  onQuery?: (sql: string) => void;
}

export async function runServer(database: TestDatabase, options: RunningServerOptions = {}): Promise<RunningServer> {
  const { log, onQuery, ...given } = options;
  const knex = createPool({ url: database.appUrl });
  if (onQuery) knex.on('query', ({ sql }) => onQuery(sql));
  const server = new TaskfeedServer({
    knex,
    direct: { connectionString: database.appUrl },
    logger: log ? createLogger({ level: 'trace', destination: { write: log } }) : silentLogger(),
    sessionSecret: testSecret,
    host: '127.0.0.1',
    port: 0,
    bulkLimit: 5_000,
    safetyPollMs: 2_000,
    retentionMs: 7 * 24 * 3_600_000,
    historyMs: 2 * 365 * 24 * 3_600_000,
    isMigrated: () => isMigrated(knex),
    // All clients of a test are one manager.
    socketLimits: { ...socketLimits, perManager: 100_000 },
    ...given,
  });
  await server.start();
  const url = `http://127.0.0.1:${server.port}`;
  const as =
    (identity: TestIdentity): Http =>
    (method, path, body, headers) =>
      request(url, method, path, body, { ...headersOf(identity), ...headers });
  return {
    url,
    server,
    http: as('manager'),
    as,
    stop: async () => {
      await server.stop();
      await knex.destroy();
    },
  };
}

function silentLogger(): Logger {
  return createLogger({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent', isTerminal: false });
}

async function request(
  url: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const isText = typeof body === 'string';
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : {}, text };
}

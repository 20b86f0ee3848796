// What a test opens is closed when it ends, last opened first. A failure to close fails the test.
import { afterEach } from '@jest/globals';
import pg from 'pg';
import { createDatabase, type TestDatabase } from './database.ts';
import { connectFeed, type FeedClient, type FeedClientOptions } from './feed-client.ts';
import { type RunningServer, type RunningServerOptions, runServer } from './run-server.ts';

export interface Scope {
  add(close: () => Promise<unknown>): void;
  database(options?: { isEmpty?: boolean }): Promise<TestDatabase>;
  /** A session as the given URL's role; application_name `psql`, as an administrator's. */
  sql(url: string, applicationName?: string): Promise<pg.Client>;
  server(database: TestDatabase, options?: RunningServerOptions): Promise<RunningServer>;
  client(url: string, options?: FeedClientOptions): Promise<FeedClient>;
}

export function createScope(): Scope {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    const failures: unknown[] = [];
    for (let close = closers.pop(); close; close = closers.pop()) {
      await close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
  });
  const opened = <T>(thing: T, close: (thing: T) => Promise<unknown>): T => {
    closers.push(() => close(thing));
    return thing;
  };
  return {
    add: (close) => closers.push(close),
    database: async (options) => opened(await createDatabase(options), (database) => database.drop()),
    sql: async (url, applicationName = 'psql') => {
      const client = new pg.Client({ connectionString: url, application_name: applicationName });
      await client.connect();
      return opened(client, () => client.end());
    },
    server: async (database, options) => opened(await runServer(database, options), (server) => server.stop()),
    client: async (url, options) => opened(await connectFeed(url, options), async (client) => client.close()),
  };
}

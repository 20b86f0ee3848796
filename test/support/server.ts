// What the test files know of the server that the global set-up opened.

export interface TestServer {
  /** Eight hex digits, in the name of every database of this run. */
  run: string;
  /** A superuser's (or database creator's) URL. */
  adminUrl: string;
  template: string;
}

/** The role the application signs in as in tests; its password is its name. */
export const appRole = 'taskfeed_test_app';

export function testServer(): TestServer {
  const shared = process.env['TASKFEED_TEST_SERVER'];
  if (!shared) throw new Error('The global set-up has not run.');
  return JSON.parse(shared) as TestServer;
}

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

export function withRole(url: string, role: string, password = role): string {
  const changed = new URL(url);
  changed.username = role;
  changed.password = password;
  return changed.href;
}

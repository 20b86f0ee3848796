// A folder for an embedded server of a test's own.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `dataDir` does not exist yet; `remove` takes away everything, after the server has stopped. */
export async function createDataDir(): Promise<{ dataDir: string; remove: () => Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'taskfeed-test-'));
  // As root the server runs as another user, who must be able to get in here.
  await chmod(parent, 0o755);
  return { dataDir: join(parent, 'postgres'), remove: () => rm(parent, { recursive: true, force: true }) };
}

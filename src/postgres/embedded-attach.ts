// Finds the server that already runs on a data folder, for instance because the app before us was killed. What
// postmaster.pid says is a claim; it is believed when that process is alive and a PostgreSQL on this folder, and when the
// server answers on that port, with our password, that it is this process and serves this folder.
import { realpath } from 'node:fs/promises';
import { PostgresError } from './embedded-error.ts';
import type { Files, Secrets } from './embedded-files.ts';
import { type Postmaster, readPostmaster, servesFolder, setAside } from './embedded-postmaster.ts';
import { askIdentity } from './embedded-session.ts';
import { pollUntil } from './embedded-wait.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

export interface Running extends ProcessIdentity {
  readonly port: number;
}

export interface AttachOptions {
  readonly files: Files;
  readonly cluster: string;
  readonly secrets: Secrets;
  readonly timeoutMs: number;
}

/** The verified server, or undefined if none runs. Waits for one that is starting or stopping. */
export async function findRunning(options: AttachOptions): Promise<Running | undefined> {
  const { cluster, timeoutMs } = options;
  let last: Postmaster | undefined;
  const found = await pollUntil<Running | 'none'>(timeoutMs, async () => {
    const postmaster = await readPostmaster(cluster);
    if (postmaster === undefined || postmaster === 'damaged' || !isAlive(postmaster.pid)) return 'none';
    if (servesFolder(postmaster.pid, cluster) === false) return 'none';
    last = postmaster;
    return postmaster.status === 'ready' ? verify(postmaster, options) : undefined;
  });
  if (found !== undefined) return found === 'none' ? undefined : found;
  throw new PostgresError(
    `A PostgreSQL (pid ${last?.pid}, ${last?.status}) seems to run on ${cluster} and did not answer within ${timeoutMs} ms. ` +
      `Wait and start again, or end it with kill -INT ${last?.pid}.`,
  );
}

/** Before a start, once it is known that no server runs: takes a file out of the way that would keep it from starting. */
export async function clearStalePid(cluster: string, log: (line: string) => void): Promise<void> {
  const postmaster = await readPostmaster(cluster);
  if (postmaster === undefined) return;
  if (postmaster === 'damaged') {
    log(`${cluster}/postmaster.pid is damaged, left by a crash; setting it aside`);
    return setAside(cluster);
  }
  if (!isAlive(postmaster.pid)) {
    // PostgreSQL itself removes this one, after its own checks.
    log('The database was not shut down properly; it recovers now');
    return;
  }
  log(`The database was not shut down properly, and its pid ${postmaster.pid} is another program now; it recovers now`);
  await setAside(cluster);
}

async function verify(postmaster: Postmaster, options: AttachOptions): Promise<Running | undefined> {
  const identity = identify(postmaster.pid);
  const answer = await askIdentity(postmaster.port, options.secrets, options.files);
  if (identity === undefined || answer?.pid !== postmaster.pid) return undefined;
  const folder = await realpath(answer.folder).catch(() => answer.folder);
  return folder === options.cluster ? { ...identity, port: postmaster.port } : undefined;
}

// Makes a new data folder with initdb. It is made under another name and renamed when it is whole and on disk, so that a
// full disk, a Ctrl-C or a power cut in between leaves no folder that looks like a database and is none.
import { chown, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Binaries, program } from './embedded-binaries.ts';
import { diskFull, PostgresError, saysNoSpace } from './embedded-error.ts';
import { syncFolder } from './embedded-files.ts';
import type { Place } from './embedded-place.ts';
import { run } from './embedded-run.ts';
import { messageOf } from './errno.ts';

/** The superuser that initdb makes, and the database that belongs to it. */
export const ownerRole = 'taskfeed';

export interface NewCluster {
  readonly place: Place;
  readonly binaries: Binaries;
  readonly ownerPassword: string;
  /** Wait until the files are on disk; without it a power cut can leave a broken folder. */
  readonly sync: boolean;
}

export async function createCluster(options: NewCluster): Promise<void> {
  const { place, binaries } = options;
  const home = dirname(place.cluster);
  await removeHalfMade(place.cluster);
  const temporary = await mkdtemp(`${place.cluster}.init-`);
  try {
    const passwordFile = join(temporary, 'password');
    const data = join(temporary, 'data');
    await writeFile(passwordFile, options.ownerPassword, { mode: 0o600 });
    if (place.user !== undefined) {
      await chown(passwordFile, place.user.uid, place.user.gid);
      await chown(temporary, place.user.uid, place.user.gid);
    }
    const args = ['-D', data, ...initArguments(binaries.major, passwordFile), ...(options.sync ? [] : ['--no-sync'])];
    const result = await run(program(binaries.folder, 'initdb'), args, place.user);
    if (result.code !== 0) throw initFailed(place.cluster, result.output);
    await moveIntoPlace(data, place.cluster);
    if (options.sync) await syncFolder(home);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function initArguments(major: number, passwordFile: string): string[] {
  const common = ['-U', ownerRole, `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C'];
  // The builtin provider (17 and later) sorts by code point like C, and knows upper and lower case of all of Unicode.
  return major >= 17 ? [...common, '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : common;
}

/**
 * What a killed start left behind. No server ever ran in these, so they hold nothing of anybody's. Its initdb may live on
 * for a moment and write while we delete; what cannot be removed now does no harm and is removed at a later first start.
 */
async function removeHalfMade(cluster: string): Promise<void> {
  const home = dirname(cluster);
  for (const name of await readdir(home)) {
    if (!name.startsWith(`${basename(cluster)}.init-`)) continue;
    const patiently = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 };
    await rm(join(home, name), patiently).catch(() => undefined);
  }
}

async function moveIntoPlace(data: string, cluster: string): Promise<void> {
  try {
    // Removes an empty folder only, which is what there may be.
    await rmdir(cluster).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(data, cluster);
  } catch (error) {
    throw new PostgresError(
      `The new database could not be put at ${cluster} (${messageOf(error)}). ` +
        'If that is a mount point, mount its parent folder instead and set DATA_DIR to that.',
      { cause: error },
    );
  }
}

function initFailed(cluster: string, output: string): PostgresError {
  if (saysNoSpace(output)) return diskFull(dirname(cluster));
  if (output.includes('could not look up effective user ID')) {
    return new PostgresError(
      `PostgreSQL needs a system user with a name, and user id ${process.getuid?.()} has none. ` +
        'Add a line for it to /etc/passwd, run Taskfeed as another user, or set DATABASE_URL to a server of your own.',
    );
  }
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const cause = lines.find((line) => /error|FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
  return new PostgresError(
    `PostgreSQL could not make its folder ${cluster}: ${cause.trim()}. Mend that and start again; nothing was left behind.`,
  );
}

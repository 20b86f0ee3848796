// Where the data is and whose it is. For a normal user: in the folder that was asked for. PostgreSQL refuses to run as
// root, so root runs it through an unprivileged user; and where that user cannot come (below /root, say), the data is
// kept under /var/lib instead. A pointer file beside the folder that was asked for remembers that. The place follows from
// the folder's name, so it is found again even if a crash came before the pointer was written.
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PostgresError } from './embedded-error.ts';
import { type Files, readIfThere, writeDurably } from './embedded-files.ts';
import type { ServerUser } from './embedded-run.ts';
import { canEnter, isRoot, ownerOf, pickServerUser } from './embedded-user.ts';

export interface Place {
  /** PostgreSQL's data folder. */
  readonly cluster: string;
  /** PostgreSQL's major version, if a database is there; undefined for a folder that is empty or not made yet. */
  readonly major: number | undefined;
  /** Whom to run PostgreSQL as; undefined for ourselves. */
  readonly user: ServerUser | undefined;
}

const relocatedBase = '/var/lib';

/** Looks, changes nothing. */
export async function findPlace(files: Files): Promise<Place> {
  const pointer = (await readIfThere(files.pointer))?.trim();
  if (pointer !== undefined) return pointedPlace(files, pointer);
  const cluster = await realpath(files.dataDir).catch(() => files.dataDir);
  const major = await majorOf(cluster);
  if (!isRoot()) return { cluster, major, user: undefined };
  const parent = dirname(cluster);
  if (major !== undefined) return { cluster, major, user: await reachingOwner(cluster) };
  const user = await pickServerUser();
  if (await canEnter(user, await nearestExisting(parent))) return { cluster, major, user };
  return relocatedPlace(files, user);
}

/** Writes down what findPlace would otherwise have to find out; needed once the data is elsewhere. */
export async function rememberPlace(files: Files, place: Place): Promise<void> {
  const home = dirname(place.cluster);
  if (home !== join(relocatedBase, basename(home)) || !basename(home).startsWith('taskfeed-')) return;
  if ((await readIfThere(ownerNote(home)))?.trim() !== files.dataDir) {
    await writeDurably(ownerNote(home), `${files.dataDir}\n`, 0o644);
  }
  if ((await readIfThere(files.pointer))?.trim() !== place.cluster) {
    await writeDurably(files.pointer, `${place.cluster}\n`, 0o644);
  }
}

/** The folder that will hold the data folder, such that the server's user can come to it. */
export async function makeHome(place: Place): Promise<void> {
  const home = dirname(place.cluster);
  const made = await mkdir(home, { recursive: true, mode: 0o755 });
  // A strict umask of root's would keep the server's user out of what was just made for it.
  if (made !== undefined && place.user !== undefined) await chmod(home, 0o755);
}

async function pointedPlace(files: Files, cluster: string): Promise<Place> {
  const major = await majorOf(cluster);
  if (major === undefined) {
    throw new PostgresError(
      `${files.pointer} says that the database is kept in ${cluster}, and it is not there. ` +
        `Put it back, or delete ${files.pointer} to begin with an empty database.`,
    );
  }
  const owner = (await readIfThere(ownerNote(dirname(cluster))))?.trim();
  if (owner !== undefined && owner !== files.dataDir && (await readIfThere(`${owner}.location`))?.trim() === cluster) {
    throw new PostgresError(
      `${files.dataDir} is a copy of ${owner}, whose database is kept in ${cluster}; both would change the same data. ` +
        `Delete ${files.pointer} and ${files.secrets} to begin with an empty database here.`,
    );
  }
  return { cluster, major, user: isRoot() ? await reachingOwner(cluster) : undefined };
}

async function relocatedPlace(files: Files, picked: ServerUser): Promise<Place> {
  const hash = createHash('sha256').update(files.dataDir).digest('hex').slice(0, 12);
  const cluster = join(relocatedBase, `taskfeed-${hash}`, 'postgres');
  const major = await majorOf(cluster);
  return { cluster, major, user: major === undefined ? picked : await reachingOwner(cluster) };
}

async function reachingOwner(cluster: string): Promise<ServerUser> {
  const user = await ownerOf(cluster);
  if (await canEnter(user, cluster)) return user;
  throw new PostgresError(
    `The database folder ${cluster} belongs to the user ${user.name}, who can no longer reach it: ` +
      'a folder above it is closed to others. Open it (chmod o+x) or start Taskfeed as that user.',
  );
}

/** The major version in the folder; undefined if it is absent or empty. Anything else in it is left alone, and said. */
async function majorOf(cluster: string): Promise<number | undefined> {
  const names = await readdir(cluster).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    if (error.code !== 'ENOTDIR') throw error;
    throw new PostgresError(`${cluster} is a file, not a folder. Set DATA_DIR to another folder.`);
  });
  if (names.length === 0) return undefined;
  if (!names.includes('PG_VERSION')) {
    throw new PostgresError(
      `The folder ${cluster} is not empty, and what is in it is no PostgreSQL database. ` +
        'Move that away, or set DATA_DIR to another folder.',
    );
  }
  const major = Number.parseInt((await readIfThere(join(cluster, 'PG_VERSION'))) ?? '', 10);
  if (Number.isNaN(major) || (await readIfThere(join(cluster, 'global', 'pg_control'))) === undefined) {
    throw new PostgresError(
      `The PostgreSQL folder ${cluster} is incomplete (no usable PG_VERSION or global/pg_control). ` +
        'Put it back from a backup, or move it away to begin with an empty database.',
    );
  }
  return major;
}

function ownerNote(home: string): string {
  return join(home, 'belongs-to');
}

async function nearestExisting(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => undefined);
  if (real !== undefined) return real;
  return folder === dirname(folder) ? folder : nearestExisting(dirname(folder));
}

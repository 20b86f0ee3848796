// The file postmaster.pid of a data folder, and whether the process it names is a PostgreSQL server on that folder.
import { readlinkSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readIfThere } from './embedded-files.ts';
import { commandLine, isAlive } from './process-identity.ts';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: 'starting' | 'ready' | 'stopping' | 'unknown';
}

/** What the file says; `damaged` when it is there and says nothing (a full disk leaves it empty). */
export async function readPostmaster(cluster: string): Promise<Postmaster | 'damaged' | undefined> {
  const text = await readIfThere(pidFile(cluster));
  if (text === undefined) return undefined;
  const lines = text.split('\n').map((line) => line.trim());
  // A negative number is a server in single-user mode.
  const pid = Math.abs(Number(lines[0] ?? ''));
  if (!Number.isSafeInteger(pid) || pid === 0) return 'damaged';
  const status = lines[7] ?? '';
  const known = status === 'starting' || status === 'ready' || status === 'stopping';
  return { pid, port: Number(lines[3] ?? '0'), status: known ? status : 'unknown' };
}

/** Is this living process a server on that folder? Undefined: it is a PostgreSQL, and of which folder cannot be seen. */
export function servesFolder(pid: number, cluster: string): boolean | undefined {
  const command = commandLine(pid);
  if (process.platform === 'linux') {
    // The server's current folder is its data folder, however it was started.
    const folder = linkTarget(`/proc/${pid}/cwd`);
    const runs = command === undefined ? undefined : isPostgres(command);
    if (runs === false) return false;
    if (folder !== undefined) return folder === cluster;
  }
  if (command === undefined) return isAlive(pid) ? undefined : false;
  if (!isPostgres(command)) return false;
  return command.includes(`-D ${cluster} `) || command.endsWith(`-D ${cluster}`) ? true : undefined;
}

/**
 * PostgreSQL refuses to start while the file names a living process of its user, also when that is a stranger that has
 * got the number since. The file is set aside, not deleted. Should server processes of the old one still be alive,
 * PostgreSQL sees that by the shared memory, whose key is the folder's inode, and refuses in spite of it.
 */
export async function setAside(cluster: string): Promise<void> {
  await rename(pidFile(cluster), `${pidFile(cluster)}.stale`);
}

function isPostgres(command: string): boolean {
  // Paths may hold spaces, so the program is what stands before the first option.
  const program = command.split(/ -/)[0] ?? '';
  return /^postgres(\.exe)?"?$|^postmaster$/.test(basename(program.replaceAll('\\', '/')));
}

function pidFile(cluster: string): string {
  return join(cluster, 'postmaster.pid');
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

// Under which system user PostgreSQL runs when Taskfeed is started by root, and what that user can reach.
import { readFile, stat } from 'node:fs/promises';
import { PostgresError } from './embedded-error.ts';
import { run, type ServerUser } from './embedded-run.ts';
import { messageOf } from './errno.ts';

/** The first of these that the machine has; the second is the name on macOS. */
const candidates = ['postgres', '_postgres', 'nobody', 'daemon'];

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

export async function pickServerUser(): Promise<ServerUser> {
  for (const name of candidates) {
    const user = await lookUp(name);
    if (user !== undefined && user.uid !== 0) return user;
  }
  throw new PostgresError(
    `PostgreSQL does not run as root, and this machine has none of the users ${candidates.join(', ')}. ` +
      'Start Taskfeed as a normal user, or make a system user named postgres.',
  );
}

/** The owner of an existing data folder: only that user can run its server, whoever was picked when it was made. */
export async function ownerOf(folder: string): Promise<ServerUser> {
  const { uid, gid } = await stat(folder);
  if (uid === 0) {
    throw new PostgresError(
      `The database folder ${folder} belongs to root, and PostgreSQL does not run as root. ` +
        'Give it to a normal user (chown -R postgres) and start again.',
    );
  }
  return (await lookUp(String(uid))) ?? { uid, gid, name: `user id ${uid}` };
}

/** Asks the system itself, as that user: mode bits are not the whole truth where there are access control lists. */
export function canEnter(user: ServerUser, folder: string): Promise<boolean> {
  return shellSays(user, 'cd -- "$0"', folder);
}

export function canExecute(user: ServerUser, file: string): Promise<boolean> {
  return shellSays(user, 'test -x "$0"', file);
}

async function shellSays(user: ServerUser, script: string, path: string): Promise<boolean> {
  try {
    return (await run('/bin/sh', ['-c', script, path], user)).code === 0;
  } catch (error) {
    throw new PostgresError(
      `PostgreSQL does not run as root, and this process may not become the user ${user.name} ` +
        `(${messageOf(error)}). Start Taskfeed as a normal user.`,
      { cause: error },
    );
  }
}

/** By name or by number. */
async function lookUp(key: string): Promise<ServerUser | undefined> {
  const local = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const found = parse(local, key);
  if (found !== undefined) return found;
  // Users of a directory service are not in the file. macOS has no getent.
  const result = await run('getent', ['passwd', key], undefined).catch(() => undefined);
  return result?.code === 0 ? parse(result.output, key) : undefined;
}

function parse(passwd: string, key: string): ServerUser | undefined {
  for (const line of passwd.split('\n')) {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    if ((name === key || uid === key) && uid !== '' && gid !== '') return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

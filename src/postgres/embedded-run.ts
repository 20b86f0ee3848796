// How programs of PostgreSQL are run: as which user, in which environment, from which folder.
import { type SpawnOptions, spawn } from 'node:child_process';

/** The unprivileged user whom a root process becomes for PostgreSQL; PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

export interface RunResult {
  readonly code: number | null;
  readonly output: string;
}

/**
 * The environment is a short list, not ours: PGDATA, PGPORT and their like would change what the server does, and a
 * superuser of the database can read the server's environment, where SESSION_SECRET has no business. Messages are in
 * English because some are looked at.
 */
export function spawnOptions(user: ServerUser | undefined): SpawnOptions {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  for (const name of ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SYSTEMROOT', 'COMSPEC']) {
    if (process.env[name] !== undefined) env[name] = process.env[name];
  }
  // The current folder may be one that the user must not enter; every path handed over is absolute.
  return { cwd: '/', env, windowsHide: true, ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }) };
}

/** Runs a program to its end; rejects only if it could not be started at all. */
export function run(command: string, args: string[], user: ServerUser | undefined): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...spawnOptions(user), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk.toString('utf8');
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

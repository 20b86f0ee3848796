// The small files beside the data folder: its passwords and port, where it really is, its log, its start lock. They are
// beside it, not in it, because PostgreSQL owns the folder (as root, another user does) and wants it empty at first.
import { randomBytes } from 'node:crypto';
import { copyFile, open, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as z from 'zod/mini';
import { PostgresError } from './embedded-error.ts';
import { codeOf } from './errno.ts';

export interface Files {
  readonly dataDir: string;
  /** Passwords and port, mode 0600. */
  readonly secrets: string;
  /** Where the data is, when it could not be kept in `dataDir`. */
  readonly pointer: string;
  readonly lock: string;
  readonly log: string;
}

export function filesOf(folder: string): Files {
  const dataDir = resolve(folder);
  return {
    dataDir,
    secrets: `${dataDir}.json`,
    pointer: `${dataDir}.location`,
    lock: `${dataDir}.lock`,
    log: `${dataDir}.log`,
  };
}

const secretsSchema = z.object({
  port: z.int().check(z.gte(1), z.lte(65_535)),
  ownerPassword: z.string().check(z.minLength(1)),
  appPassword: z.string().check(z.minLength(1)),
});
export type Secrets = z.infer<typeof secretsSchema>;

export function newSecrets(port: number): Secrets {
  // Hexadecimal, so that it needs no quoting in URLs, SQL or a shell.
  return { port, ownerPassword: randomBytes(16).toString('hex'), appPassword: randomBytes(16).toString('hex') };
}

export async function readSecrets(files: Files): Promise<Secrets | undefined> {
  const text = await readIfThere(files.secrets);
  if (text === undefined) return undefined;
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new PostgresError(
      `The password file ${files.secrets} of the database cannot be understood. ` +
        'Put it back from a backup; the database in the folder beside it is untouched.',
      { cause: error },
    );
  }
}

export function passwordsMissing(files: Files, cluster: string): PostgresError {
  return new PostgresError(
    `The database in ${cluster} is there, but its password file ${files.secrets} is missing. ` +
      'Put that file back from a backup, or move the database folder away to begin with an empty one.',
  );
}

export async function writeSecrets(files: Files, secrets: Secrets): Promise<void> {
  await writeDurably(files.secrets, `${JSON.stringify(secrets, null, 2)}\n`, 0o600);
}

/** All or nothing, also when the power fails: a half-written password file would lock its owner out. */
export async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const next = `${path}.next`;
  try {
    // A leftover would keep its own mode.
    await rm(next, { force: true });
    const file = await open(next, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a rename in the folder outlast a power failure. Windows cannot, and need not, open a folder for it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const logLimitBytes = 5_000_000;

/**
 * Keeps the server's log below a bound: the present file and one older one. PostgreSQL's own collector bounds it by days
 * only, and a day of failing statements has no size. The server appends, so after the cut it goes on at the new end.
 */
export async function boundLog(files: Files, limit = logLimitBytes): Promise<void> {
  const facts = await stat(files.log).catch(() => undefined);
  if (facts === undefined || facts.size <= limit) return;
  await copyFile(files.log, `${files.log}.1`);
  await truncate(files.log);
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** What was written to the log after the given offset, without empty lines. */
export async function logLinesSince(files: Files, offset: number): Promise<string[]> {
  const bytes = await readFile(files.log).catch(() => Buffer.alloc(0));
  const fresh = bytes.subarray(Math.min(offset, bytes.length)).toString('utf8');
  return fresh.split('\n').filter((line) => line.trim() !== '');
}

// The secret that signs session cookies. The embedded site makes its own and keeps it beside its data; with a database
// of one's own several processes must know the same one, so it has to be given.
import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, ConfigError } from '../config.ts';

/** Throws ConfigError where the secret can only come from the settings and does not. */
export function requireSessionSecret({ DATABASE_URL: url, SESSION_SECRET: secret }: Config): void {
  if (url === undefined || secret !== undefined) return;
  throw new ConfigError(
    'SESSION_SECRET is required with DATABASE_URL: it signs the sessions of all processes. Make one with: openssl rand -base64 32',
  );
}

/** The secret of the settings, or the one kept in the data folder, made at the first call. */
export async function sessionSecret({ SESSION_SECRET: given, DATA_DIR }: Config): Promise<string> {
  if (given !== undefined) return given;
  const file = join(DATA_DIR, 'session-secret');
  const kept = (await readIfThere(file)) ?? (await make(file));
  if (kept.length >= 32) return kept;
  throw new Error(`${file} is not whole. Delete it: a new one is made, and everybody signs in again.`);
}

async function readIfThere(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    },
  );
}

// Written beside and renamed, so that nobody ever reads half of it.
async function make(file: string): Promise<string> {
  const made = randomBytes(32).toString('base64url');
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${made}\n`, { mode: 0o600 });
  await rename(draft, file);
  return made;
}

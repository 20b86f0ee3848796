// Starts the server on a data folder and waits until it takes connections; when it does not, says why in one line.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Running } from './embedded-attach.ts';
import { diskFull, PostgresError, saysNoSpace } from './embedded-error.ts';
import { logLinesSince, sizeOf } from './embedded-files.ts';
import { freePort, isFree } from './embedded-port.ts';
import { type Postmaster, readPostmaster } from './embedded-postmaster.ts';
import { type Launched, type LaunchOptions, launch, stopServer } from './embedded-process.ts';
import { identify } from './process-identity.ts';

export interface StartOptions extends LaunchOptions {
  /** How long the server may say nothing, neither "ready" nor a line in its log (a long recovery does log). */
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

/** Starts on the port asked for, or on another one if that is taken: the answer tells which. */
export async function startServer(options: StartOptions): Promise<Running> {
  const { log, timeoutMs } = options;
  const end = Date.now() + timeoutMs;
  let waiting = false;
  let port = (await isFree(options.port)) ? options.port : await otherPort(options.port, log);
  for (;;) {
    const launched = await launch({ ...options, port });
    const outcome = await waitUntilReady(launched, options);
    if (typeof outcome === 'object') {
      const identity = identify(outcome.pid);
      if (identity !== undefined) return { ...identity, port };
    }
    if (outcome === 'silent') throw await startTimedOut(launched, options);
    const said = (await logLinesSince(options.files, launched.logOffset)).join('\n');
    if (Date.now() < end && /Address already in use|could not bind/.test(said)) {
      // Somebody took it between the look and the start, or the server's user may not have it.
      port = await otherPort(port, log);
      continue;
    }
    if (Date.now() < end && said.includes('pre-existing shared memory block')) {
      // The old server was killed and its last processes are about to notice.
      if (!waiting) log('Waiting for the last processes of the killed server to end');
      waiting = true;
      await setTimeout(100);
      continue;
    }
    throw await startFailed(said, options);
  }
}

async function otherPort(taken: number, log: (line: string) => void): Promise<number> {
  const port = await freePort();
  log(`Port ${taken} of the database is taken by another program; the database is on port ${port} from now on`);
  return port;
}

const progressEveryMs = 5_000;

async function waitUntilReady(launched: Launched, options: StartOptions): Promise<Postmaster | 'exited' | 'silent'> {
  const { files, place, timeoutMs, log } = options;
  let size = launched.logOffset;
  let heardAt = Date.now();
  let reportAt = heardAt + progressEveryMs;
  for (;;) {
    if (launched.hasExited()) return 'exited';
    const postmaster = await readPostmaster(place.cluster);
    if (isReady(postmaster, launched)) return postmaster;
    const now = Date.now();
    const sizeNow = await sizeOf(files.log);
    if (sizeNow !== size) heardAt = now;
    size = sizeNow;
    if (now - heardAt >= timeoutMs) return 'silent';
    if (now >= reportAt) {
      reportAt = now + progressEveryMs;
      log(`PostgreSQL is still starting: ${(await logLinesSince(files, launched.logOffset)).at(-1) ?? 'no word yet'}`);
    }
    await setTimeout(10);
  }
}

function isReady(postmaster: Postmaster | 'damaged' | undefined, launched: Launched): postmaster is Postmaster {
  if (typeof postmaster !== 'object' || postmaster.status !== 'ready') return false;
  return launched.pid === undefined ? identify(postmaster.pid) !== undefined : postmaster.pid === launched.pid;
}

async function startTimedOut(launched: Launched, options: StartOptions): Promise<PostgresError> {
  const lines = await logLinesSince(options.files, launched.logOffset);
  const server = launched.pid === undefined ? undefined : identify(launched.pid);
  if (server !== undefined) await stopServer(server, { timeoutMs: options.timeoutMs, log: options.log });
  return new PostgresError(
    `PostgreSQL was not ready and silent for ${options.timeoutMs} ms, and was stopped. ` +
      `${lastLines(lines)} Its log is ${options.files.log}.`,
  );
}

async function startFailed(said: string, options: StartOptions): Promise<PostgresError> {
  const { cluster } = options.place;
  // On a full disk the log may be the first thing that could not be written.
  if (saysNoSpace(said) || (said === '' && (await freeBytes(dirname(cluster))) < 1_000_000)) return diskFull(cluster);
  const lines = said === '' ? [] : said.split('\n');
  const cause =
    lines.find((line) => /FATAL|PANIC/.test(line))?.replace(/^.*?(FATAL|PANIC): +/, '') ?? 'it ended at once';
  return new PostgresError(
    `PostgreSQL did not start on ${cluster}: ${cause}. ${lastLines(lines)} ` +
      `Mend that and start again; its log is ${options.files.log}.`,
  );
}

function lastLines(lines: string[]): string {
  return lines.length === 0 ? 'It logged nothing.' : `It said last: ${lines.slice(-4).join(' | ')}.`;
}

async function freeBytes(folder: string): Promise<number> {
  const facts = await statfs(folder).catch(() => undefined);
  return facts === undefined ? Number.POSITIVE_INFINITY : facts.bavail * facts.bsize;
}

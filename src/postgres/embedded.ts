// The embedded PostgreSQL: a real server, kept in a folder, for those who have none.
//
// It promises: data is never deleted and never half-made; a start finds the server that already runs, or recovers the
// one that crashed; two starts at once make one server; the server outlives the app that started it, and only stop()
// ends it; what goes wrong is one PostgresError that says what to do.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { clearStalePid, findRunning, type Running } from './embedded-attach.ts';
import { platformBinaries, prepareBinaries } from './embedded-binaries.ts';
import { createCluster, ownerRole } from './embedded-cluster.ts';
import { explain, PostgresError } from './embedded-error.ts';
import type { Secrets } from './embedded-files.ts';
import {
  boundLog,
  type Files,
  filesOf,
  newSecrets,
  passwordsMissing,
  readSecrets,
  writeSecrets,
} from './embedded-files.ts';
import { findPlace, makeHome, type Place, rememberPlace } from './embedded-place.ts';
import { freePort } from './embedded-port.ts';
import { stopServer } from './embedded-process.ts';
import { appRole, databaseName, ensureDatabase, serverUrl } from './embedded-session.ts';
import { startServer } from './embedded-start.ts';
import { pollUntil } from './embedded-wait.ts';
import { type Holder, ProcessLock, takeLock } from './process-lock.ts';

export interface EmbeddedOptions {
  /** For instance `.data/postgres`. Small files named after it (`postgres.json`, `.log`, …) are kept beside it. */
  readonly dataDir: string;
  /** Settings of PostgreSQL for a server that this call starts; one that already runs keeps its own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A folder with bin, lib and share; by default that of the platform's npm package. */
  readonly binaries?: string;
  /** Wait at the first start until the files are on disk (0.1 to 0.2 s); true unless a test says otherwise. */
  readonly initSync?: boolean;
  /** How long the server may be silent while it starts, or another process while it starts the same folder. */
  readonly startTimeoutMs?: number;
  /** After this a fast shutdown becomes an immediate one. */
  readonly stopTimeoutMs?: number;
  /** One line for a person per notable event. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedServer {
  readonly port: number;
  readonly pid: number;
  /** It was already running. */
  readonly attached: boolean;
  /** The database `taskfeed` as its owner, who is the superuser of the server. */
  readonly ownerUrl: string;
  /** The same database as `taskfeed_app`, who may log in and nothing more. */
  readonly appUrl: string;
  /** Another database, as the owner. */
  url(database: string): string;
  /** Fast shutdown; resolves when the process is gone. A second call is the first one. */
  stop(): Promise<void>;
}

type Work = Required<Omit<EmbeddedOptions, 'binaries' | 'dataDir'>> & {
  readonly files: Files;
  readonly binaries: string | undefined;
};

const logCheckMs = 60_000;

/** Attaches to the server of this folder, or starts it; makes the folder the first time. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const work: Work = {
    files: filesOf(options.dataDir),
    settings: options.settings ?? {},
    binaries: options.binaries,
    initSync: options.initSync ?? true,
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
    stopTimeoutMs: options.stopTimeoutMs ?? 30_000,
    log: options.log ?? (() => undefined),
  };
  try {
    await mkdir(dirname(work.files.dataDir), { recursive: true });
    const lock = await takeStartLock(work);
    try {
      return await attachOrStart(work);
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw explain(error, work.files.dataDir);
  }
}

/** The server that runs on this folder; undefined if none does. Starts and changes nothing. */
export async function findEmbedded(dataDir: string): Promise<EmbeddedServer | undefined> {
  const files = filesOf(dataDir);
  try {
    const { cluster, major } = await findPlace(files);
    if (major === undefined) return undefined;
    const secrets = await readSecrets(files);
    if (secrets === undefined) throw passwordsMissing(files, cluster);
    const running = await findRunning({ files, cluster, secrets, timeoutMs: 10_000 });
    const stop = { timeoutMs: 30_000, log: () => undefined };
    return running === undefined ? undefined : makeServer(running, { secrets, attached: true, stop });
  } catch (error) {
    throw explain(error, files.dataDir);
  }
}

async function attachOrStart(work: Work): Promise<EmbeddedServer> {
  const { files, log } = work;
  const place = await findPlace(files);
  const before = await readSecrets(files);
  if (place.major !== undefined && before === undefined) throw passwordsMissing(files, place.cluster);
  if (place.major !== undefined && before !== undefined) {
    const running = await findRunning({
      files,
      cluster: place.cluster,
      secrets: before,
      timeoutMs: work.startTimeoutMs,
    });
    if (running !== undefined) {
      log(`PostgreSQL is already running on ${place.cluster}: 127.0.0.1:${running.port}, pid ${running.pid}`);
      return finish(work, { running, secrets: before, attached: true });
    }
  }
  const secrets = before ?? newSecrets(await freePort());
  if (before === undefined) await writeSecrets(files, secrets);
  const running = await startOn(work, place, secrets);
  return finish(work, { running, secrets, attached: false });
}

async function startOn(work: Work, place: Place, secrets: Secrets): Promise<Running> {
  const { files, log, startTimeoutMs: timeoutMs } = work;
  await makeHome(place);
  const source = work.binaries ?? platformBinaries();
  const binaries = await prepareBinaries(source, { user: place.user, beside: place.cluster, log });
  if (place.major !== undefined && place.major !== binaries.major) throw otherMajor(place, binaries.version);
  if (place.major === undefined) {
    const as = place.user === undefined ? '' : `, run by the user ${place.user.name} because PostgreSQL refuses root`;
    log(`Making a PostgreSQL ${binaries.version} database in ${place.cluster}${as}`);
    await createCluster({ place, binaries, ownerPassword: secrets.ownerPassword, sync: work.initSync });
  }
  await rememberPlace(files, place);
  await clearStalePid(place.cluster, log);
  const { port } = secrets;
  const running = await startServer({ files, place, binaries, port, settings: work.settings, timeoutMs, log });
  log(`PostgreSQL ${binaries.version} runs on 127.0.0.1:${running.port}, pid ${running.pid}`);
  return running;
}

interface Found {
  readonly running: Running;
  readonly secrets: Secrets;
  readonly attached: boolean;
}

/** What both ways have in common; a server that was started here does not stay behind when this fails. */
async function finish(work: Work, found: Found): Promise<EmbeddedServer> {
  const { running, attached } = found;
  const stop = { timeoutMs: work.stopTimeoutMs, log: work.log };
  try {
    const secrets = { ...found.secrets, port: running.port };
    if (found.secrets.port !== running.port) await writeSecrets(work.files, secrets);
    await ensureDatabase(running.port, secrets);
    return makeServer(running, { secrets, attached, stop, bounded: work.files });
  } catch (error) {
    if (!attached) await stopServer(running, stop);
    throw error;
  }
}

interface ServerParts {
  readonly secrets: Secrets;
  readonly attached: boolean;
  readonly stop: { readonly timeoutMs: number; readonly log: (line: string) => void };
  /** Whose log is kept below its bound while the app runs. */
  readonly bounded?: Files;
}

function makeServer(running: Running, { secrets, attached, stop, bounded }: ServerParts): EmbeddedServer {
  const { port, pid } = running;
  const owner = { role: ownerRole, password: secrets.ownerPassword };
  const check = () => void (bounded && boundLog(bounded).catch(() => undefined));
  const timer = bounded === undefined ? undefined : setInterval(check, logCheckMs).unref();
  let stopping: Promise<void> | undefined;
  return {
    port,
    pid,
    attached,
    ownerUrl: serverUrl(port, { ...owner, database: databaseName }),
    appUrl: serverUrl(port, { role: appRole, password: secrets.appPassword, database: databaseName }),
    url: (database) => serverUrl(port, { ...owner, database }),
    stop: () => {
      clearInterval(timer);
      stopping ??= stopServer(running, stop);
      return stopping;
    },
  };
}

/** One start per folder at a time. The second waits for the first and then finds its server running. */
async function takeStartLock({ files, startTimeoutMs, log }: Work): Promise<ProcessLock> {
  let holder: Holder | undefined;
  const lock = await pollUntil(startTimeoutMs, async () => {
    const taken = await takeLock(files.lock);
    if (taken instanceof ProcessLock) return taken;
    if (holder === undefined) log(`Process ${taken.pid} is starting the same database; waiting for it`);
    holder = taken;
    return undefined;
  });
  if (lock !== undefined) return lock;
  throw new PostgresError(
    `Process ${holder?.pid} has been starting the database in ${files.dataDir} for ${startTimeoutMs} ms. ` +
      'Wait for it, or end it, and start again.',
  );
}

function otherMajor(place: Place, version: string): PostgresError {
  return new PostgresError(
    `The database in ${place.cluster} was made by PostgreSQL ${place.major}, and this Taskfeed brings ${version}. ` +
      'Export it with the Taskfeed that made it, then set DATA_DIR to another folder and import it there.',
  );
}

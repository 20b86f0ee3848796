// The server as a process: started in a session of its own, watched until it is ready, stopped and waited for.
//
// It is no child to be ended with us. A Ctrl-C in the terminal reaches every process of the foreground group, and the
// server would leave before the app has drained; and after kill -9 of the app it has to be there for the next start.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type Binaries, platformBinaries, program } from './embedded-binaries.ts';
import { PostgresError } from './embedded-error.ts';
import { boundLog, type Files, sizeOf } from './embedded-files.ts';
import type { Place } from './embedded-place.ts';
import { run, spawnOptions } from './embedded-run.ts';
import { pollUntil } from './embedded-wait.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

export interface Launched {
  /** Undefined on Windows, where pg_ctl stands between; there only postmaster.pid tells. */
  readonly pid: number | undefined;
  /** Where in the log this start begins. */
  readonly logOffset: number;
  hasExited(): boolean;
}

export interface LaunchOptions {
  readonly files: Files;
  readonly place: Place;
  readonly binaries: Binaries;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}

export async function launch(options: LaunchOptions): Promise<Launched> {
  const { files, place, binaries } = options;
  await boundLog(files);
  const logOffset = await sizeOf(files.log);
  const settings = serverArguments(options);
  if (process.platform === 'win32') {
    // pg_ctl gives up administrator rights for the server, which refuses to run with them.
    const args = ['start', '-W', '-D', place.cluster, '-l', files.log, '-o', settings.join(' ')];
    await run(program(binaries.folder, 'pg_ctl'), args, undefined);
    return { pid: undefined, logOffset, hasExited: () => false };
  }
  const log = openSync(files.log, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(program(binaries.folder, 'postgres'), ['-D', place.cluster, ...settings], {
      ...spawnOptions(place.user),
      detached: true,
      stdio: ['ignore', log, log],
    });
  } finally {
    closeSync(log);
  }
  if (child.pid === undefined) await once(child, 'spawn');
  child.unref();
  return { pid: child.pid, logOffset, hasExited: () => child.exitCode !== null || child.signalCode !== null };
}

/** On the command line, so that they hold whatever the folder's postgresql.conf says. The last one of a name wins. */
function serverArguments({ port, settings }: LaunchOptions): string[] {
  const all: Record<string, string> = {
    max_connections: '300',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** PostgreSQL's fast shutdown: open sessions are ended, everything is written. After the deadline its immediate one. */
export async function stopServer(
  server: ProcessIdentity,
  options: { timeoutMs: number; log: (line: string) => void },
): Promise<void> {
  const gone = () => (isRunning(server) ? undefined : true);
  if (gone()) return;
  await signal(server.pid, 'INT');
  if (await pollUntil(options.timeoutMs, gone)) return;
  options.log(
    `PostgreSQL (pid ${server.pid}) has not stopped within ${options.timeoutMs} ms; stopping it at once, ` +
      'it will recover at the next start',
  );
  await signal(server.pid, 'QUIT');
  if (await pollUntil(Math.max(options.timeoutMs, 10_000), gone)) return;
  throw new PostgresError(
    `PostgreSQL (pid ${server.pid}) does not stop. Look at what it waits for, and end it with kill -QUIT ${server.pid}.`,
  );
}

async function signal(pid: number, name: 'INT' | 'QUIT'): Promise<void> {
  if (process.platform === 'win32') {
    await run(program(platformBinaries(), 'pg_ctl'), ['kill', name, String(pid)], undefined);
    return;
  }
  try {
    process.kill(pid, `SIG${name}`);
  } catch (error) {
    if (identify(pid) !== undefined) throw error;
  }
}

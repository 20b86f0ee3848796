// What the tests of the embedded server share: folders and processes that are gone afterwards, whatever happened.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { it } from '@jest/globals';
import pg from 'pg';
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from '../../src/postgres/embedded.ts';
import { identify, isAlive, isRunning, type ProcessIdentity } from '../../src/postgres/process-identity.ts';
import { eventually } from '../support/eventually.ts';

export const execute = promisify(execFile);
export const isRoot = process.getuid?.() === 0;

/** A case that only root can stage. Where it cannot be, it says so. */
export function rootCase(name: string, body: () => Promise<void>): void {
  if (isRoot) it(name, body);
  else it(name, () => void process.stderr.write(`not run: ${name} (needs root)\n`));
}

export interface App {
  readonly process: ChildProcess;
  readonly log: string[];
  /** Resolves with the server's facts, or with the error's message. */
  readonly outcome: Promise<{ pid: number; port: number; attached: boolean; ownerUrl: string } | { message: string }>;
}

/** Nothing here has to survive a power cut; killed processes lose nothing by it. */
const quick = { initSync: false, settings: { fsync: 'off' } };

let template: Promise<Stage> | undefined;

/** To be called after the last test of a file that uses `Stage.seed()`. */
export async function removeTemplate(): Promise<void> {
  await (await template)?.end();
}

async function makeTemplate(): Promise<Stage> {
  const stage = new Stage();
  await (await stage.start()).stop();
  return stage;
}

/** One test's folders and processes. */
export class Stage {
  readonly root = mkdtempSync(join(tmpdir(), 'taskfeed-embedded-'));
  readonly log: string[] = [];
  readonly #servers: EmbeddedServer[] = [];
  readonly #processes: ChildProcess[] = [];
  readonly #frozen: ProcessIdentity[] = [];
  readonly #mounts: string[] = [];

  constructor() {
    // mkdtemp makes 0700, which is a case of its own (see embedded-user.test.ts).
    chmodSync(this.root, 0o755);
  }

  get dataDir(): string {
    return join(this.root, 'postgres');
  }

  async start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
    const log = (line: string) => this.log.push(line);
    const server = await startEmbedded({ dataDir: this.dataDir, log, ...quick, ...options });
    this.#servers.push(server);
    return server;
  }

  /** Puts a database there that was started and stopped before: a copy, which is ten times faster than making one. */
  async seed(folder = this.root): Promise<void> {
    template ??= makeTemplate();
    const { dataDir } = await template;
    await mkdir(folder, { recursive: true });
    await execute('cp', ['-a', dataDir, `${dataDir}.json`, folder]);
  }

  /** The message of the error that a start ends with. */
  async refusal(options: Partial<EmbeddedOptions> = {}): Promise<string> {
    return this.start(options).then(
      () => 'it started',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  }

  app(options: Partial<EmbeddedOptions> = {}, ids: { uid?: number; gid?: number } = {}): App {
    const script = fileURLToPath(new URL('embedded-child.ts', import.meta.url));
    const all = { dataDir: this.dataDir, ...quick, ...options };
    const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(all)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A group of its own, like that of a command in a terminal.
      detached: true,
      ...ids,
    });
    this.#processes.push(child);
    const log: string[] = [];
    const outcome = new Promise<Awaited<App['outcome']>>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { event, value } = JSON.parse(line);
        if (event === 'log') log.push(value);
        if (event === 'ready' || event === 'error') resolve(value);
      });
      child.once('exit', (code, signal) => reject(new Error(`The app ended: ${code ?? signal}`)));
    });
    outcome.catch(() => undefined);
    return { process: child, log, outcome };
  }

  spawn(command: string, args: string[], ids: { uid?: number; gid?: number } = {}): number {
    const child = spawn(command, args, { stdio: 'ignore', cwd: '/', ...ids });
    this.#processes.push(child);
    return child.pid ?? 0;
  }

  /** A session of the server that neither answers nor ends, until it is woken or killed. */
  async freezeSession(server: EmbeddedServer): Promise<number> {
    const client = new pg.Client({ connectionString: server.ownerUrl });
    client.on('error', () => undefined);
    await client.connect();
    const { pid } = (await client.query('select pg_backend_pid() as pid')).rows[0];
    process.kill(pid, 'SIGSTOP');
    const identity = identify(pid);
    if (identity !== undefined) this.#frozen.push(identity);
    return pid;
  }

  /** A data folder on a small disk of its own; undefined where root may not mount one, which is said. */
  async smallDisk(size: string): Promise<string | undefined> {
    const folder = join(this.root, 'disk');
    await mkdir(folder);
    try {
      await execute('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', folder]);
    } catch (error) {
      process.stderr.write(`not run: a small disk cannot be mounted here (${String(error).trim()})\n`);
      return undefined;
    }
    this.#mounts.push(folder);
    return join(folder, 'postgres');
  }

  async end(): Promise<void> {
    for (const session of this.#frozen) if (isRunning(session)) process.kill(session.pid, 'SIGKILL');
    for (const child of this.#processes) await endChild(child);
    for (const server of this.#servers) await server.stop();
    const clusters = await this.#clusters();
    for (const cluster of clusters) await endServer(cluster);
    for (const mount of this.#mounts) await execute('umount', [mount]);
    for (const cluster of clusters) {
      const home = dirname(cluster);
      if (basename(home).startsWith('taskfeed-') && home !== this.root) rmSync(home, { recursive: true, force: true });
    }
    await execute('chmod', ['-R', 'u+rwX', this.root]);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }

  /** Every data folder below the stage, and those that a pointer file says are elsewhere. */
  async #clusters(): Promise<string[]> {
    const found: string[] = [];
    for (const name of await readdir(this.root, { recursive: true })) {
      const path = join(this.root, name);
      if (basename(path) === 'PG_VERSION' && existsSync(join(dirname(path), 'global'))) found.push(dirname(path));
      if (path.endsWith('.location')) found.push(readFileSync(path, 'utf8').trim());
    }
    return found;
  }
}

export async function query(url: string, text: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows[0] ?? {};
  } finally {
    await client.end();
  }
}

export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** A server whose app was killed has nobody left who would stop it. */
async function endServer(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [pid = 0, folder] = readFileSync(file, 'utf8')
    .split('\n')
    .map((line, n) => (n === 0 ? Number(line) : line));
  if (folder !== cluster || !isAlive(Number(pid))) return;
  process.kill(Number(pid), 'SIGQUIT');
  await eventually('the end of a server that was left behind', () => !isAlive(Number(pid)));
}

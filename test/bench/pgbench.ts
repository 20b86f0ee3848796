// The writers: pgbench, because a writer in Node would itself be what is slow. Every write notes who made it and the
// how-manieth it is, so that its arrival at a client can be matched with its commit in pgbench's log.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from './plan.ts';
import { taskCount } from './plan.ts';

// Debian's /usr/bin/pgbench is a script that looks for this one.
const places = ['/usr/lib/postgresql/18/bin', '/usr/lib/postgresql/17/bin', '/usr/lib/postgresql/16/bin'];
places.push('/usr/lib/postgresql/15/bin', '/usr/bin', '/usr/local/bin');

export function findPgbench(): string | undefined {
  return places.map((place) => join(place, 'pgbench')).find((path) => existsSync(path));
}

/**
 * Note of a write: the round, the writer, and the writer's own count from 1. Row 1 is left for the round's last write: a
 * column that reads rows later than it hears of them would show that write too early if an older one of the row waited.
 */
const script = `\\set id random(2, ${taskCount})
\\set counter :counter + 1
update public.tasks set note = 'r' || :round::text || '.' || :client_id::text || '.' || :counter::text where id = :id::integer;
`;

export interface Writing {
  program: string;
  url: string;
  row: Row;
  round: number;
}

export interface Written {
  tps: number;
  /** Transactions that were committed. */
  commits: number;
  /** By note; only for latency rows. */
  times: Map<string, Commit>;
}

export interface Commit {
  /** When the writer learnt of it, ms since 1970. */
  at: number;
  /** How long that was after the write was due, ms: writers that wait for each other or for the server are behind. */
  afterDueMs: number;
}

export async function write({ program, url, row, round }: Writing): Promise<Written> {
  const folder = await mkdtemp(join(tmpdir(), 'taskfeed-bench-'));
  try {
    const file = join(folder, 'write.sql');
    const logs = join(folder, 'log');
    await mkdir(logs);
    await writeFile(file, script);
    const { writers, rate, kind, isSlowFlush, seconds } = row;
    const args = ['-n', '-M', 'prepared', '-f', file, '-T', String(seconds), '-c', String(writers)];
    args.push('-j', writers > 16 ? '2' : '1', '-D', 'counter=0', '-D', `round=${round}`);
    if (rate !== undefined) args.push('-R', String(rate));
    if (kind === 'latency') args.push('-l', `--log-prefix=${join(logs, 'x')}`);
    const options = isSlowFlush ? '-c commit_delay=2000 -c commit_siblings=0' : '';
    const output = await run(program, [...args, url], options, (seconds + 30) * 1000);
    // On a machine that is busy enough all of the time goes into connecting.
    const tps = Number(/^tps = ([\d.]+)/m.exec(output)?.[1] ?? 0);
    const commits = Number(/actually processed: (\d+)/.exec(output)?.[1]);
    if (Number.isNaN(commits)) throw new Error(`pgbench said something else: ${output}`);
    return { tps, commits, times: kind === 'latency' ? await readTimes(logs, round) : new Map() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: string[], options: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PGOPTIONS: options };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`pgbench ended with ${code}: ${errors}`));
    });
  });
}

/** Lines of the log: client, transaction, time since it was due, script, seconds, microseconds, and how late it began. */
async function readTimes(folder: string, round: number): Promise<Map<string, Commit>> {
  const times = new Map<string, Commit>();
  for (const name of await readdir(folder)) {
    for (const line of (await readFile(join(folder, name), 'utf8')).split('\n')) {
      const [client, transaction, elapsed, , seconds, microseconds] = line.split(' ');
      if (microseconds === undefined) continue;
      const at = Number(seconds) * 1000 + Number(microseconds) / 1000;
      times.set(`r${round}.${client}.${transaction}`, { at, afterDueMs: Number(elapsed) / 1000 });
    }
  }
  return times;
}

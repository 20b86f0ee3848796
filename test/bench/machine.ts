// On what it was measured.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  processors: string;
  memory: string;
  system: string;
  node: string;
  postgres: string;
  pgbench: string;
  date: string;
  /** Load of the machine just before, and just after: the run itself is in the latter. */
  load: { before: number; after: number };
}

/** Call it before, and what it returns after. */
export function describeMachine(postgres: string, pgbench: string): () => Machine {
  const before = loadavg()[0] ?? 0;
  return () => ({
    processors: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    memory: `${(totalmem() / 1024 ** 3).toFixed(1)} GiB`,
    system: `${osName()}, kernel ${spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim()}`,
    node: process.version,
    postgres: postgres.split(' on ')[0] ?? postgres,
    pgbench: spawnSync(pgbench, ['--version'], { encoding: 'utf8' }).stdout.trim(),
    date: new Date().toISOString().slice(0, 10),
    load: { before, after: loadavg()[0] ?? 0 },
  });
}

function osName(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}

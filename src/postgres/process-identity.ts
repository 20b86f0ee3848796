// Who a process id is. A number alone says little: after a crash or a reboot the system hands it to another program, and
// a lock that trusts it would then be held for ever by a stranger. So a process is its id and the time it began.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { codeOf } from './errno.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque, compared for equality only; empty where the system does not tell. */
  readonly started: string;
}

/** The process that has this id now; undefined when there is none (one that has ended but was not reaped is none). */
export function identify(pid: number): ProcessIdentity | undefined {
  if (!isAlive(pid)) return undefined;
  return { pid, started: startOf(pid) };
}

/** Is it still this very process, not another one under its id? Without start times the id has to do. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  if (now === undefined) return false;
  return now.started === '' || identity.started === '' || now.started === identity.started;
}

export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Any other failure (EPERM) means that it runs and belongs to somebody else.
    return codeOf(error) !== 'ESRCH';
  }
  // In a container whose first process reaps nothing, an ended process stays as a zombie and still takes signal 0.
  const state = statFields(pid)?.[0];
  return state !== 'Z' && state !== 'X';
}

/** The command line as one string, arguments joined by spaces; undefined where it cannot be read. */
export function commandLine(pid: number): string | undefined {
  if (process.platform === 'linux') {
    return readOrUndefined(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
  }
  return ps(pid, 'command=');
}

function startOf(pid: number): string {
  if (process.platform === 'linux') {
    const ticks = statFields(pid)?.[19];
    // Ticks count from the boot, so the boot is part of the time.
    return ticks === undefined ? '' : `${bootId()}:${ticks}`;
  }
  return ps(pid, 'lstart=') ?? '';
}

/** The fields of /proc/<pid>/stat from the third on. The second, the program's name, may hold spaces and brackets. */
function statFields(pid: number): string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  const text = readOrUndefined(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function bootId(): string {
  return readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function ps(pid: number, field: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const result = spawnSync('ps', ['-ww', '-o', field, '-p', String(pid)], { encoding: 'utf8' });
  const text = result.status === 0 ? result.stdout.trim() : '';
  return text === '' ? undefined : text;
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

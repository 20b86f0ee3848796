// Which process took the processors' time of a round: /proc, by what a process is to the round. Linux only.
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of processor time. */
export interface Budget {
  /** The writers' backends in the server, with the triggers that they run. */
  writers: number;
  pgbench: number;
  /** What the feed has in the server: backends that listen, read or decode. */
  sessions: number;
  /** The Node process that serves the clients. */
  feed: number;
  clients: number;
  /** WAL writer and whoever else the server runs for all. */
  background: number;
}

export interface Accounted {
  postmaster: number;
  feed: number | undefined;
  clients: number | undefined;
}

const tickMs = 10;

/**
 * From this call to that of the returned function. What ends in between is in its parent's account of children: pgbench in
 * ours, the writers' backends in the postmaster's.
 */
export function watchBudget({ postmaster, feed, clients }: Accounted): () => Budget | undefined {
  const read = (): Budget | undefined => {
    try {
      const all = processes();
      const own = (pid: number | undefined) => all.get(pid ?? 0)?.own ?? 0;
      const backends = [...all].filter(([, { parent }]) => parent === postmaster);
      const sumOf = (isSession: boolean) =>
        backends.reduce((sum, [pid, { own: ms }]) => sum + (isForClient(pid) === isSession ? ms : 0), 0);
      return {
        writers: all.get(postmaster)?.children ?? 0,
        pgbench: all.get(process.pid)?.children ?? 0,
        sessions: sumOf(true),
        feed: own(feed),
        clients: own(clients),
        background: sumOf(false) + own(postmaster),
      };
    } catch {
      return undefined;
    }
  };
  const before = read();
  return () => {
    const after = read();
    if (!before || !after) return undefined;
    const names = Object.keys(after) as (keyof Budget)[];
    return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as unknown as Budget;
  };
}

interface Account {
  parent: number;
  own: number;
  children: number;
}

function processes(): Map<number, Account> {
  const all = new Map<number, Account>();
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? readStat(name) : undefined;
    if (!fields) continue;
    const [own = 0, ownSystem = 0, children = 0, childrenSystem = 0] = fields.slice(11, 15).map(Number);
    all.set(Number(name), {
      parent: Number(fields[1]),
      own: (own + ownSystem) * tickMs,
      children: (children + childrenSystem) * tickMs,
    });
  }
  return all;
}

/** The fields after the name, from the state on. */
export function readStat(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** A backend names the address of its client in its title. */
function isForClient(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('127.0.0.1(');
  } catch {
    return false;
  }
}

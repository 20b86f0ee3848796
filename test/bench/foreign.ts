// How much of the machine's processors others used meanwhile: all busy time less that of our own processes, and what the
// host of a virtual machine gave to somebody else ("stolen"). Linux only.
import { readdirSync, readFileSync } from 'node:fs';
import { readStat } from './budget.ts';

interface Times {
  /** Clock ticks since the machine started. */
  total: number;
  busy: number;
  own: number;
  stolen: number;
}

/** Shares of the machine's processors, 0 to 1. */
export interface Disturbance {
  others: number;
  stolen: number;
}

/** Between two calls of the returned function; undefined where /proc does not tell. */
export function watchOthers(postmaster: number): () => Disturbance | undefined {
  let before = readTimes(postmaster);
  return () => {
    const after = readTimes(postmaster);
    const from = before;
    before = after;
    if (!from || !after || after.total === from.total) return undefined;
    const others = after.busy - from.busy - (after.own - from.own);
    const total = after.total - from.total;
    return { others: Math.max(others, 0) / total, stolen: (after.stolen - from.stolen) / total };
  };
}

/** For a line of output. */
export function describeDisturbance(seen: Disturbance | undefined): string {
  if (!seen) return '';
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  return `, others ${percent(seen.others)}${seen.stolen >= 0.005 ? `, stolen ${percent(seen.stolen)}` : ''}`;
}

function readTimes(postmaster: number): Times | undefined {
  try {
    const line = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '';
    // user, nice, system, idle, iowait, irq, softirq, steal
    const fields = line.split(' ').map(Number).slice(0, 8);
    const total = fields.reduce((all, ticks) => all + ticks, 0);
    const [, , , idle = 0, waiting = 0, , , stolen = 0] = fields;
    return { total, busy: total - idle - waiting - stolen, own: ownTicks(postmaster), stolen };
  } catch {
    return undefined;
  }
}

// A process that has ended is in its parent's count of children, so ours never goes down.
function ownTicks(postmaster: number): number {
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = readStat(name);
    if (fields) {
      const ticks = fields.slice(11, 15).reduce((all, field) => all + Number(field), 0);
      processes.set(Number(name), { parent: Number(fields[1]), ticks });
    }
  }
  const isOurs = (pid: number): boolean =>
    pid === process.pid || pid === postmaster || (pid > 1 && isOurs(processes.get(pid)?.parent ?? 0));
  return [...processes].reduce((all, [pid, { ticks }]) => all + (isOurs(pid) ? ticks : 0), 0);
}

/** Nanoseconds that a process has run. Linux only. */
export function processorTime(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

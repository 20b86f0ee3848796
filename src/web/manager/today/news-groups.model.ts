// The news, with what one hand did to many tasks told as one: "25 tasks, Status: → Sent". Pure.
import type { ToldChange } from '../../../protocol/task.ts';
import type { NewsItem } from '../live/news.ts';
import type { Part } from '../task/told.model.ts';

/** A line of the news: it came live, or the journal told of it. */
export type Entry = { live: NewsItem } | { told: ToldChange };

interface Facts {
  key: string;
  /** Undefined for what is never told together. */
  taskId: number | undefined;
  actor: string;
  at: number;
  /** Alike for changes of the same kind to the same fields. */
  kind: string;
}

export interface Group {
  key: string;
  /** The newest first; more than one only if they are told as one. */
  entries: readonly Entry[];
  /** How many tasks they are about. */
  count: number;
  /** There may have been more, which nobody here knows of. */
  isCut: boolean;
}

/** Fewer are told one by one. */
const least = 3;
/** A longer silence parts two groups, ms. */
const silenceMs = 60_000;

export function factsOf(entry: Entry): Facts {
  if ('live' in entry) {
    const { topic, kind, row, change } = entry.live;
    const fields = kind === 'updated' ? [...change.changed].sort().join() : '';
    const taskId = topic === 'task' ? row.id : undefined;
    return {
      key: `${topic}-${row.id}-${change.seq}`,
      taskId,
      actor: change.actor,
      at: Date.parse(change.at),
      kind: kind + fields,
    };
  }
  const { seq, task, actor, at, op, fields } = entry.told;
  const kinds = { insert: 'created', update: 'updated', delete: 'deleted' };
  const named = op === 'update' ? Object.keys(fields).sort().join() : '';
  return { key: `told-${seq}`, taskId: task.id, actor, at: Date.parse(at), kind: kinds[op] + named };
}

export interface GroupOptions {
  /** Groups. */
  most: number;
  /** There were more entries than these. */
  isCut: boolean;
}

/** From entries of which the newest comes first. */
export function groupNews(entries: readonly Entry[], { most, isCut }: GroupOptions): Group[] {
  const groups: Group[] = [];
  let at = 0;
  while (at < entries.length && groups.length < most) {
    const end = runEnd(entries, at);
    const run = entries.slice(at, end);
    const count = new Set(run.map((entry) => factsOf(entry).taskId)).size;
    const parts = count >= least ? [run] : run.map((entry) => [entry]);
    for (const part of parts) {
      const isWhole = part === run;
      groups.push({
        key: keyOf(part),
        entries: part,
        count: isWhole ? count : 1,
        isCut: isWhole && isCut && end === entries.length,
      });
    }
    at = end;
  }
  return groups.slice(0, most);
}

/** Where those end that go together with the one at `from`. */
function runEnd(entries: readonly Entry[], from: number): number {
  let end = from + 1;
  let before = entries[from] && factsOf(entries[from]);
  for (; end < entries.length && before?.taskId !== undefined; end += 1) {
    const entry = entries[end];
    const next = entry && factsOf(entry);
    if (next?.taskId === undefined || next.actor !== before.actor || next.kind !== before.kind) break;
    if (before.at - next.at > silenceMs) break;
    before = next;
  }
  return end;
}

function keyOf([first]: readonly Entry[]): string {
  return first ? factsOf(first).key : '';
}

/** The parts of the newest of them, without what the others do not share: where they went, and where they came from. */
export function commonParts(parts: readonly Part[], entries: readonly Entry[]): Part[] {
  const isShared = (field: string, side: 'from' | 'to') => {
    const values = new Set(entries.map((entry) => sideOf(entry, field, side)));
    return values.size === 1;
  };
  return parts.map((part) => {
    const { field, to } = part;
    if (to === undefined || !isShared(field, 'to')) return { field };
    return isShared(field, 'from') ? part : { field, to };
  });
}

function sideOf(entry: Entry, field: string, side: 'from' | 'to'): unknown {
  if ('told' in entry) {
    const { fields } = entry.told;
    return (fields[field] ?? fields[field.replace(/_name$/, '_id')])?.[side];
  }
  const { row, change } = entry.live;
  const values: Readonly<Record<string, unknown>> = side === 'to' ? { ...row } : { ...change.before };
  return values[field];
}

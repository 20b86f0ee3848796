// The outbox as the page shows it: what is kept, what is on its way, and what has just been sent. Pure.
import type { Task } from '../../protocol/task.ts';
import type { ShownEntry } from '../../view/state.ts';
import type { Answer, Entry } from './outbox.ts';

/** What the server has confirmed, until the page is loaded again. */
export interface Sent {
  entry: Entry;
  at: number;
  /** The task's version that holds it, if it was about a task's row. */
  version: number | undefined;
}

export interface ShownSources {
  entries: readonly Entry[];
  sent: readonly Sent[];
  tasks: readonly Task[];
  now: number;
  isOnItsWay: (key: string) => boolean;
  progressOf: (key: string) => number | undefined;
  photoUrl: (key: string) => string | undefined;
}

export function sentOf(entry: Entry, { task }: Answer, now: number): Sent {
  return { entry, at: now, version: task?.version };
}

/** On one card. */
const mostSent = 2;

/** What was sent stands on top of the row until the feed has brought a row that contains it. */
export function shownEntries(sources: ShownSources): ShownEntry[] {
  const { entries, sent, tasks } = sources;
  const kept = new Set(entries.map(({ key }) => key));
  const news = sent.filter(({ entry }, index) => {
    const later = sent.slice(index + 1).filter((other) => other.entry.taskId === entry.taskId);
    return !kept.has(entry.key) && later.length < mostSent;
  });
  return [
    ...news.map(({ entry, at, version }) => {
      const row = tasks.find(({ id }) => id === entry.taskId);
      const isInRow = version === undefined || !row || row.version >= version;
      const shown = describe(entry, sources, isInRow);
      return { ...shown, phase: 'sent' as const, sentAt: at };
    }),
    ...entries.map((entry) => ({ ...describe(entry, sources, false), ...phaseOf(entry, sources) })),
  ];
}

type Described = Omit<ShownEntry, 'phase'>;

function describe(
  { key, taskId, taskTitle, what, refusal }: Entry,
  { photoUrl }: ShownSources,
  isInRow: boolean,
): Described {
  const about = { key, taskId, taskTitle, isOnTop: false };
  if (what.kind === 'acknowledge') return { ...about, kind: 'acknowledge' };
  if (what.kind === 'photo') {
    const url = photoUrl(key);
    return { ...about, kind: 'photo', ...(url === undefined ? {} : { photo: { url, name: what.name } }) };
  }
  const { status, note } = what.patch;
  return {
    ...about,
    kind: status === undefined ? 'note' : 'status',
    isOnTop: !isInRow && !refusal,
    ...(status === undefined ? {} : { step: status }),
    ...(note === undefined ? {} : { text: note }),
  };
}

type Progress = Pick<ShownEntry, 'phase' | 'refusal' | 'progress' | 'secondsLeft'>;

function phaseOf(entry: Entry, { now, isOnItsWay, progressOf }: ShownSources): Progress {
  const { key, refusal, notBefore, attempts } = entry;
  if (refusal) return { phase: 'refused', refusal };
  if (isOnItsWay(key)) {
    const progress = progressOf(key);
    return { phase: 'sending', ...(progress === undefined ? {} : { progress }) };
  }
  const isUndoable = attempts === 0 && notBefore > now;
  return isUndoable ? { phase: 'undoable', secondsLeft: Math.ceil((notBefore - now) / 1000) } : { phase: 'waiting' };
}

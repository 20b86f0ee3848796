// The outbox as a state machine: what the employee did and what the server has not confirmed yet. Pure; courier.ts acts
// on it and outbox-store.ts keeps it.
//
//   add ──▶ undoable ──10 s──▶ waiting ──▶ claimed and sent ──▶ confirmed: gone from here
//               │                 ▲  │            │
//             undo                │  │            ├── no answer, 5xx: again later, same key
//               ▼                 │  ▼            ▼
//             gone             retry └──────── refused: kept until the person decides
//
// Entries of a task go out one after the other. The same entry may reach the server more than once (the answer was lost,
// two tabs are open); its key makes that one effect. So an entry never changes after it was first sent: another request
// under the same key would be refused.
import type { Task, TaskStatus } from '../../protocol/task.ts';
import { isLegal } from '../../protocol/transitions.ts';
import type { Ending, Refusal } from '../../view/state.ts';

/** What the person saw when they decided; `version` is the one it was shown with. */
export interface Seen {
  version: number;
  status: TaskStatus;
  note: string | null;
}

export interface Update {
  kind: 'update';
  patch: { status?: TaskStatus; note?: string };
  seen: Seen;
}

export interface Photo {
  kind: 'photo';
  name: string;
}

export interface Entry {
  /** Made here; the server does the work once per key. */
  key: string;
  linkId: number;
  /** Null: about the link as a whole. */
  taskId: number | null;
  taskTitle: string;
  /** Increases; entries of a task go out in this order. */
  order: number;
  what: { kind: 'acknowledge' } | Update | Photo;
  /** Until then it can be undone, ms. */
  notBefore: number;
  /** How often it may have reached the server. */
  attempts: number;
  /** Not sent again before that, ms. */
  retryAt: number;
  refusal?: Refusal;
}

export const undoMs = 10_000;

const firstRetryMs = 1_000;
const longestRetryMs = 60_000;

/** The entries that may be sent now: for each task the first one, the small ones before the photos. */
export function sendable(entries: readonly Entry[], now: number): Entry[] {
  return entries
    .filter((entry) => !entry.refusal && entry.notBefore <= now && entry.retryAt <= now)
    .filter((entry) => !entries.some((other) => blocks(other, entry)))
    .sort((one, other) => Number(isPhoto(one)) - Number(isPhoto(other)) || one.order - other.order);
}

/** When `sendable` may have something that it does not have now, ms; undefined: not by waiting. */
export function nextWake(entries: readonly Entry[], now: number): number | undefined {
  const times = entries
    .filter(({ refusal }) => !refusal)
    .map(dueSince)
    .filter((time) => time > now);
  return times.length === 0 ? undefined : Math.min(...times);
}

// A refused step stops the steps after it, which were decided on the same belief. Photos stand for themselves.
function blocks(earlier: Entry, entry: Entry): boolean {
  const isEarlier = earlier.linkId === entry.linkId && earlier.order < entry.order;
  const isSameLane = earlier.taskId === entry.taskId || earlier.taskId === null;
  if (!isEarlier || !isSameLane) return false;
  return earlier.refusal ? earlier.what.kind === 'update' && entry.what.kind === 'update' : true;
}

function isPhoto({ what }: Entry): boolean {
  return what.kind === 'photo';
}

/** The entry as it goes out once more. */
export function claimed(entry: Entry, now: number): Entry {
  return { ...entry, attempts: entry.attempts + 1, retryAt: now };
}

/** Since when it could have been sent, ms. */
export function dueSince({ notBefore, retryAt }: Entry): number {
  return Math.max(notBefore, retryAt);
}

/** Whether it can still be taken back: certainly not once it may have reached the server. */
export function canUndo(entry: Entry): boolean {
  return entry.attempts === 0 && !entry.refusal;
}

/**
 * After the server confirmed `key` with this task. What the person decided later, they decided on what is now true, as
 * far as those fields go: it counts as decided on the task's new version. Where somebody else's change came between, the
 * old version stays, and the server says so.
 */
export function confirmed(entries: readonly Entry[], key: string, task: Task | undefined): Entry[] {
  return entries
    .filter((entry) => entry.key !== key)
    .map((entry) => {
      const { what } = entry;
      if (what.kind !== 'update' || !task || task.id !== entry.taskId || entry.attempts > 0) return entry;
      const { patch, seen } = what;
      const isAsSeen =
        (patch.status === undefined || seen.status === task.status) &&
        (patch.note === undefined || seen.note === task.note);
      return isAsSeen ? { ...entry, what: { ...what, seen: { ...seen, version: task.version } } } : entry;
    });
}

/** No answer, or one that says "later": the same again, after a pause that grows. */
export function postponed(
  entries: readonly Entry[],
  key: string,
  { now, random, afterMs = 0 }: { now: number; random: () => number; afterMs?: number },
): Entry[] {
  return change(entries, key, (entry) => {
    const most = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(entry.attempts, 10));
    return { ...entry, retryAt: now + Math.max(afterMs, most * (0.5 + random() / 2)) };
  });
}

/** The server will not take it. What is lost with it for the same reason is told at once. */
export function refused(entries: readonly Entry[], key: string, refusal: Refusal): Entry[] {
  const target = entries.find((entry) => entry.key === key);
  return entries.map((entry) => {
    const isSame = entry.key === key;
    const isLostToo = refusal === 'not_yours' && entry.taskId === target?.taskId && !entry.refusal;
    return isSame || isLostToo ? { ...entry, refusal } : entry;
  });
}

/** The link is no more: nothing can be sent through it, and nothing is thrown away. */
export function ended(entries: readonly Entry[], linkId: number): Entry[] {
  return entries.map((entry) => (entry.linkId === linkId ? { ...entry, refusal: entry.refusal ?? 'ended' } : entry));
}

/**
 * What this phone could not send through an earlier link, for tasks that are in this one: a link was renewed. Nothing of
 * it is sent by itself.
 */
export function leftBehind(entries: readonly Entry[], linkId: number, taskIds: readonly number[]): Entry[] {
  return entries
    .filter((entry) => entry.linkId !== linkId && entry.taskId !== null && taskIds.includes(entry.taskId))
    .map((entry) => ({ ...entry, refusal: entry.refusal ?? 'ended' }));
}

/**
 * The person wants it nevertheless: under a new key, as decided on the task as it is now. A step that is not possible
 * any more is left out, so that the note that came with it can still be sent.
 */
export function retried(
  entries: readonly Entry[],
  key: string,
  { linkId, task, newKey, now }: { linkId: number; task: Task | undefined; newKey: string; now: number },
): Entry[] {
  return change(entries, key, ({ refusal, ...entry }) => ({
    ...entry,
    key: newKey,
    linkId,
    attempts: 0,
    retryAt: now,
    notBefore: now,
    what: entry.what.kind === 'update' ? onTask(entry.what, task, refusal) : entry.what,
  }));
}

function onTask({ patch, seen, kind }: Update, task: Task | undefined, refusal: Refusal | undefined): Update {
  const { status, ...rest } = patch;
  return {
    kind,
    patch: status === undefined || refusal === 'closed' ? rest : { ...rest, status },
    seen: task ? { version: task.version, status: task.status, note: task.note } : seen,
  };
}

/** Once more at once, because the person, the network or the server asked for it. */
export function hurried(entries: readonly Entry[], now: number): Entry[] {
  return entries.map((entry) => (entry.retryAt > now ? { ...entry, retryAt: now } : entry));
}

/** The page is being left: what could still be undone goes out now. */
export function flushed(entries: readonly Entry[], now: number): Entry[] {
  return entries.map((entry) => (entry.notBefore > now ? { ...entry, notBefore: now } : entry));
}

function change(entries: readonly Entry[], key: string, alter: (entry: Entry) => Entry): Entry[] {
  return entries.map((entry) => (entry.key === key ? alter(entry) : entry));
}

/** What the server said to an entry, or that it said nothing. */
export interface Answer {
  /** 0: no answer. */
  status: number;
  code?: string | undefined;
  reason?: string | undefined;
  task?: Task | undefined;
  /** Of "got it": since when, and the tasks as they are now. */
  acknowledgedAt?: string | undefined;
  tasks?: Task[] | undefined;
  retryAfterMs?: number | undefined;
}

export type Verdict =
  | { is: 'confirmed' }
  | { is: 'postponed' }
  | { is: 'refused'; refusal: Refusal }
  | { is: 'ended'; ending: Ending };

function isIn(task: Task, { patch }: Update): boolean {
  const isStatus = patch.status === undefined || patch.status === task.status;
  return isStatus && (patch.note === undefined || patch.note === task.note);
}

/** Not only changed meanwhile, but so that this step does not lead on from there. */
function isImpossible({ status }: Task, what: Entry['what'] | undefined): boolean {
  return what?.kind === 'update' && what.patch.status !== undefined && !isLegal('link', status, what.patch.status);
}

const refusals: Record<string, Refusal> = {
  stale_version: 'changed',
  illegal_transition: 'closed',
  forbidden: 'not_yours',
  too_large: 'too_large',
  image_too_large: 'too_large',
  image_pixels: 'too_large',
  image_type: 'not_an_image',
  image_broken: 'not_an_image',
  too_many_images: 'full',
};

export function verdictOn({ status, code = '', reason, task }: Answer, what?: Entry['what']): Verdict {
  if (status >= 200 && status < 300) return { is: 'confirmed' };
  // Another phone with this link was first with the very same.
  if (status === 409 && task && what?.kind === 'update' && isIn(task, what)) return { is: 'confirmed' };
  if (code === 'link_gone') return { is: 'ended', ending: reason === 'expired' ? 'expired' : 'revoked' };
  if (code === 'not_found') return { is: 'ended', ending: 'unknown' };
  const refusal = task && isImpossible(task, what) ? 'closed' : refusals[code];
  if (refusal) return { is: 'refused', refusal };
  const isFinal = (status >= 400 && status < 500 && status !== 408 && status !== 429) || status === 501;
  // An answer without a code of ours comes from something between: a portal in a hotel, a proxy. It decides nothing.
  return isFinal && code !== '' ? { is: 'refused', refusal: 'refused' } : { is: 'postponed' };
}

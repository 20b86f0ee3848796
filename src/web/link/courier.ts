// Carries the outbox to the server: on load, when something was done, when the network is back, when somebody looks, and
// by a timer. Decisions are in outbox.ts; this file applies them to the store and the network.
//
// Two rounds run side by side, one for the small things and one for photos, so that a step does not wait for another
// task's photo. Of each round only one runs at a time on this phone, also with the page open in two tabs (Web Locks);
// where there are no locks two may run, and the server does the work once all the same.
import type { Task } from '../../protocol/task.ts';
import type { Ending } from '../../view/state.ts';
import {
  type Answer,
  canUndo,
  claimed,
  confirmed,
  dueSince,
  type Entry,
  ended,
  flushed,
  hurried,
  leftBehind,
  nextWake,
  postponed,
  refused,
  retried,
  sendable,
  verdictOn,
} from './outbox.ts';
import type { OutboxStore, PhotoFile } from './outbox-store.ts';
import type { Send } from './send.ts';

export interface CourierOptions {
  store: OutboxStore;
  linkId: number;
  send: Send;
  /** The tasks that the page shows. */
  taskIds: () => number[];
  /** Entries, progress or what is on its way have changed. */
  onChange: () => void;
  onConfirmed: (entry: Entry, answer: Answer) => void;
  onRefused: (entry: Entry) => void;
  /** The server says that the link is no more. */
  onEnded: (ending: Ending) => void;
  now?: () => number;
  random?: () => number;
}

type Round = 'small' | 'photos';
const rounds: readonly Round[] = ['small', 'photos'];

/** Whatever was forgotten or missed is looked for this often, ms. */
const patrolMs = 15_000;
/** A tab that holds the lock for this long without sending anything is asleep; ms. */
const patienceMs = 180_000;

export class Courier {
  readonly #options: Required<CourierOptions>;
  readonly #running = new Set<Round>();
  readonly #again = new Set<Round>();
  readonly #progress = new Map<string, number | undefined>();
  readonly #news: BroadcastChannel | undefined;
  #entries: Entry[] = [];
  #wake: ReturnType<typeof setTimeout> | undefined;
  #patrol: ReturnType<typeof setInterval> | undefined;

  constructor(options: CourierOptions) {
    this.#options = { now: Date.now, random: Math.random, ...options };
    this.#news = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('taskfeed-outbox');
  }

  /** This link's entries, in order, after what an earlier link left behind. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  isOnItsWay(key: string): boolean {
    return this.#progress.has(key);
  }

  progressOf(key: string): number | undefined {
    return this.#progress.get(key);
  }

  async start(): Promise<void> {
    if (this.#news) this.#news.onmessage = () => void this.#look();
    this.#patrol = setInterval(() => void this.#look(), patrolMs);
    await this.#look();
  }

  stop(): void {
    clearInterval(this.#patrol);
    clearTimeout(this.#wake);
    this.#news?.close();
  }

  async add(entry: Entry, photo?: PhotoFile): Promise<void> {
    await this.#options.store.add(entry, photo);
    await this.#changed();
  }

  undo(key: string): Promise<void> {
    return this.#change((entries) => entries.filter((entry) => entry.key !== key || !canUndo(entry)));
  }

  discard(key: string): Promise<void> {
    return this.#changeAll((entries) => entries.filter((entry) => entry.key !== key));
  }

  retry(key: string, task: Task | undefined): Promise<void> {
    const { linkId, now } = this.#options;
    return this.#changeAll((entries) => retried(entries, key, { linkId, task, newKey: newKey(), now: now() }));
  }

  /** The network is back, or somebody looks: nothing waits for its turn any more. */
  hurry(): Promise<void> {
    return this.#change((entries) => hurried(entries, this.#options.now()));
  }

  /** The page is being left: what could still be undone goes out now. */
  flush(): Promise<void> {
    return this.#change((entries) => flushed(entries, this.#options.now()));
  }

  end(): Promise<void> {
    return this.#change((entries) => ended(entries, this.#options.linkId));
  }

  photo(key: string): Promise<PhotoFile | undefined> {
    return this.#options.store.photo(key);
  }

  // Entries of other links on this phone are left alone: they are other pages' affair.
  #change(alter: (entries: Entry[]) => Entry[]): Promise<void> {
    const { linkId } = this.#options;
    return this.#changeAll((all) => [
      ...all.filter((entry) => entry.linkId !== linkId),
      ...alter(all.filter((entry) => entry.linkId === linkId)),
    ]);
  }

  async #changeAll(alter: (entries: Entry[]) => Entry[]): Promise<void> {
    await this.#options.store.change(alter);
    await this.#changed();
  }

  async #changed(): Promise<void> {
    this.#news?.postMessage('changed');
    await this.#look();
  }

  /** Reads the store, shows it, and sends what is due. */
  async #look(): Promise<void> {
    const { store, linkId, onChange, now } = this.#options;
    const all = await store.read();
    this.#entries = [
      ...leftBehind(all, linkId, this.#options.taskIds()),
      ...all.filter((entry) => entry.linkId === linkId),
    ];
    onChange();
    clearTimeout(this.#wake);
    const wakeAt = nextWake(this.#entries, now());
    if (wakeAt !== undefined) this.#wake = setTimeout(() => void this.#look(), Math.max(10, wakeAt - now()));
    for (const round of rounds) if (this.#next(round)) void this.#run(round);
  }

  #next(round: Round): Entry | undefined {
    const due = sendable(this.#entries, this.#options.now());
    return due.find(({ what }) => (what.kind === 'photo') === (round === 'photos'));
  }

  async #run(round: Round): Promise<void> {
    this.#again.add(round);
    if (this.#running.has(round)) return;
    this.#running.add(round);
    try {
      while (this.#again.delete(round)) await this.#locked(round, () => this.#sendAll(round));
    } finally {
      this.#running.delete(round);
    }
  }

  async #locked(round: Round, work: () => Promise<void>): Promise<void> {
    if (typeof navigator.locks === 'undefined') return await work();
    const name = `taskfeed-outbox-${this.#options.linkId}-${round}`;
    await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      const oldest = this.#next(round);
      const isForgotten = oldest !== undefined && this.#options.now() - dueSince(oldest) > patienceMs;
      if (lock || isForgotten) await work();
    });
  }

  async #sendAll(round: Round): Promise<void> {
    for (let entry = this.#next(round); entry; entry = this.#next(round)) await this.#sendOne(entry);
  }

  async #sendOne({ key }: Entry): Promise<void> {
    const { store, send, onChange, now } = this.#options;
    // Claimed in one transaction: what was undone meanwhile, here or in another tab, is not sent.
    let claim: Entry | undefined;
    await store.change((all) => {
      const isThere = all.find((entry) => entry.key === key && !entry.refusal);
      claim = isThere && claimed(isThere, now());
      return all.map((entry) => (claim && entry.key === key ? claim : entry));
    });
    if (!claim) return await this.#look();
    this.#progress.set(key, claim.what.kind === 'photo' ? 0 : undefined);
    onChange();
    const photo = claim.what.kind === 'photo' ? await store.photo(key) : undefined;
    const onProgress = (share: number) => {
      this.#progress.set(key, share);
      onChange();
    };
    const answer = await send({ entry: claim, photo, onProgress });
    this.#progress.delete(key);
    await this.#take(claim, answer);
  }

  async #take(entry: Entry, answer: Answer): Promise<void> {
    const { now, random, onConfirmed, onRefused, onEnded } = this.#options;
    const verdict = verdictOn(answer, entry.what);
    const { key } = entry;
    if (verdict.is === 'confirmed') {
      onConfirmed(entry, answer);
      await this.#change((entries) => confirmed(entries, key, answer.task));
    } else if (verdict.is === 'refused') {
      await this.#change((entries) => refused(entries, key, verdict.refusal));
      onRefused(entry);
    } else if (verdict.is === 'ended') {
      await this.end();
      onEnded(verdict.ending);
    } else {
      const afterMs = answer.retryAfterMs ?? 0;
      await this.#change((entries) => postponed(entries, key, { now: now(), random, afterMs }));
    }
  }
}

/** 128 random bits. `crypto.randomUUID` is missing in older browsers and on plain HTTP. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// A lock file: held by one living process, worth nothing once that process is gone, whatever ended it.
//
// Making the file is exclusive (O_EXCL), so a free lock has one winner. The hard part is a stale one. "Read it, see that
// the holder is dead, delete it, make mine" looks right and is wrong: of two processes that saw the same dead holder the
// slower one deletes the lock that the faster one has just made. So the right to replace one particular dead holder is
// itself such a lock, named after that holder's nonce:
//
//   taskfeed.lock                 { pid: 812 (dead), nonce: "a1…" }
//   taskfeed.lock.a1…             { pid: 990 }        990 alone may replace a1…, and only while it is still there
//
// Who has that right reads the file again; if it still names a1…, nobody else can change it (its owner is dead, and the
// right is taken), so one rename puts the new holder in its place. A process that died half-way leaves a stale right,
// which is taken over in the same manner.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod/mini';
import { codeOf } from './errno.ts';
import { identify, isRunning } from './process-identity.ts';

const holderSchema = z.object({
  pid: z.int(),
  started: z.string(),
  nonce: z.string().check(z.regex(/^[0-9a-z]+$/)),
  /** What the holder tells those who find the lock taken, for instance the port it serves. */
  note: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Holder = z.infer<typeof holderSchema>;
export type Note = Holder['note'];

/** A file without readable content is one that is being written, unless it is older than this. */
const unfilledMs = 5_000;

export class ProcessLock {
  readonly #path: string;
  #holder: Holder;

  constructor(path: string, holder: Holder) {
    this.#path = path;
    this.#holder = holder;
  }

  async setNote(note: Note): Promise<void> {
    this.#holder = { ...this.#holder, note };
    await replace(this.#path, this.#holder);
  }

  /** Gives it back; a second call, or a file that is no longer ours, is no error. */
  async release(): Promise<void> {
    if ((await readNonce(this.#path)) === this.#holder.nonce) await rm(this.#path, { force: true });
  }
}

/** Takes the lock, or tells who has it. Never waits for the holder. */
export async function takeLock(path: string, note: Note = {}): Promise<ProcessLock | Holder> {
  const self = identify(process.pid) ?? { pid: process.pid, started: '' };
  const mine: Holder = { ...self, nonce: randomBytes(8).toString('hex'), note };
  for (;;) {
    if (await create(path, mine)) return new ProcessLock(path, mine);
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    if (holder === 'unfilled') {
      await setTimeout(5);
      continue;
    }
    if (isRunning(holder)) return holder;
    const right = await takeLock(`${path}.${holder.nonce}`);
    if (!(right instanceof ProcessLock)) return right;
    try {
      if ((await readNonce(path)) !== holder.nonce) continue;
      await replace(path, mine);
      return new ProcessLock(path, mine);
    } finally {
      await right.release();
    }
  }
}

/** Who holds it, alive or dead; undefined when there is no such file. */
async function readHolder(path: string): Promise<Holder | 'unfilled' | undefined> {
  try {
    const parsed = holderSchema.safeParse(parseJson(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
    const { ino, mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs < unfilledMs) return 'unfilled';
    // Its maker died between making and filling it. No process has the id 0, so it counts as dead.
    return { pid: 0, started: '', nonce: `unfilled${ino}x${Math.trunc(mtimeMs)}`, note: {} };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readNonce(path: string): Promise<string | undefined> {
  const holder = await readHolder(path);
  return holder === 'unfilled' ? undefined : holder?.nonce;
}

async function create(path: string, holder: Holder): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o644);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await file.writeFile(JSON.stringify(holder));
  } catch (error) {
    // A full disk makes the file and cannot fill it: an empty lock of nobody must not stay.
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

async function replace(path: string, holder: Holder): Promise<void> {
  const next = `${path}.next-${holder.nonce}`;
  await writeFile(next, JSON.stringify(holder));
  await rename(next, path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

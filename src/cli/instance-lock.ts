// One app per data folder. Two would share one embedded server, and the first to stop would take it from the other.
// The lock is a file that says which process has it and which port that one serves; see process-lock.ts for why it can
// be trusted after kill -9 and when the system has given the pid to another program.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Holder, ProcessLock, takeLock } from '../postgres/process-lock.ts';

export interface Instance {
  /** Tells a second start the port that was taken in the end. */
  setPort(port: number): Promise<void>;
  /** Double release is fine. */
  release(): Promise<void>;
}

export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
  readonly pid: number;

  constructor({ pid, note }: Holder) {
    const port = Number(note['port'] ?? 0);
    const page = port > 0 ? `, http://127.0.0.1:${port}` : '';
    super(`Taskfeed already runs on this data folder: pid ${pid}${page}. Stop it, or set DATA_DIR to another folder.`);
    this.pid = pid;
  }
}

/** Makes this process the one app of the data folder, or throws an AlreadyRunningError that names the other one. */
export async function acquireInstance(dataDir: string, { port }: { port: number }): Promise<Instance> {
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true });
  const lock = await takeLock(join(folder, 'taskfeed.lock'), { port });
  if (!(lock instanceof ProcessLock)) throw new AlreadyRunningError(lock);
  return {
    setPort: (actual) => lock.setNote({ port: actual }),
    release: () => lock.release(),
  };
}

/** Whether an app serves this data folder now. */
export async function isServed(dataDir: string): Promise<boolean> {
  const instance = await acquireInstance(dataDir, { port: 0 }).catch((error: unknown) => {
    if (error instanceof AlreadyRunningError) return undefined;
    throw error;
  });
  await instance?.release();
  return instance === undefined;
}

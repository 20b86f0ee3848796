// Child processes that answer calls: the feeds and the clients each have an event loop of their own, as they would on
// machines of their own.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Call {
  id: number;
  name: string;
  args: unknown[];
}

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a handler says itself what it takes
export type Handlers = Record<string, (...args: any[]) => unknown>;

export type Remote<T extends Handlers> = {
  [Name in keyof T]: (...args: Parameters<T[Name]>) => Promise<Awaited<ReturnType<T[Name]>>>;
};

/** In the child: answers the parent's calls, and ends when the parent is gone. */
export function serve(handlers: Handlers): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    const { id, name, args } = message as Call;
    const answer = async () => await handlers[name]?.(...args);
    answer().then(
      (value) => process.send?.({ id, value } satisfies Answer),
      (error: unknown) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
    );
  });
}

export class Worker<T extends Handlers> {
  readonly call: Remote<T>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #calls = 0;

  /** `script`: file name in this folder. */
  constructor(script: string, args: string[] = []) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.#child = fork(path, args, { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
    this.#child.on('message', (message) => this.#settle(message as Answer));
    this.#child.on('exit', (code, signal) => this.#fail(new Error(`${script} ended with ${signal ?? code}.`)));
    this.call = new Proxy({} as Remote<T>, {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          this.#send(String(name), args),
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves with the process's exit code. */
  async signal(name: NodeJS.Signals): Promise<number | null> {
    const exit = once(this.#child, 'exit');
    this.#child.kill(name);
    const [code] = (await exit) as [number | null];
    return code;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await exit;
    clearTimeout(timer);
  }

  #send(name: string, args: unknown[]): Promise<unknown> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle({ id, error: `${name} did not answer within 60 s` }), 60_000);
      const done = (settle: () => void) => {
        clearTimeout(timer);
        settle();
      };
      this.#waiting.set(id, {
        resolve: (value) => done(() => resolve(value)),
        reject: (error) => done(() => reject(error)),
      });
      this.#child.send({ id, name, args } satisfies Call);
    });
  }

  #settle({ id, value, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

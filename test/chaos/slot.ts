// A place where a process runs and is started again whenever it ends, as an init system would; and the proxy through
// which its clients come.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import type { Report } from './child.ts';

export class Slot {
  readonly name: string;
  readonly proxy: TcpProxy;
  readonly reports: Report[] = [];
  /** Times it ended although nobody killed it. */
  crashes = 0;
  port = 0;
  readonly #script: string;
  readonly #args: string[];
  #child: ChildProcess | undefined;
  #isKilled = false;
  #isClosing = false;
  #running: Promise<void> = Promise.resolve();
  #onReady: () => void = () => undefined;
  #ready: Promise<void> = Promise.resolve();

  private constructor(name: string, script: string, args: string[], proxy: TcpProxy) {
    this.name = name;
    this.#script = script;
    this.#args = args;
    this.proxy = proxy;
  }

  static async open(name: string, script: string, args: string[]): Promise<Slot> {
    const slot = new Slot(name, script, args, await openTcpProxy(1));
    slot.#expect();
    slot.#running = slot.#run();
    return slot;
  }

  /** Resolves when the process serves. */
  ready(): Promise<void> {
    return this.#ready;
  }

  get isUp(): boolean {
    return this.port !== 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  count(what: string): number {
    return this.reports.filter((report) => report.what.startsWith(what)).length;
  }

  kill(): void {
    this.#isKilled = true;
    this.port = 0;
    this.#expect();
    this.#child?.kill('SIGKILL');
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#child?.kill('SIGKILL');
    await this.#running;
    await this.proxy.close();
  }

  #expect(): void {
    this.#ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      this.#isKilled = false;
      let wasReady = false;
      const child = fork(this.#script, this.#args, {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      this.#child = child;
      let said = '';
      child.stderr?.on('data', (data: Buffer) => {
        said = (said + data.toString()).slice(-2_000);
      });
      child.on('message', (message) => {
        const report = message as Report;
        this.reports.push(report);
        if (report.what !== 'ready') return;
        wasReady = true;
        this.port = report.port ?? 0;
        this.proxy.pointAt(this.port);
        this.#onReady();
      });
      await once(child, 'exit');
      if (this.#isClosing) return;
      if (wasReady && !this.#isKilled) {
        this.crashes += 1;
        this.reports.push({ what: 'crashed', reason: said });
        this.port = 0;
        this.#expect();
      }
      // A process that cannot start because its database is away tries again, as an init system has it.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

// The interactive side of the built-in SQL prompt: lines in, statements out, one after the other.
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SqlOutput, SqlSession } from './sql-session.ts';
import { scan } from './sql-text.ts';

const historyLimit = 1_000;

export interface PromptOptions {
  readonly session: SqlSession;
  readonly stdin: NodeJS.ReadableStream;
  readonly out: SqlOutput;
  /** Such as `taskfeed=# `. */
  readonly prompt: string;
  readonly historyFile?: string | undefined;
}

/** Resolves with the exit code: 0, or 2 when the server went away, as psql has it. */
export function runPrompt(options: PromptOptions): Promise<number> {
  return new Promise((resolve) => new Prompt(options, resolve).begin());
}

class Prompt {
  readonly #session: SqlSession;
  readonly #out: SqlOutput;
  readonly #prompt: string;
  readonly #historyFile: string;
  readonly #leave: (code: number) => void;
  readonly #lines;
  /** Typed or pasted, not looked at yet: while a statement runs, lines go on coming. */
  readonly #waiting: string[] = [];
  #typed = '';
  #isBusy = false;
  #hasLeft = false;

  constructor(options: PromptOptions, leave: (code: number) => void) {
    this.#session = options.session;
    this.#out = options.out;
    this.#prompt = options.prompt;
    this.#historyFile = options.historyFile ?? join(homedir(), '.taskfeed_sql_history');
    this.#leave = leave;
    this.#lines = createInterface({
      input: options.stdin,
      output: options.out.stdout,
      terminal: true,
      history: readHistory(this.#historyFile),
      historySize: historyLimit,
      removeHistoryDuplicates: true,
    });
  }

  begin(): void {
    this.#lines.on('line', (line) => {
      this.#waiting.push(line);
      void this.#work();
    });
    this.#lines.on('history', (lines) => writeHistory(this.#historyFile, lines));
    this.#lines.on('SIGINT', () => this.#interrupt());
    this.#lines.on('close', () => this.#quit());
    this.#session.onLost(() => this.#quit());
    this.#ask();
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let line = this.#waiting.shift(); line !== undefined && !this.#hasLeft; line = this.#waiting.shift()) {
      const { statements, rest } = scan(`${this.#typed}${line}\n`);
      this.#typed = rest;
      for (const statement of statements) {
        const outcome = await this.#session.run(statement);
        if (outcome === 'quit') return this.#quit();
        if (this.#hasLeft) return;
      }
    }
    this.#isBusy = false;
    this.#ask();
  }

  #interrupt(): void {
    if (this.#isBusy) {
      this.#waiting.length = 0;
      void this.#session.cancel();
      return;
    }
    // Empties the line under the cursor: to its end, then all before it.
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    this.#typed = '';
    this.#out.stdout.write('^C\n');
    this.#ask();
  }

  #ask(): void {
    if (this.#hasLeft) return;
    this.#lines.setPrompt(this.#typed === '' ? this.#prompt : this.#prompt.replace(/=(.) $/, '-$1 '));
    this.#lines.prompt();
  }

  #quit(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#lines.close();
    this.#out.stdout.write('\n');
    this.#leave(this.#session.isLost ? 2 : 0);
  }
}

function readHistory(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** Newest first, as readline has it. For its owner alone: statements can hold passwords. */
function writeHistory(path: string, lines: string[]): void {
  try {
    writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  } catch {
    // A home folder that is not writable costs the history, not the prompt.
  }
}

// Keeps the journal short: notes a snapshot per hour, moves the horizon, and deletes in small batches what lies behind
// it. Several processes may run it; an advisory lock inside the function lets one work at a time.
import pg from 'pg';
import { pause } from './retry.ts';

export interface PrunerOptions {
  connection: pg.ClientConfig;
  /** How long a cursor is served, ms. */
  retentionMs: number;
  /** How long the history is kept, ms. */
  historyMs: number;
  /** Time between runs, ms. */
  everyMs?: number;
  onError: (error: unknown) => void;
  random?: () => number;
}

export class Pruner {
  readonly #options: Required<PrunerOptions>;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: PrunerOptions) {
    this.#options = { everyMs: 10 * 60_000, random: Math.random, ...options };
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#running = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs, random, onError } = this.#options;
    while (!signal.aborted) {
      await prune(this.#options, signal).catch(onError);
      await pause(everyMs * (0.75 + 0.5 * random()), signal);
    }
  }
}

/** Prunes until nothing is left to prune. Resolves with the number of journal rows deleted. */
export async function prune(
  options: Pick<PrunerOptions, 'connection' | 'retentionMs' | 'historyMs'>,
  signal?: AbortSignal,
): Promise<number> {
  const client = new pg.Client({ ...options.connection, application_name: 'taskfeed pruner' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`set statement_timeout = '60s'; set lock_timeout = '2s'; set synchronous_commit = off`);
    // The first call records the horizon, the ones after it delete: what is deleted was always announced before.
    let total = 0;
    let idle = 0;
    while (idle < 2 && !signal?.aborted) {
      const { rows } = await client.query<{ deleted: number }>(
        `select taskfeed.prune($1 * interval '1 millisecond', $2 * interval '1 millisecond') as deleted`,
        [options.retentionMs, options.historyMs],
      );
      const deleted = rows[0]?.deleted ?? 0;
      total += deleted;
      idle = deleted === 0 ? idle + 1 : 0;
    }
    return total;
  } finally {
    await client.end();
  }
}

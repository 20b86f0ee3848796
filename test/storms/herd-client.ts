// One client of a herd: the rule of docs/protocol.md on a bare WebSocket.
import WebSocket from 'ws';

export interface HerdOptions {
  port: number;
  /** As a program or as a browser comes. */
  headers: { authorization: string } | { cookie: string };
}

// biome-ignore lint/suspicious/noExplicitAny: packets are read as a stranger's script does
type Packet = any;

interface Batch {
  to: string | undefined;
  tasks: { id: number; version: number; isGone: boolean }[];
  /** When the newest change of it was written, by the clock of this machine. */
  writtenAt: number | undefined;
}

/**
 * What packets said, for the others who are sent the same: they are known by their first bytes, in which the cursors
 * are, and their length. Some clients are ahead of others, so the last few are kept.
 */
export const shared = {
  batches: new Map<string, Batch>(),
  onLatency: (_ms: number) => undefined as unknown,
};

const beginOfBatch = Buffer.from('42["feed:batch"');
const isBatch = (data: Buffer) => data.subarray(0, beginOfBatch.length).equals(beginOfBatch);

function batchIn(data: Buffer): Batch {
  const key = `${data.length} ${data.toString('latin1', 0, 200)}`;
  const known = shared.batches.get(key);
  if (known) return known;
  const batch = read(JSON.parse(data.toString('utf8', 2))[1]);
  shared.batches.set(key, batch);
  for (const oldest of shared.batches.keys()) {
    if (shared.batches.size <= 200) break;
    shared.batches.delete(oldest);
  }
  return batch;
}

export class HerdClient {
  readonly resets = new Map<string, number>();
  isReady = false;
  connections = 0;
  loads = 0;
  gaps = 0;
  /** How often the server said that it stops. */
  ends = 0;
  readonly #options: HerdOptions;
  #rows = new Map<number, number>();
  #cursor = '';
  #socket: WebSocket | undefined;
  #failures = 0;
  #spreadMs = 1_000;
  #isClosed = false;
  #isPaused = false;
  #onReady: () => void = () => undefined;

  constructor(options: HerdOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    await this.#load();
    await new Promise<void>((resolve) => {
      this.#onReady = resolve;
      this.#connect();
    });
  }

  shows(rows: [number, number][]): boolean {
    return rows.length === this.#rows.size && rows.every(([id, version]) => this.#rows.get(id) === version);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket?.resume();
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.terminate();
  }

  #connect(): void {
    if (this.#isClosed) return;
    const { port, headers } = this.#options;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
      headers,
    });
    const token = 'authorization' in headers ? { token: headers.authorization.replace('Bearer ', '') } : {};
    this.#socket = socket;
    this.connections += 1;
    socket.on('error', () => undefined);
    socket.on('close', () => this.#lose());
    socket.on('message', (data: Buffer) => {
      if (isBatch(data)) return this.#hear(batchIn(data));
      const text = data.toString();
      if (text.startsWith('42["feed:ready"')) this.#arrive(JSON.parse(text.slice(2))[1]);
      else if (text.startsWith('42["feed:reset"')) this.#reset(JSON.parse(text.slice(2))[1]);
      else if (text.startsWith('42["feed:end"')) this.#end(JSON.parse(text.slice(2))[1]);
      else if (text.startsWith('0'))
        socket.send(`40${JSON.stringify({ protocol: 1, batch: true, since: this.#cursor, ...token })}`);
      else if (text === '2') socket.send('3');
    });
  }

  #lose(): void {
    this.isReady = false;
    const longest = Math.max(5_000, this.#spreadMs);
    const wait = Math.random() * Math.min(longest, this.#spreadMs * 2 ** this.#failures);
    this.#failures += 1;
    setTimeout(() => this.#connect(), wait);
  }

  #hear(batch: Batch): void {
    for (const { id, version, isGone } of batch.tasks) {
      if (isGone) this.#rows.delete(id);
      else this.#rows.set(id, version);
    }
    if (!this.isReady) return;
    if (batch.to !== undefined) this.#cursor = batch.to;
    if (batch.writtenAt !== undefined) shared.onLatency(Date.now() - batch.writtenAt);
  }

  #arrive({ cursor }: Packet): void {
    this.isReady = true;
    this.#failures = 0;
    this.#spreadMs = 1_000;
    this.#cursor = cursor;
    this.#onReady();
  }

  #end({ code, spread_ms: spread }: Packet): void {
    if (code === 'shutdown') this.ends += 1;
    this.#spreadMs = spread ?? this.#spreadMs;
    this.#socket?.close();
  }

  #reset({ reason, spread_ms: spread }: Packet): void {
    this.isReady = false;
    this.resets.set(reason, (this.resets.get(reason) ?? 0) + 1);
    const socket = this.#socket;
    setTimeout(() => {
      void this.#load().then(() => {
        if (socket?.readyState === WebSocket.OPEN)
          socket.send(`42${JSON.stringify(['feed:resume', { since: this.#cursor }])}`);
      });
    }, Math.random() * spread);
  }

  async #load(): Promise<void> {
    const { port, headers } = this.#options;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/tasks`, { headers })
        .then(async (response) => (response.ok ? ((await response.json()) as Packet) : undefined))
        .catch(() => undefined);
      this.loads += 1;
      if (answer) {
        this.#rows = new Map(answer.tasks.map(({ id, version }: Packet) => [id, version]));
        this.#cursor = answer.cursor;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 800));
    }
  }
}

function read({ to, events }: Packet): Batch {
  const tasks = events
    .filter(({ task }: Packet) => task)
    .map(({ event, task }: Packet) => ({ id: task.id, version: task.version, isGone: event === 'task:deleted' }));
  const written = events
    .map(({ task }: Packet) => Number(/^t(\d+)$/.exec(task?.note ?? '')?.[1]))
    .filter((at: number) => at > 0);
  return { to, tasks, writtenAt: written.length > 0 ? Math.max(...written) : undefined };
}

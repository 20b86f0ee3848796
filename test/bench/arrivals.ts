// What the clients of one round have received. All of them are sent the same packets in the same order, so the packets
// are kept once, as they came, and parsed after the round; every other client's are compared with them byte by byte.
import type { WallClock } from './clock.ts';

export interface Stored {
  version: number;
  note: string;
}

export interface Arrivals {
  /** The store of a client after all packets: the newest of every row. */
  store: Map<number, Stored>;
  /** Note → when the last client had it, ms since 1970. */
  times: Map<string, number>;
  packets: number;
  /** What should not have happened; empty if all is well. */
  faults: string[];
}

interface TaskPacket {
  task?: Stored & { id: number };
  events?: { task?: Stored & { id: number } }[];
}

export class Recorder {
  readonly #clock: WallClock;
  readonly #clients: number;
  readonly #packets: string[] = [];
  /** When the last of the clients had the packet. */
  readonly #times: number[] = [];
  readonly #counts: number[];
  readonly #faults = new Set<string>();
  readonly #marker: string;
  #markerIndex: number | undefined;
  #reached = 0;
  #finish: (at: number) => void = () => undefined;
  readonly #finished: Promise<number>;

  /** `marker`: the note of the round's last write. */
  constructor(clock: WallClock, clients: number, marker: string) {
    this.#clock = clock;
    this.#clients = clients;
    this.#marker = `"${marker}"`;
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#counts = Array.from({ length: clients }, () => 0);
  }

  /** A packet about rows, as it came. */
  take(client: number, packet: string): void {
    const index = this.#counts[client] ?? 0;
    this.#counts[client] = index + 1;
    const known = this.#packets[index];
    if (known === undefined) {
      this.#packets.push(packet);
      if (packet.includes(this.#marker)) this.#markerIndex = index;
    } else if (known !== packet) this.fault('the clients were sent different packets');
    this.#times[index] = this.#clock.now();
    if (index === this.#markerIndex) this.#reach();
  }

  fault(what: string): void {
    this.#faults.add(what);
  }

  /** When every client had the marker, ms since 1970; undefined if that is not so after `timeoutMs`. */
  async finished(timeoutMs: number): Promise<number | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), timeoutMs);
    });
    return await Promise.race([this.#finished, late]).finally(() => clearTimeout(timer));
  }

  read(): Arrivals {
    const store = new Map<number, Stored>();
    const times = new Map<string, number>();
    this.#packets.forEach((packet, index) => {
      const [, data] = JSON.parse(packet.slice(1)) as [string, TaskPacket];
      for (const { task } of data.events ?? [data]) {
        if (!task) continue;
        store.set(task.id, { version: task.version, note: task.note });
        times.set(task.note, this.#times[index] ?? Number.NaN);
      }
    });
    if (new Set(this.#counts).size > 1) this.fault('some clients were sent fewer packets than others');
    return { store, times, packets: this.#packets.length, faults: [...this.#faults] };
  }

  #reach(): void {
    this.#reached += 1;
    if (this.#reached === this.#clients) this.#finish(this.#clock.now());
  }
}

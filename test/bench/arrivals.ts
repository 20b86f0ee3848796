// What the clients of one round have received. All of them are sent the same packets in the same order, so the packets
// are kept once, as they came, and parsed after the round; every other client's are compared with them byte by byte. So
// each client has received all, is known to have the same store, and takes little of the processors that it shares with
// what is measured: in life clients run on machines of their own.
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
  readonly #packets: Packet[] = [];
  /** When the last of the clients had the packet. */
  readonly #times: number[] = [];
  readonly #counts: number[];
  readonly #faults = new Set<string>();
  readonly #marker: Buffer;
  #reached = 0;
  #finish: (at: number) => void = () => undefined;
  readonly #finished: Promise<number>;

  /** `marker`: the note of the round's last write. */
  constructor(clock: WallClock, clients: number, marker: string) {
    this.#clock = clock;
    this.#clients = clients;
    this.#marker = Buffer.from(`"${marker}"`);
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#counts = Array.from({ length: clients }, () => 0);
  }

  /** A packet about rows begins: its bytes are handed over as they come. */
  begin(client: number, length: number): { take(piece: Buffer): void; end(): void } {
    const index = this.#counts[client] ?? 0;
    this.#counts[client] = index + 1;
    this.#packets[index] ??= { bytes: Buffer.allocUnsafe(length), filled: 0 };
    const packet = this.#packets[index];
    if (packet.bytes.length !== length) this.fault(different);
    let offset = 0;
    return {
      take: (piece) => {
        if (!fill(packet, offset, piece)) this.fault(different);
        offset += piece.length;
      },
      end: () => this.#end(index, packet),
    };
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
    this.#packets.forEach(({ bytes }, index) => {
      const [, data] = JSON.parse(bytes.toString().slice('42'.length)) as [string, TaskPacket];
      for (const { task } of data.events ?? [data]) {
        if (!task) continue;
        store.set(task.id, { version: task.version, note: task.note });
        times.set(task.note, this.#times[index] ?? Number.NaN);
      }
    });
    if (new Set(this.#counts).size > 1) this.fault('some clients were sent fewer packets than others');
    return { store, times, packets: this.#packets.length, faults: [...this.#faults] };
  }

  #end(index: number, packet: Packet): void {
    this.#times[index] = this.#clock.now();
    // Looked at once: the first who has had all of it has had what the others will.
    packet.isLast ??= packet.bytes.includes(this.#marker);
    if (packet.isLast) this.#reach();
  }

  #reach(): void {
    this.#reached += 1;
    if (this.#reached === this.#clients) this.#finish(this.#clock.now());
  }
}

const different = 'the clients were sent different packets';

interface Packet {
  bytes: Buffer;
  /** How much of it somebody has had. */
  filled: number;
  /** Whether it tells of the round's last write; undefined until somebody has had all of it. */
  isLast?: boolean;
}

/** Notes what nobody has had before, compares the rest: false where it differs. */
function fill(packet: Packet, offset: number, piece: Buffer): boolean {
  const known = Math.min(Math.max(packet.filled - offset, 0), piece.length);
  const isSame = packet.bytes.subarray(offset, offset + known).equals(piece.subarray(0, known));
  piece.copy(packet.bytes, offset + known, known);
  packet.filled = Math.max(packet.filled, offset + piece.length);
  return isSame;
}

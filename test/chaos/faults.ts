// What goes wrong, and the proof that it did: every fault counts what it broke.
import type { Random } from '../soak/random.ts';
import { eventually } from '../support/eventually.ts';
import type { Site } from './site.ts';
import type { Slot } from './slot.ts';

export const kinds = [
  'LISTEN backend terminated',
  'drain backend terminated',
  'sockets cut',
  'sockets silent',
  'both processes kill -9',
  'a process SIGSTOP 5 s',
  'one of two kill -9',
  'PostgreSQL kill -9',
  'PostgreSQL restarted',
  'PostgreSQL stop -m immediate',
] as const;
export type Kind = (typeof kinds)[number];

export interface FaultFigures {
  times: number;
  /** What it broke, in its own unit: backends, connections, processes, ms of standstill. */
  bites: number[];
}

export interface FaultsOptions {
  site: Site;
  random: Random;
  /** How long sockets are silent, ms; longer than a screen may stay live without a pulse. */
  silenceMs: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Faults {
  readonly figures = new Map<Kind, FaultFigures>(kinds.map((kind) => [kind, { times: 0, bites: [] }]));
  readonly #options: FaultsOptions;
  readonly #underWay = new Set<Promise<void>>();
  #silent = new Set<number>();

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /** Resolves when everything is up again; silence goes on by itself. */
  async do(kind: Kind): Promise<void> {
    if (kind === 'sockets silent') {
      const silence = this.#silence().finally(() => this.#underWay.delete(silence));
      this.#underWay.add(silence);
      return;
    }
    this.#bit(kind, await this.#break(kind));
  }

  /** Resolves when nothing is broken any more. */
  async over(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #break(kind: Exclude<Kind, 'sockets silent'>): Promise<number> {
    switch (kind) {
      case 'LISTEN backend terminated':
        return this.#terminate(['taskfeed listener doorbell', 'plain listener']);
      case 'drain backend terminated':
        return this.#terminate(['taskfeed listener', 'taskfeed replay']);
      case 'sockets cut':
        return this.#cut();
      case 'both processes kill -9':
        return this.#killBoth();
      case 'one of two kill -9':
        return this.#killOne();
      case 'a process SIGSTOP 5 s':
        return this.#freeze();
      case 'PostgreSQL kill -9':
        return this.#endServer('SIGKILL');
      case 'PostgreSQL stop -m immediate':
        return this.#endServer('SIGQUIT');
      case 'PostgreSQL restarted':
        return this.#restartServer();
    }
  }

  #bit(kind: Kind, bite: number): void {
    const figures = this.figures.get(kind);
    if (!figures) return;
    figures.times += 1;
    figures.bites.push(bite);
  }

  // Whose processes are still on their way back from the fault before has no backend yet: this one waits for it.
  async #terminate(names: string[]): Promise<number> {
    const terminate = async () => {
      const rows = await this.#options.site.query<{ done: boolean }>(
        'select pg_terminate_backend(pid) as done from pg_stat_activity where application_name = any ($1)',
        [names],
      );
      const ended = rows.filter(({ done }) => done).length;
      return ended > 0 && ended;
    };
    return await eventually(`a backend of ${names[0]}`, terminate, 60_000);
  }

  #one(): { index: number; slots: Slot[] } {
    const { site, random } = this.#options;
    const index = random.below(2);
    return { index, slots: [site.apps[index], site.plains[index]].filter((slot) => slot !== undefined) };
  }

  async #cut(): Promise<number> {
    const { slots } = this.#one();
    const open = await countOpen(slots);
    for (const { proxy } of slots) proxy.cut();
    return open;
  }

  // Half of the time what was held back comes through in the end, half of the time the connections turn out to be dead.
  async #silence(): Promise<void> {
    const { random, silenceMs } = this.#options;
    const { index, slots } = this.#one();
    if (this.#silent.has(index)) return;
    this.#silent.add(index);
    const isDead = random.chance(0.5);
    const open = await countOpen(slots);
    for (const { proxy } of slots) proxy.silence();
    await pause(silenceMs);
    for (const { proxy } of slots) {
      if (isDead) proxy.cut();
      proxy.speak();
    }
    this.#silent.delete(index);
    this.#bit('sockets silent', open);
  }

  async #killBoth(): Promise<number> {
    const { slots } = this.#options.site;
    for (const slot of slots) slot.kill();
    await Promise.all(slots.map((slot) => slot.ready()));
    return slots.length;
  }

  // The clients of the one that is gone are sent to the other, as a load balancer does.
  async #killOne(): Promise<number> {
    const { site } = this.#options;
    const { index, slots } = this.#one();
    const others = [site.apps[1 - index], site.plains[1 - index]];
    for (const [turn, slot] of slots.entries()) {
      slot.kill();
      const port = others[turn]?.port ?? 0;
      if (port !== 0) slot.proxy.pointAt(port);
    }
    await Promise.all(slots.map((slot) => slot.ready()));
    return slots.length;
  }

  async #freeze(): Promise<number> {
    const { slots } = this.#one();
    const before = slots.map((slot) => slot.count('stood still'));
    for (const slot of slots) slot.signal('SIGSTOP');
    await pause(5_000);
    for (const slot of slots) slot.signal('SIGCONT');
    await pause(300);
    return slots.filter((slot, turn) => slot.count('stood still') > (before[turn] ?? 0)).length;
  }

  async #endServer(signal: 'SIGKILL' | 'SIGQUIT'): Promise<number> {
    const { site } = this.#options;
    const { pid } = site;
    process.kill(pid, signal);
    await eventually('the server is gone', () => !isAlive(pid), 20_000);
    await this.#start();
    return site.pid === pid ? 0 : 1;
  }

  async #restartServer(): Promise<number> {
    const { site } = this.#options;
    const { pid } = site;
    await site.stopServer();
    await this.#start();
    return site.pid === pid ? 0 : 1;
  }

  async #start(): Promise<void> {
    await pause(this.#options.random.below(1_000));
    await this.#options.site.startServer();
  }
}

/** Of the connections through each of them. Whose clients were just cut off have none yet: it waits for them. */
function countOpen(slots: Slot[]): Promise<number> {
  const count = () => {
    const open = slots.map(({ proxy }) => proxy.open);
    return !open.includes(0) && open.reduce((sum, one) => sum + one, 0);
  };
  return eventually('clients are connected', count, 60_000);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Every kind as often as the others, in a random order. */
export function deck(random: Random, rounds: number, of: readonly Kind[] = kinds): Kind[] {
  const cards: Kind[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const left = [...of];
    while (left.length > 0) cards.push(...left.splice(random.below(left.length), 1));
  }
  return cards;
}

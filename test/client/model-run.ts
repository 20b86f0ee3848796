// Sequences of commands over the model: whatever happens to the network, the server and the clock, at every moment what
// must hold is checked, and when all is quiet the stores equal the tables.
import fc from 'fast-check';
import { HeldClock, settled } from './held.ts';
import { ModelDatabase, type Write } from './model-database.ts';
import { ModelServer } from './model-server.ts';
import { ModelTab, type Parts } from './model-tab.ts';

const id = fc.integer({ min: 1, max: 4 });
const systemId = fc.integer({ min: 1, max: 2 });
const tab = fc.nat({ max: 1 });

const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put task' as const), id, system_id: fc.option(systemId) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete task' as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('put system' as const), id: systemId }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete system' as const), id: systemId }) },
);
type DrawnWrite = typeof write extends fc.Arbitrary<infer T> ? T : never;

const writes = fc.array(write, { minLength: 1, maxLength: 3 });

/** What may happen. */
const command = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('write' as const), writes }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('begin' as const), slot: tab, writes }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('commit' as const), slot: tab }) },
  { weight: 8, arbitrary: fc.record({ what: fc.constant('drain' as const) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('pulse' as const) }) },
  {
    weight: 14,
    arbitrary: fc.record({ what: fc.constant('deliver' as const), tab, count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 8, arbitrary: fc.record({ what: fc.constantFrom('deliverUp' as const, 'serve' as const), tab }) },
  { weight: 8, arbitrary: fc.record({ what: fc.constant('settle' as const), tab }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'drop' as const,
        'repeat' as const,
        'swap' as const,
        'cut' as const,
        'look' as const,
        'again' as const,
      ),
      tab,
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('silence' as const, 'fail' as const), tab }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('time' as const), ms: fc.constantFrom(300, 1_000, 4_000, 9_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constantFrom('sleep' as const, 'set clock' as const),
      ms: fc.constantFrom(20_000, 3_600_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom(
        'restart' as const,
        'crash' as const,
        'bulk' as const,
        'truncate' as const,
        'prune' as const,
        'behind' as const,
      ),
    }),
  },
);
export type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

export const commands = fc.array(command, { minLength: 1, maxLength: 60, size: 'max' });

/** Rejects at the first moment at which something does not hold. */
export async function run(sequence: readonly Command[], parts?: Parts): Promise<void> {
  const world = new World(parts);
  await settled();
  for (const one of sequence) {
    await world.perform(one);
    await settled();
    world.check();
  }
  await world.becomeQuiet();
  world.isEqual();
}

const startTask = (id: number) => ({ do: 'put task' as const, id, system_id: 1 });

class World {
  readonly #clock = new HeldClock();
  readonly #database = new ModelDatabase({ bulkLimit: 8 });
  readonly #server: ModelServer;
  readonly #tabs: ModelTab[];
  readonly #slots = new Map<number, { xid: number; writes: readonly DrawnWrite[] }>();
  #clockError = 0;
  #written = 0;

  constructor(parts: Parts) {
    const trueNow = () => this.#clock.wallNow - this.#clockError;
    const database = this.#database;
    database.write({ do: 'put system', id: 1, name: 'System 0' }, ...this.#fill([1, 2, 3].map(startTask)));
    this.#server = new ModelServer({ database, now: trueNow, ringSize: 3, partSize: 2 });
    const options = { clock: this.#clock, database, server: this.#server, trueNow, pageSize: 2 };
    this.#tabs = [0, 1].map(() => new ModelTab({ ...options, ...(parts ? { parts } : {}) }));
  }

  async perform(command: Command): Promise<void> {
    if ('tab' in command) {
      const one = this.#tabs[command.tab];
      if (one) await this.#performIn(one, command);
      return;
    }
    const { what } = command;
    if (what === 'write') this.#database.write(...this.#fill(command.writes));
    else if (what === 'begin') this.#begin(command.slot, command.writes);
    else if (what === 'commit') this.#commit(command.slot);
    else if (what === 'drain') this.#server.drain();
    else if (what === 'pulse') this.#server.pulse();
    else if (what === 'behind') this.#server.pulse('behind');
    else if (what === 'prune') this.#server.prune();
    else if (what === 'time') this.#clock.advance(command.ms);
    else if (what === 'sleep' || what === 'set clock') this.#jump(what, command.ms);
    else this.#disturb(what);
  }

  check(): void {
    for (const one of this.#tabs) one.check();
  }

  isEqual(): void {
    for (const one of this.#tabs) one.isEqual();
  }

  async becomeQuiet(): Promise<void> {
    for (const slot of [0, 1]) this.#commit(slot);
    for (let round = 0; round < 150; round += 1) {
      this.#clock.advance(1_000);
      this.#server.pulse();
      for (const one of this.#tabs) {
        one.serve();
        one.deliverUp();
        one.deliver(1_000);
      }
      await settled();
      this.check();
      if (this.#tabs.every(({ isQuiet }) => isQuiet)) return;
    }
    throw new Error('The clients did not become live.');
  }

  async #performIn(one: ModelTab, command: Extract<Command, { tab: number }>): Promise<void> {
    if (command.what === 'deliver') one.deliver(command.count);
    else if (command.what === 'settle') await this.#settle(one);
    else if (command.what === 'look') one.client.runner.dispatch({ type: 'check' });
    else one[command.what]();
  }

  // Some of the way to where nothing is under way in this tab.
  async #settle(one: ModelTab): Promise<void> {
    for (let round = 0; round < 6; round += 1) {
      one.serve();
      one.deliverUp();
      one.deliver(1_000);
      await settled();
      this.check();
    }
  }

  #disturb(what: 'restart' | 'crash' | 'bulk' | 'truncate'): void {
    if (what === 'truncate') this.#database.write({ do: 'truncate tasks' });
    else if (what === 'bulk') this.#bulk();
    else {
      if (what === 'crash') {
        this.#database.crash();
        this.#slots.clear();
      }
      this.#server.restart();
    }
  }

  #bulk(): void {
    const tasks = Array.from({ length: 9 }, (_, index) => ({
      do: 'put task' as const,
      id: index + 1,
      system_id: null,
    }));
    this.#database.write(...this.#fill(tasks));
    this.#server.drain();
  }

  #begin(slot: number, drawn: readonly DrawnWrite[]): void {
    if (this.#slots.has(slot)) return;
    this.#slots.set(slot, { xid: this.#database.begin(), writes: drawn });
  }

  #commit(slot: number): void {
    const open = this.#slots.get(slot);
    if (!open) return;
    this.#slots.delete(slot);
    this.#database.commit(open.xid, ...this.#fill(open.writes));
  }

  // Either is noticed at the next beat, before the other can undo it.
  #jump(what: 'sleep' | 'set clock', ms: number): void {
    if (what === 'sleep') this.#clock.sleep(ms);
    else {
      this.#clock.wallNow -= ms;
      this.#clockError -= ms;
    }
    this.check();
    this.#clock.advance(1_000);
  }

  #fill(drawn: readonly DrawnWrite[]): Write[] {
    return drawn.map((one): Write => {
      this.#written += 1;
      if (one.do === 'put task') return { ...one, title: String(this.#written), system_id: one.system_id ?? null };
      return one.do === 'put system' ? { ...one, name: `System ${this.#written}` } : one;
    });
  }
}

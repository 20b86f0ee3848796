// Whether the model server of the property tests is like the real one: both are given the same commands, and what they say
// must be the same. A model that is wrong about the server would make the client right about nothing.
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FeedClientOptions } from '../support/feed-client.ts';
import { createScope } from '../support/scope.ts';
import { ModelDatabase, type Write } from './model-database.ts';
import { ModelServer, type ModelServerOptions } from './model-server.ts';
import { ModelSite, RealSite, type RealSiteOptions, type Site } from './sites.ts';

const scope = createScope();
const bulkLimit = 8;

const id = fc.integer({ min: 1, max: 9 });
const systemId = fc.integer({ min: 1, max: 2 });
const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put task' as const), id, system_id: fc.option(systemId) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete task' as const), id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('put system' as const), id: systemId }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete system' as const), id: systemId }) },
);
type Drawn = (typeof write extends fc.Arbitrary<infer T> ? T : never) | { do: 'truncate tasks' };
const writes = fc.array(write, { minLength: 1, maxLength: 4 });

const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('write' as const), writes }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('begin' as const, 'commit' as const), writes }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('list' as const), topic: fc.constantFrom('task', 'system') }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('connect' as const), back: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('bulk' as const, 'truncate' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('lost' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('restart' as const, 'expire' as const) }) },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;
const commands = fc.array(command, { minLength: 4, maxLength: 20, size: 'max' });

const put = (...ids: number[]): Command => ({
  what: 'write',
  writes: ids.map((id) => ({ do: 'put task', id, system_id: null })),
});
const list: Command = { what: 'list', topic: 'task' };
const back = (places: number): Command => ({ what: 'connect', back: places });
const none = { writes: [] };

/**
 * A transaction that was open when a list was read; one row more than can be told; a transaction that moves the cursor and
 * changes nothing; places from before a restart, and from before what is kept.
 */
const examples: [Command[]][] = [
  [
    [
      { what: 'begin', ...none },
      put(1),
      list,
      { what: 'commit', writes: [{ do: 'put task', id: 2, system_id: null }] },
      back(1),
    ],
  ],
  [[list, put(1, 2, 3, 4, 5, 6, 7, 8), put(1, 2, 3, 4, 5, 6, 7, 8, 9), back(0), back(1), back(2)]],
  [[{ what: 'begin', ...none }, put(1), { what: 'commit', ...none }, put(2), back(1)]],
  [[list, put(1), { what: 'restart' }, put(2), back(0), back(1), back(2)]],
  [[list, put(1), { what: 'expire' }, put(2), back(0), back(1), back(2), back(3)]],
];

class OneTransactionAtATime extends ModelDatabase {
  override get cursor() {
    const [epoch, snapshot = ''] = super.cursor.split('.');
    const [, xmax] = snapshot.split(':');
    return `${epoch}.${xmax}:${xmax}:`;
  }
}

class CrashingServer extends ModelServer {
  readonly #database: ModelDatabase;

  constructor(options: ModelServerOptions) {
    super(options);
    this.#database = options.database;
  }

  override restart(): void {
    this.#database.crash();
    super.restart();
  }
}

class ServerWithoutHorizon extends ModelServer {
  override prune(): void {}
}

type Place = readonly [model: string, real: string];

/** Plays both sites; throws at the first difference. */
class Pair {
  readonly #sites: readonly [Site, Site];
  readonly #places: Place[] = [];
  /** How many of the places are from before the last restart, and what was asked since it. */
  #old = 0;
  #asked = new Set<string>();
  #commits: ((writes: readonly Write[]) => Promise<void>)[] | undefined;
  #written = 0;

  constructor(model: Site, real: Site) {
    this.#sites = [model, real];
  }

  async play(sequence: readonly Command[]): Promise<void> {
    for (const one of sequence) await this.#perform(one);
    await this.#commit([]);
    // Whatever was told and not foreseen is seen before this.
    await this.#perform(put(1));
    for (const topic of ['task', 'system'] as const) await this.#perform({ what: 'list', topic });
  }

  async #perform(one: Command): Promise<void> {
    if (one.what === 'write') await this.#write(one.writes);
    else if (one.what === 'bulk')
      await this.#write([1, 2, 3, 4, 5, 6, 7, 8, 9].map((task) => ({ do: 'put task', id: task, system_id: null })));
    else if (one.what === 'truncate') await this.#write([{ do: 'truncate tasks' }]);
    else if (one.what === 'begin') this.#commits ??= await this.#both((site) => site.begin());
    else if (one.what === 'commit') await this.#commit(one.writes);
    else if (one.what === 'list') await this.#list(one.topic as 'task' | 'system');
    else if (one.what === 'restart') await this.#restart();
    else if (one.what === 'expire') await this.#expire();
    else await this.#connect('back' in one ? one.back : undefined);
  }

  async #write(drawn: readonly Drawn[]): Promise<void> {
    const filled = this.#fill(drawn);
    await this.#both((site) => site.write(filled));
    await this.#follow();
  }

  async #commit(drawn: readonly Drawn[]): Promise<void> {
    const commits = this.#commits;
    if (!commits) return;
    this.#commits = undefined;
    const filled = this.#fill(drawn);
    for (const commit of commits) await commit(filled);
    await this.#follow();
  }

  async #follow(): Promise<void> {
    const [model, real] = this.#sites;
    const foreseen = await model.followed(0);
    const told = await real.followed(foreseen.told.length);
    expect(told.told).toEqual(foreseen.told);
    for (const [index, cursor] of foreseen.cursors.entries()) this.#places.push([cursor, told.cursors[index] ?? '']);
  }

  async #list(topic: 'task' | 'system'): Promise<void> {
    const [model, real] = await this.#both((site) => site.list(topic));
    expect(real.rows).toBe(model.rows);
    this.#places.push([model.cursor, real.cursor]);
  }

  async #restart(): Promise<void> {
    const [model, real] = await this.#both((site) => site.restart());
    expect(real).toEqual(model);
    this.#begin();
  }

  // Something is committed first, so that every place until here lies before it.
  async #expire(): Promise<void> {
    await this.#perform(put(9));
    const before = this.#places.at(-1);
    if (!before) return;
    const [model, real] = await Promise.all(this.#sites.map((site, index) => site.expire(before[index] ?? '')));
    expect(real).toEqual(model);
    this.#begin();
  }

  #begin(): void {
    this.#old = this.#places.length;
    this.#asked = new Set(this.#places.slice(-1).map(([, real]) => real));
  }

  /** From a place of before a restart the second reader is told what the first was, and then the rest: as much, in other words. */
  #place(back: number): Place | undefined {
    const index = this.#places.length - 1 - (back % (this.#places.length || 1));
    const place = this.#places[index];
    if (!place || (index < this.#old && this.#asked.has(place[1]))) return undefined;
    this.#asked.add(place[1]);
    return place;
  }

  async #connect(places: number | undefined): Promise<void> {
    const strange = '00000000-0000-4000-8000-00000000dead.5:5:';
    const place = places === undefined ? ([strange, strange] as const) : this.#place(places);
    if (!place) return;
    const [model, real] = await Promise.all(this.#sites.map((site, index) => site.connect(place[index] ?? '')));
    expect(real?.told).toEqual(model?.told);
  }

  async #both<T>(call: (site: Site) => Promise<T>): Promise<[T, T]> {
    const [model, real] = this.#sites;
    return [await call(model), await call(real)];
  }

  #fill(drawn: readonly Drawn[]): Write[] {
    return drawn.map((one): Write => {
      this.#written += 1;
      if (one.do === 'put task') return { ...one, title: String(this.#written), system_id: one.system_id ?? null };
      return one.do === 'put system' ? { ...one, name: `System ${this.#written}` } : one;
    });
  }
}

/** What is wrong with a model. */
interface Wrong extends Pick<ModelServerOptions, 'beginOf'> {
  Database?: typeof ModelDatabase;
  Server?: typeof ModelServer;
  limit?: number;
}

describe.each([
  ['the ring buffer', 1024 * 1024, 1_000],
  ['the journal', 1, 0],
])('the model and the real server, served from %s', (_from, ringBytes, ringSize) => {
  let real: RealSiteOptions;

  beforeEach(async () => {
    const database = await scope.database();
    const server = await scope.server(database, { bulkLimit, ringBytes });
    const psql = await scope.sql(database.url);
    const session = () => scope.sql(database.url);
    const client = (options: FeedClientOptions) => scope.client(real.server.url, options);
    const restart = async () => {
      await real.server.stop();
      real.server = await scope.server(database, { bulkLimit, ringBytes });
    };
    real = { server, restart, psql, session, client };
  });

  const same = ({ Database = ModelDatabase, Server = ModelServer, limit = bulkLimit, ...given }: Wrong) =>
    fc.asyncProperty(commands, async (sequence) => {
      const database = new Database({ bulkLimit: limit });
      const server = new Server({ database, now: Date.now, ringSize, partSize: 1_000, ...given });
      await new Pair(new ModelSite(database, server), await RealSite.on(real)).play(sequence);
    });

  it('say the same to the same commands', async () => {
    await fc.assert(same({}), { numRuns: 12, examples });
  }, 120_000);

  it.each<[string, Wrong]>([
    ['knows of no other open transactions', { Database: OneTransactionAtATime }],
    ['tells one row more before it says bulk', { limit: bulkLimit + 1 }],
    ['begins a batch where the last drain has ended', { beginOf: ({ drained }) => drained }],
    ['takes a restart for a crash', { Server: CrashingServer }],
    ['serves what has expired', { Server: ServerWithoutHorizon }],
  ])(
    'a model that %s is found out',
    async (_what, wrong) => {
      const found = await fc.check(same(wrong), { numRuns: 12, examples, seed: 20261126, endOnFailure: true });
      expect(found.failed).toBe(true);
    },
    120_000,
  );
});

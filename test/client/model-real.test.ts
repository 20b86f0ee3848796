// Whether the model server of the property tests is like the real one: both are given the same commands, and what they say
// must be the same. A model that is wrong about the server would make the client right about nothing.
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createScope } from '../support/scope.ts';
import { ModelDatabase, type Write } from './model-database.ts';
import { ModelServer } from './model-server.ts';
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

/** A transaction that was open when a list was read, and one row more than can be told. */
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
];

class OneTransactionAtATime extends ModelDatabase {
  override get cursor() {
    const [epoch, snapshot = ''] = super.cursor.split('.');
    const [, xmax] = snapshot.split(':');
    return `${epoch}.${xmax}:${xmax}:`;
  }
}

/** Plays both sites; throws at the first difference. */
class Pair {
  readonly #sites: readonly [Site, Site];
  readonly #places: (readonly [string, string])[] = [];
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

  async #connect(places: number | undefined): Promise<void> {
    const strange = '00000000-0000-4000-8000-00000000dead.5:5:';
    const place =
      places === undefined
        ? ([strange, strange] as const)
        : this.#places.at(-1 - (places % (this.#places.length || 1)));
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
    real = { server, psql, session, client: (options) => scope.client(server.url, options) };
  });

  const same = (make: () => ModelDatabase) =>
    fc.asyncProperty(commands, async (sequence) => {
      const database = make();
      const server = new ModelServer({ database, now: Date.now, ringSize, partSize: 1_000 });
      await new Pair(new ModelSite(database, server), await RealSite.on(real)).play(sequence);
    });

  it('say the same to the same commands', async () => {
    await fc.assert(
      same(() => new ModelDatabase({ bulkLimit })),
      { numRuns: 12, examples },
    );
  });

  it.each([
    ['knows of no other open transactions', () => new OneTransactionAtATime({ bulkLimit })],
    ['tells one row more before it says bulk', () => new ModelDatabase({ bulkLimit: bulkLimit + 1 })],
  ])('a model that %s is found out', async (_what, make) => {
    const found = await fc.check(same(make), { numRuns: 12, examples, seed: 20261126, endOnFailure: true });
    expect(found.failed).toBe(true);
  });
});

// The judge must be able to find somebody guilty. It is given readers that are wrong in a way that looks right, and one
// that is not, under the same writers.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { SoakClient } from './client.ts';
import { Histories } from './history.ts';
import { judge } from './judge.ts';
import { identify, Ledger, type Row } from './ledger.ts';
import type { Entry, Told } from './log.ts';
import { Transaction } from './transaction.ts';

const scope = createScope();
let database: TestDatabase;
let ledger: Ledger;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  ledger = new Ledger();
  psql = await scope.sql(database.url);
  const seed = await new Transaction(psql, ledger).begin();
  await seed.change('task', 'insert', `insert into tasks (title) values ('A one'), ('B two') returning *`);
  await seed.commit();
});

async function session(): Promise<Transaction> {
  return new Transaction(await scope.sql(database.url), ledger);
}

const touch = (transaction: Transaction, id: number, note: string) =>
  transaction.change('task', 'update', 'update tasks set note = $2 where id = $1 returning *', [id, note]);

/**
 * Reads `seq > last seen` from the journal, with rows as they are now, when it is told to look. `overlap`: how many
 * numbers it goes back each time, so as not to lose what commits late.
 */
class Poller {
  readonly log: Entry[] = [];
  readonly #overlap: number;
  #first = 0;
  #last = 0;

  constructor({ overlap = 0 } = {}) {
    this.#overlap = overlap;
  }

  async begin(): Promise<void> {
    const { rows } = await psql.query<{ cursor: string; last: number }>(
      `select coalesce(taskfeed.current_cursor(), taskfeed.begin_epoch() || '.' || pg_current_snapshot()::text) as cursor,
              (select max(seq) from taskfeed.change_journal)::integer as last`,
    );
    this.#first = rows[0]?.last ?? 0;
    this.#last = this.#first;
    this.log.push({ what: 'loaded', cursor: rows[0]?.cursor ?? '', pages: [] });
  }

  async look(): Promise<void> {
    const { rows } = await psql.query<{ count: number; last: number; row: Row }>(
      `select count(*)::integer as count, max(j.seq)::integer as last, to_json(t) as row
       from taskfeed.change_journal j join tasks t on t.id = j.row_id
       where j.seq > $1 and j.topic = 'task' group by t.id, t.* order by last`,
      [Math.max(this.#first, this.#last - this.#overlap)],
    );
    const events = rows.map(({ count, row }): Told => {
      return { topic: 'task', id: row['id'], kind: 'updated', count, names: [], ...identify('task', row) };
    });
    this.#last = Math.max(this.#last, ...rows.map(({ last }) => last));
    this.log.push({ what: 'told', events, asOf: [0, 0] }, { what: 'reached', by: 'batch' });
  }
}

/** The feed under test, following the same writers. */
async function realClient(): Promise<SoakClient> {
  const server = await scope.server(database);
  const client = new SoakClient({ url: server.url, isBatch: false, pageSize: 1_000 });
  scope.add(async () => client.close());
  await client.load();
  client.connect();
  await eventually('feed:ready', () => client.isReady);
  return client;
}

const violations = (log: Entry[]) => judge(new Histories(ledger), log).violations;

describe('one transaction is held open while another one with a later number commits', () => {
  const lateCommit = async (look: () => Promise<unknown>) => {
    const [slow, fast] = [await session(), await session()];
    await slow.begin();
    await touch(slow, 1, 'slow');
    await fast.begin();
    await touch(fast, 2, 'fast');
    await fast.commit();
    await look();
    await slow.commit();
    await look();
  };

  it('a reader of `seq > last seen` loses it, and the judge says what', async () => {
    const [client, poller] = [await realClient(), new Poller()];
    await poller.begin();
    await lateCommit(() => poller.look());
    expect(violations(poller.log)).toEqual(['task 1: the last 1 of 2 changes never came']);

    await eventually('both changes', () => client.figures.events === 2);
    expect(violations(client.log)).toEqual([]);
  });

  it('and when the row changes once more, as a gap', async () => {
    const poller = new Poller();
    await poller.begin();
    await lateCommit(() => poller.look());
    const again = await (await session()).begin();
    await touch(again, 1, 'again');
    await again.commit();
    await poller.look();
    expect(violations(poller.log)).toEqual(['task 1: changes 2 to 2 were left out before (2, 3]']);
  });

  it('a reader that goes back a little each time loses nothing but tells twice', async () => {
    const poller = new Poller({ overlap: 2 });
    await poller.begin();
    await lateCommit(() => poller.look());
    expect(violations(poller.log)).toEqual(['task 2: (1, 2] tells again what was known up to 2']);
  });
});

describe('transactions commit in the order of their numbers', () => {
  it('then even the reader of `seq > last seen` is innocent', async () => {
    const poller = new Poller();
    await poller.begin();
    for (const [turn, id] of [1, 2, 1].entries()) {
      const transaction = await (await session()).begin();
      await touch(transaction, id, `turn ${turn}`);
      await transaction.commit();
      await poller.look();
    }
    expect(violations(poller.log)).toEqual([]);
  });
});

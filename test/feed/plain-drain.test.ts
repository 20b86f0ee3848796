// The short way of a drain and the long one, asked from the same cursor again and again while rows are written in every
// way: they must tell the same.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { DrainSession } from '../../src/feed/drain-session.ts';
import { plainTopics } from '../../src/feed/plain-drain.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import type { TestDatabase } from '../support/database.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  await psql.query(`
    insert into systems (name) values ('Boiler'), ('Kiln');
    insert into employees (name) values ('Dana'), ('Noam');
    insert into links (employee_id, token_hash, expires_at) values (1, 'x', now() + interval '1 day');
    insert into tasks (title, system_id, employee_id) select 'task ' || n, 1 + n % 2, 1 from generate_series(1, 9) n;
    insert into link_tasks (link_id, task_id) values (1, 1), (1, 2), (1, 3)`);
});

async function session(onlyLong: boolean): Promise<DrainSession> {
  const connection = { connectionString: database.appUrl };
  const made = new DrainSession({ connection, topics, actorName, bulkLimit: 50, applicationName: 'drain', onlyLong });
  await made.open();
  scope.add(() => made.close());
  return made;
}

/** How often the long statement was run. */
async function longDrains(of: DrainSession): Promise<number> {
  return Number(
    await of.value(
      `select coalesce(sum(generic_plans + custom_plans), 0) from pg_prepared_statements where name = 'drain'`,
    ),
  );
}

// Each is one transaction; `*` stands for a task.
const ways = [
  `update tasks set title = 'a' where id = *`,
  `update tasks set title = 'b', note = repeat('ü', 3000) where id = *`,
  `update tasks set status = 'completed' where id <= *`,
  `update tasks set title = title where id = *`,
  `begin; update tasks set title = 'c' where id = *; update tasks set note = 'd' where id = *; commit`,
  `begin; update tasks set title = 'e' where id = *; savepoint s; update tasks set note = 'f' where id = *;
   rollback to s; update tasks set note = 'g' where id = *; commit`,
  `insert into tasks (title) values ('new')`,
  `begin; insert into tasks (title) values ('new'); update tasks set note = 'h' where id = (select max(id) from tasks); commit`,
  `begin; insert into tasks (title) values ('gone'); delete from tasks where id = (select max(id) from tasks); commit`,
  `delete from tasks where id = (select max(id) from tasks)`,
  `update tasks set system_id = 3 - system_id where id = *`,
  `update tasks set employee_id = nullif(2 - coalesce(employee_id, 0), 0) where id = *`,
  `update systems set name = name || '.' where id = 1`,
  `update tasks set due_at = 'infinity', priority = 'urgent' where id = *`,
  `set taskfeed.actor = 'link:1'; update tasks set note = clock_timestamp()::text where id = *; set taskfeed.actor = ''`,
  `insert into link_tasks (link_id, task_id) values (1, *) on conflict do nothing`,
];

// It writes the row again before the statement that fires it has journaled its own change.
const again = `
  create function again() returns trigger language plpgsql as $$ begin
    update tasks set review_note = title where id = new.id and new.title = 'b'; return null; end $$;
  create trigger again after update of title on tasks for each row execute function again()`;

describe('the short way and the long way of a drain', () => {
  it('tell the same, whatever was written, also of transactions that were open at the cursor', async () => {
    await psql.query(again);
    const [short, long] = [await session(false), await session(true)];
    const other = await scope.sql(database.url, 'other');
    let cursor = await short.here();
    let isOpen = false;
    for (let step = 0; step < 320; step += 1) {
      // Every way comes often, in changing company; a transaction stays open over some of the cursors.
      const way = ways[(step * 7 + Math.floor(step / 16) * 3) % ways.length] ?? '';
      await psql.query(way.replaceAll('*', String(1 + ((step * 5) % 4))));
      if (step % 11 === 3 && !isOpen) await other.query(`begin; update tasks set note = 'late ${step}' where id = 9`);
      if (step % 11 === 9 && isOpen) await other.query('commit');
      if (step % 11 === 3 || step % 11 === 9) isOpen = step % 11 === 3;
      if (step % 3 === 0) continue;
      const [one, two] = [await short.drain(cursor), await long.drain(cursor)];
      const events = (batch: typeof one) => batch.events.map(({ bytes: _, ...event }) => event);
      expect(events(one)).toEqual(events(two));
      // Not the cursors: other databases of the server move them.
      expect(one.reset).toEqual(two.reset);
      cursor = one.to;
    }
    const [asked, all] = [await longDrains(short), await longDrains(long)];
    expect(asked).toBeGreaterThan(all * 0.2);
    expect(asked).toBeLessThan(all * 0.8);
  });

  it('puts the changes of one row in the order in which they happened, not in which they were journaled', async () => {
    await psql.query(again);
    const short = await session(false);
    const cursor = await short.here();
    await psql.query(`update tasks set title = 'b' where id = 1`);
    const { events } = await short.drain(cursor);
    expect(events).toMatchObject([{ change: { before: { title: 'task 1', review_note: null }, count: 2 } }]);
    expect(await longDrains(short)).toBe(0);
  });

  it('is short for tasks and for nothing: no long statement is run', async () => {
    const short = await session(false);
    let cursor = await short.here();
    for (const title of ['a', 'b', 'c']) {
      await psql.query('update tasks set title = $1 where id < 5', [title]);
      const batch = await short.drain(cursor);
      expect(batch.events).toHaveLength(4);
      cursor = (await short.drain(batch.to)).to;
    }
    expect(await longDrains(short)).toBe(0);
    await psql.query(`update systems set name = 'Oven' where id = 1`);
    expect((await short.drain(cursor)).events.length).toBeGreaterThan(1);
    expect(await longDrains(short)).toBe(1);
  });

  it('goes long for more rows than a batch may have, and says so', async () => {
    const short = await session(false);
    const cursor = await short.here();
    await psql.query(`insert into tasks (title) select 'many' from generate_series(1, 51)`);
    expect((await short.drain(cursor)).reset).toEqual({ reason: 'bulk', count: 51 });
  });

  it('knows whose rows others show', () => {
    expect(plainTopics(topics).map(({ name }) => name)).toEqual(['task']);
  });
});

// A transaction's changes are told when it commits, once, and only what was left of them.
import { describe, expect, it } from '@jest/globals';
import { Feed, nobodys, task } from './support.ts';

const feed = new Feed();
const run = (sql: string) => feed.after(() => feed.psql.query(sql));

describe('isolation levels', () => {
  it.each(['repeatable read', 'serializable'])('a writer in %s is heard like any other', async (level) => {
    const events = await feed.after(async () => {
      await feed.psql.query(`begin isolation level ${level}`);
      await feed.psql.query('select * from task_details');
      await feed.psql.query(`update tasks set title = 'Sweep it' where id = 1`);
      await feed.psql.query('commit');
    });
    expect(events).toEqual([task('updated', 1, 2, { was: { title: 'Sweep chimney' } })]);
  });

  it('two serializable writers of different tasks do not fail because of the journal', async () => {
    await feed.given(`insert into tasks (title) values ('Paint door')`);
    const other = await feed.session();
    const events = await feed.after(async () => {
      await feed.psql.query(`begin isolation level serializable; update tasks set note = 'mine' where id = 1`);
      await other.query(`begin isolation level serializable; update tasks set note = 'other' where id = 2`);
      await feed.psql.query('commit');
      await other.query('commit');
    });
    expect(events).toEqual([
      task('updated', 1, 2, { was: { note: null } }),
      task('updated', 2, 2, { ...nobodys, was: { note: null } }),
    ]);
  });

  it('of two serializable writers the one that fails is not heard', async () => {
    const other = await feed.session();
    const events = await feed.after(async () => {
      await feed.psql.query('begin isolation level serializable; select count(*) from tasks');
      await other.query('begin isolation level serializable; select count(*) from tasks');
      await feed.psql.query(`insert into tasks (id, title) values (10, 'Mine')`);
      await other.query(`insert into tasks (id, title) values (11, 'Other')`);
      await feed.psql.query('commit');
      await expect(other.query('commit')).rejects.toThrow('could not serialize access');
    });
    expect(events).toEqual([task('created', 10, 1, nobodys)]);
  });
});

describe('what was taken back', () => {
  it('is not told: a rollback', async () => {
    expect(
      await run(`begin; update tasks set title = 'No'; insert into tasks (title) values ('No'); rollback`),
    ).toEqual([]);
  });

  it('is not told: a statement that fails half-way', async () => {
    const failing = `insert into tasks (title) values ('Yes'), (repeat('x', 201))`;
    expect(await feed.after(() => expect(feed.psql.query(failing)).rejects.toThrow('tasks_title_length'))).toEqual([]);
  });

  it('is not told: what came after the savepoint it went back to', async () => {
    const events = await run(`
      begin;
      update tasks set title = 'First' where id = 1;
      savepoint here;
      update tasks set title = 'Second', note = 'No' where id = 1;
      insert into tasks (id, title) values (20, 'No');
      rollback to here;
      insert into tasks (id, title) values (21, 'Yes');
      commit;`);
    expect(events).toEqual([
      task('updated', 1, 2, { was: { title: 'Sweep chimney' } }),
      task('created', 21, 1, nobodys),
    ]);
  });

  it('is told if its savepoint was kept', async () => {
    const events = await run(`begin; savepoint here; update tasks set note = 'Yes'; release here; commit`);
    expect(events).toEqual([task('updated', 1, 2, { was: { note: null } })]);
  });

  it('is not told: an exception block of a function', async () => {
    const events = await run(`do $$ begin
      begin
        update tasks set title = 'No';
        raise exception 'never mind';
      exception when raise_exception then
        update tasks set note = 'Yes';
      end; end $$`);
    expect(events).toEqual([task('updated', 1, 2, { was: { note: null } })]);
  });
});

describe('several changes of one task', () => {
  it('of one transaction are one event: before the first, by the last', async () => {
    const app = await feed.session(feed.database.appUrl);
    const events = await feed.after(async () => {
      await app.query(`begin; set taskfeed.actor = 'manager:3'; update tasks set title = 'Sweep it' where id = 1`);
      await app.query(
        `set taskfeed.actor = 'manager:4'; update tasks set title = 'Sweep all', note = 'x' where id = 1`,
      );
      await app.query('commit');
    });
    expect(events).toEqual([
      task('updated', 1, 3, { count: 2, actor: 'manager:4', was: { note: null, title: 'Sweep chimney' } }),
    ]);
  });

  it('of several transactions that one drain finds are one event', async () => {
    const events = await feed.after(() =>
      feed.inOneDrain(async () => {
        await feed.psql.query(`update tasks set title = 'Sweep it' where id = 1`);
        await feed.psql.query(`update tasks set note = 'x' where id = 1`);
        await feed.psql.query(`update tasks set note = 'y' where id = 1`);
      }),
    );
    expect(events).toEqual([task('updated', 1, 4, { count: 3, was: { note: null, title: 'Sweep chimney' } })]);
  });

  it('there and back are an event that names nothing', async () => {
    const events = await run(`begin; update tasks set note = 'x'; update tasks set note = null; commit`);
    expect(events).toEqual([task('updated', 1, 3, { count: 2, was: {} })]);
  });

  it('end in created if it was inserted, in deleted if it is gone', async () => {
    const events = await run(`
      begin;
      insert into tasks (id, title) values (30, 'New');
      update tasks set title = 'Newer' where id = 30;
      update tasks set note = 'x' where id = 1;
      delete from tasks where id = 1;
      commit;`);
    expect(events).toEqual([task('created', 30, 2, { ...nobodys, count: 2 }), task('deleted', 1, 2, { count: 2 })]);
    expect(feed.packets[1]?.data.task).toMatchObject({ title: 'Sweep chimney', note: 'x' });
  });

  it('end in deleted if it came and went, since some reader may have seen it', async () => {
    const events = await feed.after(() =>
      feed.inOneDrain(async () => {
        await feed.psql.query(`insert into tasks (id, title) values (30, 'New')`);
        await feed.psql.query(`delete from tasks where id = 30`);
      }),
    );
    expect(events).toEqual([task('deleted', 30, 1, { ...nobodys, count: 2 })]);
  });
});

describe('an id that is deleted and inserted again', () => {
  const remove = 'delete from tasks where id = 1';
  const insert = `insert into tasks (id, title) values (1, 'Another task')`;

  it('in one transaction is created', async () => {
    expect(await run(`begin; ${remove}; ${insert}; commit`)).toEqual([task('created', 1, 1, { ...nobodys, count: 2 })]);
  });

  it('in one statement is created', async () => {
    const events = await run(`
      with gone as (delete from tasks where id = 1 returning id)
      insert into tasks (id, title) select id, 'Another task' from gone`);
    expect(events).toEqual([task('created', 1, 1, { ...nobodys, count: 2 })]);
  });

  it('in two transactions is deleted, then created', async () => {
    expect(await run(remove)).toEqual([task('deleted', 1, 1, {})]);
    expect(await run(insert)).toEqual([task('created', 1, 1, nobodys)]);
  });

  it('in two transactions that one drain finds is created, and changed further counts on', async () => {
    const events = await feed.after(() =>
      feed.inOneDrain(async () => {
        await feed.psql.query(`${remove}`);
        await feed.psql.query(`${insert}`);
        await feed.psql.query(`update tasks set note = 'x' where id = 1`);
      }),
    );
    expect(events).toEqual([task('created', 1, 2, { ...nobodys, count: 3 })]);
  });
});

describe('a long transaction', () => {
  it('that commits late is told late, and stops nobody meanwhile', async () => {
    const slow = await feed.session();
    await slow.query(`begin; insert into tasks (id, title) values (40, 'Early and slow')`);

    expect(await run(`insert into tasks (id, title) values (41, 'Late and fast')`)).toEqual([
      task('created', 41, 1, nobodys),
    ]);
    expect(await run(`update tasks set note = 'x' where id = 41`)).toEqual([
      task('updated', 41, 2, { ...nobodys, was: { note: null } }),
    ]);
    expect(await feed.after(() => slow.query('commit'))).toEqual([task('created', 40, 1, nobodys)]);
    expect(await run('select')).toEqual([]);
  });

  it('of several, each is told once, in the order of their commits', async () => {
    const [first, second, third] = [await feed.session(), await feed.session(), await feed.session()];
    await first.query(`begin; insert into tasks (id, title) values (41, 'First to begin')`);
    await second.query(`begin; insert into tasks (id, title) values (42, 'Second to begin')`);
    await third.query(`begin; insert into tasks (id, title) values (43, 'Third to begin')`);
    expect(await feed.after(() => third.query('commit'))).toEqual([task('created', 43, 1, nobodys)]);
    expect(await feed.after(() => first.query('commit'))).toEqual([task('created', 41, 1, nobodys)]);
    expect(await feed.after(() => second.query('rollback'))).toEqual([]);
    expect(await run('select')).toEqual([]);
  });

  it('is told whole, although a part of it was journaled before the cursor of many drains', async () => {
    const slow = await feed.session();
    await slow.query(`begin; update tasks set title = 'One' where id = 1`);
    await run(`insert into tasks (id, title) values (41, 'Between')`);
    await slow.query(`update tasks set note = 'x' where id = 1`);
    await run(`update tasks set note = 'y' where id = 41`);
    expect(await feed.after(() => slow.query('commit'))).toEqual([
      task('updated', 1, 3, { count: 2, was: { note: null, title: 'Sweep chimney' } }),
    ]);
  });
});

describe('a prepared transaction', () => {
  it('cannot have rung; with the ring off it is told once it is committed', async () => {
    const { rows } = await feed.psql.query<{ most: string }>(
      `select current_setting('max_prepared_transactions') as most`,
    );
    const update = `begin; update tasks set note = 'x' where id = 1`;
    const prepare = `prepare transaction '${feed.database.name}'`;
    await feed.psql.query(update);
    if (rows[0]?.most === '0') {
      process.stderr.write('not run: prepared transactions; this server has max_prepared_transactions = 0\n');
      await expect(feed.psql.query(prepare)).rejects.toThrow('prepared transactions are disabled');
      return;
    }
    await expect(feed.psql.query(prepare)).rejects.toThrow('LISTEN, UNLISTEN, or NOTIFY');
    const prepared = () => feed.psql.query(`set taskfeed.ring = off; ${update}; ${prepare}`);
    expect(await feed.after(prepared)).toEqual([]);
    const committed = () => feed.psql.query(`commit prepared '${feed.database.name}'`);
    expect(await feed.after(committed, { isRung: false })).toEqual([task('updated', 1, 2, { was: { note: null } })]);
  });
});

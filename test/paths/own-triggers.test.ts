// Triggers of an administrator's own, before and after ours: what they do is told in the order in which it happened.
import { describe, expect, it } from '@jest/globals';
import { drainStatement } from '../../src/feed/journal.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import { Feed, nobodys, row, sorted, task } from './support.ts';

const feed = new Feed();
const run = (sql: string) => feed.after(() => feed.psql.query(sql));

/** A trigger on tasks whose body is `body`. */
const trigger = (name: string, when: string, body: string) =>
  feed.psql.query(`
    create function ${name}() returns trigger language plpgsql as $$ begin ${body} end $$;
    create trigger ${name} ${when} on tasks for each row execute function ${name}();`);

describe('an AFTER ROW trigger that updates the row again', () => {
  const again = () =>
    trigger(
      'again',
      'after update of title',
      `update tasks set note = 'renamed from ' || old.title where id = new.id; return null;`,
    );
  const retitle = `update tasks set title = 'Sweep it' where id = 1`;

  it('journals its change first, yet before is what it was before the outer statement', async () => {
    await again();
    expect(await run(retitle)).toEqual([
      task('updated', 1, 3, { count: 2, was: { note: null, title: 'Sweep chimney' } }),
    ]);
    const { rows } = await feed.psql.query(
      `select before ->> 'version' as version from taskfeed.change_journal where row_id = 1 and op = 'update' order by seq`,
    );
    expect(rows).toEqual([{ version: '2' }, { version: '1' }]);
  });

  it('would seem to change nothing but its own column if changes were taken in the order of the journal', async () => {
    await again();
    const { rows: here } = await feed.psql.query<{ epoch: string; snapshot: string }>(
      'select taskfeed.current_epoch() as epoch, pg_current_snapshot()::text as snapshot',
    );
    await run(retitle);
    const wrong = drainStatement(topics, actorName).replace(
      /\(p\.before ->> 'version'\)::bigint .* nulls first, p\.seq/,
      'p.seq',
    );
    const drain = async (statement: string) => {
      const values = [here[0]?.snapshot, here[0]?.epoch, 100, 1_000];
      const { rows } = await feed.psql.query(statement, values);
      return rows.find((row) => row.topic === 'task')?.before.title;
    };
    expect(await drain(drainStatement(topics, actorName))).toBe('Sweep chimney');
    expect(await drain(wrong)).toBe('Sweep it');
  });

  it('is told once for every row of the outer statement', async () => {
    await feed.given(`insert into tasks (id, title) values (2, 'Paint door')`);
    await again();
    expect(await run(`update tasks set title = title || '!'`)).toEqual([
      task('updated', 1, 3, { count: 2, was: { note: null, title: 'Sweep chimney' } }),
      task('updated', 2, 3, { ...nobodys, count: 2, was: { note: null, title: 'Paint door' } }),
    ]);
  });

  it('may go on and on', async () => {
    const countdown = `if length(new.title) > 3 then update tasks set title = left(new.title, -1) where id = new.id; end if;`;
    await trigger('shorten', 'after update of title', `${countdown} return null;`);
    expect(await run(`update tasks set title = 'abcdef' where id = 1`)).toEqual([
      task('updated', 1, 5, { count: 4, was: { title: 'Sweep chimney' } }),
    ]);
    expect(feed.packets[0]?.data.task.title).toBe('abc');
  });
});

describe('an AFTER ROW trigger of a table without a version', () => {
  it('is told in the order in which it happened too, also by a transaction that began long ago', async () => {
    await feed.psql.query(`
      create function again() returns trigger language plpgsql as $$ begin
        update systems set description = 'was ' || old.name where id = new.id;
        update systems set location = 'Cellar' where id = new.id; return null; end $$;
      create trigger again after update of name on systems for each row execute function again();`);
    const slow = await feed.session();
    await slow.query('begin; select now()');
    await feed.given(`update systems set phone = '1' where id = 1`);
    const events = await feed.after(() => slow.query(`update systems set name = 'Boiler 3' where id = 1; commit`));
    const was = { name: 'Boiler 2', location: null, description: null };
    expect(sorted(events)).toEqual([
      row('system:updated', 1, { name: 'Boiler 3', count: 3, was }),
      task('updated', 1, 1, { system_name: 'Boiler 3', count: 0, was: { system_name: 'Boiler 2' } }),
    ]);
  });
});

describe('other triggers of an administrator', () => {
  it('an AFTER INSERT trigger that completes the new task leaves it created', async () => {
    await trigger('complete', 'after insert', `update tasks set note = 'checked' where id = new.id; return null;`);
    expect(await run(`insert into tasks (id, title) values (5, 'New')`)).toEqual([
      task('created', 5, 2, { ...nobodys, count: 2 }),
    ]);
    expect(feed.packets[0]?.data.task.note).toBe('checked');
  });

  it('an AFTER UPDATE trigger that deletes the task leaves it deleted, as it was at last', async () => {
    await trigger('archive', 'after update of status', 'delete from tasks where id = new.id; return null;');
    expect(await run(`update tasks set status = 'completed', note = 'done' where id = 1`)).toEqual([
      task('deleted', 1, 2, { count: 2 }),
    ]);
    expect(feed.packets[0]?.data.task).toMatchObject({ title: 'Sweep chimney', status: 'completed', note: 'done' });
  });

  it('an AFTER INSERT trigger that deletes the task leaves a whole deleted task', async () => {
    await trigger('reject', 'after insert', 'delete from tasks where id = new.id; return null;');
    expect(await run(`insert into tasks (id, title) values (5, 'Rejected')`)).toEqual([
      task('deleted', 5, 1, { ...nobodys, count: 2 }),
    ]);
    expect(feed.packets[0]?.data.task.title).toBe('Rejected');
  });

  it('an AFTER DELETE trigger that puts the task back leaves it created', async () => {
    await trigger('keep', 'after delete', 'insert into tasks select old.*; return null;');
    expect(await run('delete from tasks where id = 1')).toEqual([task('created', 1, 1, { count: 2 })]);
  });

  it('a BEFORE DELETE trigger that forbids it leaves nothing to tell', async () => {
    await trigger('forbid', 'before delete', 'return null;');
    expect(await run('delete from tasks where id = 1')).toEqual([]);
  });

  it('a deferred trigger that runs at commit is part of the transaction', async () => {
    await feed.psql.query(`
      create function at_commit() returns trigger language plpgsql as $$ begin
        update tasks set note = 'at commit' where id = new.id; return null; end $$;
      create constraint trigger at_commit after update of title on tasks deferrable initially deferred
        for each row execute function at_commit();`);
    expect(await run(`begin; update tasks set title = 'Sweep it' where id = 1; commit`)).toEqual([
      task('updated', 1, 3, { count: 2, was: { note: null, title: 'Sweep chimney' } }),
    ]);
  });
});

describe('a BEFORE trigger that changes the row', () => {
  const shout = () => trigger('shout', 'before update', 'new.title := upper(new.title); return new;');

  it('is told, and stamped', async () => {
    await shout();
    expect(await run(`update tasks set note = 'x' where id = 1`)).toEqual([
      task('updated', 1, 2, { was: { note: null, title: 'Sweep chimney' } }),
    ]);
  });

  it('is stamped also where the statement itself changes nothing', async () => {
    await shout();
    expect(await run('update tasks set note = note where id = 1')).toEqual([
      task('updated', 1, 2, { was: { title: 'Sweep chimney' } }),
    ]);
  });

  it('would change the row under an old version if our stamp did not come last', async () => {
    await shout();
    await feed.psql.query('alter trigger zz_taskfeed_stamp on tasks rename to aa_taskfeed_stamp');
    expect(await run('update tasks set note = note where id = 1')).toEqual([
      task('updated', 1, 1, { was: { title: 'Sweep chimney' } }),
    ]);
  });

  it('that takes the change back leaves nothing to tell, and no version', async () => {
    await trigger('undo', 'before update', 'new := old; return new;');
    expect(await run(`update tasks set title = 'Sweep it' where id = 1`)).toEqual([]);
    expect((await feed.psql.query('select version from tasks')).rows).toEqual([{ version: 1 }]);
  });
});

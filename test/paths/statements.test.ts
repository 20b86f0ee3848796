// One statement, whatever its shape, ends in the right events.
import { describe, expect, it } from '@jest/globals';
import { copyIn, serverMajor } from './sql.ts';
import { Feed, nobodys, row, sorted, task } from './support.ts';

const feed = new Feed();
const run = (sql: string) => feed.after(() => feed.psql.query(sql));

describe('INSERT, UPDATE, DELETE', () => {
  it('tells a new task with the names it shows', async () => {
    expect(await run(`insert into tasks (title, system_id, employee_id) values ('Paint door', 1, 1)`)).toEqual([
      task('created', 2, 1, {}),
    ]);
  });

  it('needs no more than a title', async () => {
    expect(await run(`insert into tasks (title) values ('Paint door')`)).toEqual([task('created', 2, 1, nobodys)]);
  });

  it('tells what an update changed and nothing else', async () => {
    expect(await run(`update tasks set priority = 'urgent', title = 'Sweep it' where id = 1`)).toEqual([
      task('updated', 1, 2, { was: { title: 'Sweep chimney', priority: 'normal' } }),
    ]);
  });

  it('tells every row of a statement once', async () => {
    await feed.given(`insert into tasks (title) select 'Task ' || n from generate_series(2, 4) n`);
    expect(await run(`update tasks set priority = 'optional' where id > 2`)).toEqual([
      task('updated', 3, 2, { ...nobodys, was: { priority: 'normal' } }),
      task('updated', 4, 2, { ...nobodys, was: { priority: 'normal' } }),
    ]);
  });

  it('tells a deleted task as it was last known', async () => {
    await feed.given(`update tasks set title = 'Sweep it' where id = 1`);
    expect(await run('delete from tasks where id = 1')).toEqual([task('deleted', 1, 2, {})]);
    expect(feed.packets[0]?.data.task).toMatchObject({ title: 'Sweep it', status: 'draft', priority: 'normal' });
  });

  it('says nothing of an update that changes nothing, and does not ring', async () => {
    expect(await run('update tasks set title = title, priority = priority')).toEqual([]);
  });

  it('says nothing of a statement that meets no row', async () => {
    expect(await run(`update tasks set title = 'x' where false; delete from tasks where id = 99`)).toEqual([]);
  });

  it('tells thousands of rows of one statement, each once', async () => {
    await feed.psql.query(`insert into tasks (title) select 'Task ' || n from generate_series(2, 4500) n`);
    // With statistics of so many rows the planner is tempted by nested loops.
    await feed.given('analyze');
    const events = await run(`update tasks set note = 'x' where id <= 4500`);
    expect(events.slice(1)).toEqual(
      Array.from({ length: 4_499 }, (_, index) => task('updated', index + 2, 2, { ...nobodys, was: { note: null } })),
    );
  });

  it('names no column that an administrator has added, since no reader sees it', async () => {
    await feed.psql.query(`alter table tasks add column colour text default 'red'`);
    expect(await run(`update tasks set note = 'x', colour = 'blue'`)).toEqual([
      task('updated', 1, 2, { was: { note: null } }),
    ]);
  });

  it('ignores a version written by hand', async () => {
    expect(await run('update tasks set version = 700 where id = 1')).toEqual([task('updated', 1, 2, { was: {} })]);
  });
});

describe('statements that decide by themselves', () => {
  it('INSERT … ON CONFLICT DO UPDATE is an update of the row that is there', async () => {
    const upsert = `insert into tasks (id, title) values (1, 'Upserted'), (50, 'New')
      on conflict (id) do update set title = excluded.title`;
    expect(await run(upsert)).toEqual([
      task('updated', 1, 2, { was: { title: 'Sweep chimney' } }),
      task('created', 50, 1, nobodys),
    ]);
  });

  it('INSERT … ON CONFLICT DO NOTHING is nothing for the row that is there', async () => {
    const insert = `insert into tasks (id, title) values (1, 'Upserted'), (50, 'New') on conflict do nothing`;
    expect(await run(insert)).toEqual([task('created', 50, 1, nobodys)]);
    expect(await run(insert)).toEqual([]);
  });

  it('MERGE inserts, updates and deletes in one statement', async () => {
    await feed.given(`insert into tasks (id, title) values (50, 'Old'), (51, 'Kept')`);
    const merge = `merge into tasks t
      using (values (1, 'Merged'), (50, null), (51, 'Kept'), (52, 'New')) as s (id, title) on s.id = t.id
      when matched and s.title is null then delete
      when matched then update set title = s.title
      when not matched then insert (id, title) values (s.id, s.title)`;
    if ((await serverMajor(feed.psql)) < 15) {
      process.stderr.write('not run: MERGE; this server is older than PostgreSQL 15\n');
      await expect(feed.psql.query(merge)).rejects.toThrow('syntax error at or near "merge"');
      expect(await run('select')).toEqual([]);
      return;
    }
    const events = await run(merge);
    expect(sorted(events)).toEqual([
      task('created', 52, 1, nobodys),
      task('deleted', 50, 1, nobodys),
      task('updated', 1, 2, { was: { title: 'Sweep chimney' } }),
    ]);
  });

  it('UPDATE … FROM takes its values from elsewhere', async () => {
    const update = `update tasks t set note = s.name from systems s where s.id = t.system_id`;
    expect(await run(update)).toEqual([task('updated', 1, 2, { was: { note: null } })]);
    expect(feed.packets[0]?.data.task.note).toBe('Boiler 2');
  });

  it('a CTE updates, deletes and inserts', async () => {
    await feed.given(`insert into tasks (id, title) values (50, 'Old')`);
    const events = await run(`
      with gone as (delete from tasks where id = 50 returning title),
           changed as (update tasks set title = 'From ' || (select title from gone) where id = 1 returning id)
      insert into tasks (id, title) select 60 + id, 'New' from changed`);
    expect(sorted(events)).toEqual([
      task('created', 61, 1, nobodys),
      task('deleted', 50, 1, nobodys),
      task('updated', 1, 2, { was: { title: 'Sweep chimney' } }),
    ]);
  });

  it('a function is no different from what it does', async () => {
    await feed.given(`
      create function finish(task integer) returns void language sql as $$
        update tasks set status = 'completed' where id = task;
        insert into tasks (title) select 'Check: ' || title from tasks where id = task;
      $$`);
    expect(await run('select finish(1)')).toEqual([
      task('updated', 1, 2, { was: { status: 'draft', completed_at: null } }),
      task('created', 2, 1, nobodys),
    ]);
  });

  it('COPY FROM STDIN tells every row', async () => {
    const copied = feed.after(() =>
      copyIn(feed.psql, 'copy tasks (title, system_id) from stdin', 'One\t1\nTwo\t\\N\n'),
    );
    expect(await copied).toEqual([task('created', 2, 1, { employee_name: null }), task('created', 3, 1, nobodys)]);
  });
});

describe('keys', () => {
  it('an updated primary key is a delete and a create', async () => {
    expect(await run('update tasks set id = 70 where id = 1')).toEqual([
      task('deleted', 1, 1, {}),
      task('created', 70, 2, {}),
    ]);
  });

  it('an image follows the updated primary key of its task', async () => {
    await feed.given(`insert into task_images (id, task_id, content) values (9, 1, 'bytes')`);
    expect(sorted(await run('update tasks set id = 70 where id = 1'))).toEqual([
      task('created', 70, 2, { image_ids: [9] }),
      task('deleted', 1, 1, {}),
    ]);
  });

  it('the updated primary key of a system leaves its tasks with it', async () => {
    expect(await run('update systems set id = 80 where id = 1')).toEqual([
      row('system:deleted', 1, { name: 'Boiler 2' }),
      row('system:created', 80, { name: 'Boiler 2' }),
      task('updated', 1, 2, { was: { system_id: 1 } }),
    ]);
  });
});

describe('TRUNCATE', () => {
  it('is a reset: every screen loads anew', async () => {
    expect(await run('truncate tasks, task_images, link_tasks')).toEqual([
      { event: 'feed:reset', reason: 'truncated' },
    ]);
  });

  it('is a reset also where it cascades to a table that has no events of its own', async () => {
    expect(await run('truncate task_images')).toEqual([{ event: 'feed:reset', reason: 'truncated' }]);
  });

  it('goes on afterwards', async () => {
    await run('truncate tasks, task_images, link_tasks');
    expect(await run(`insert into tasks (id, title) values (1, 'First again')`)).toEqual([
      task('created', 1, 1, nobodys),
    ]);
  });
});

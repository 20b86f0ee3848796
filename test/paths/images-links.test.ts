// Tables that are shown as part of something else: images of a task, tasks of a link. Bytes and secrets stay where
// they are.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Feed, nobodys, row, sorted, task } from './support.ts';

const feed = new Feed();
const run = (sql: string) => feed.after(() => feed.psql.query(sql));

/** Fails if bytes that begin with XYZZY were journaled or sent in any form; `about` is what must have been. */
async function expectNoBytes(about: string): Promise<void> {
  const { rows } = await feed.psql.query<{ text: string }>(`select j::text as text from taskfeed.change_journal j`);
  expect(rows.filter(({ text }) => text.includes(`,${about},`)).length).toBeGreaterThan(5);
  const text = JSON.stringify([rows, feed.client.packets]).toLowerCase();
  for (const form of ['xyzzy', '58595a5a59', 'wflawl']) expect(text.includes(form)).toBe(false);
}

/** Makes a column of a type that cannot be turned into JSON. */
function poison(table: string, column: string): Promise<unknown> {
  return feed.psql.query(`
    create type public.poison as enum ('x');
    create function public.burst(public.poison) returns json language plpgsql as $$ begin raise 'looked at'; end $$;
    create cast (public.poison as json) with function public.burst(public.poison);
    alter table ${table} alter column ${column} type public.poison using 'x'`);
}

beforeEach(() => feed.given(`insert into tasks (id, title) values (2, 'Paint door')`));

describe('an image', () => {
  const insert = `insert into task_images (id, task_id, content, thumbnail) values (9, 1, 'XYZZY content', 'XYZZY thumbnail')`;
  // Old lists of images are not journaled, so the old value is not known.
  const was = { image_ids: null };
  const shown = { count: 0, image_ids: [9], was };

  it('that is added is a change of its task', async () => {
    expect(await run(insert)).toEqual([task('updated', 1, 1, shown)]);
  });

  it('that is replaced is a change of its task, under the same id', async () => {
    await feed.given(insert);
    expect(await run(`update task_images set content = 'XYZZY other'`)).toEqual([task('updated', 1, 1, shown)]);
    expect((await feed.psql.query('select bytes from task_images')).rows).toEqual([{ bytes: 11 }]);
  });

  it('that is written as it was is nothing', async () => {
    await feed.given(insert);
    expect(await run('update task_images set content = content, bytes = 0')).toEqual([]);
  });

  it('that is removed is a change of its task', async () => {
    await feed.given(insert);
    expect(await run('delete from task_images')).toEqual([task('updated', 1, 1, { count: 0, was })]);
  });

  it('that moves is a change of both tasks', async () => {
    await feed.given(insert);
    expect(sorted(await run('update task_images set task_id = 2'))).toEqual([
      task('updated', 1, 1, { count: 0, was }),
      task('updated', 2, 1, { ...nobodys, ...shown }),
    ]);
  });

  it('that moves on and on, found by one drain, is a change of every task it was at', async () => {
    await feed.given(`insert into tasks (id, title) values (3, 'Tidy up'); ${insert}`);
    expect(
      sorted(await run(`begin; update task_images set task_id = 2; update task_images set task_id = 3; commit`)),
    ).toEqual([
      task('updated', 1, 1, { count: 0, was }),
      task('updated', 2, 1, { ...nobodys, count: 0, was }),
      task('updated', 3, 1, { ...nobodys, ...shown }),
    ]);
  });

  it('together with a change of its task is one event', async () => {
    expect(await run(`begin; update tasks set note = 'see picture' where id = 1; ${insert}; commit`)).toEqual([
      task('updated', 1, 2, { image_ids: [9], was: { note: null, ...was } }),
    ]);
  });

  it('goes with its task', async () => {
    await feed.given(insert);
    expect(await run('delete from tasks where id = 1')).toEqual([task('deleted', 1, 1, {})]);
    expect((await feed.psql.query('select from task_images')).rowCount).toBe(0);
  });

  // Rendered and then thrown away they would take twice their size, and past jsonb's 256 MB no task could be deleted.
  it.each(['origin', 'replica'])('never has its bytes looked at, in the %s role', async (role) => {
    await feed.given(insert);
    await poison('task_images', 'thumbnail');
    await expect(feed.psql.query('select to_jsonb(i) from task_images i')).rejects.toThrow('looked at');
    const events = await feed.after(async () => {
      await feed.psql.query(`set session_replication_role = ${role}`);
      await feed.psql.query('begin; update task_images set width = 10; update task_images set id = 10');
      await feed.psql.query('delete from task_images; commit');
    });
    expect(events).toEqual([task('updated', 1, 1, { count: 0, was })]);
  });

  it('never has its bytes in the journal or in an event', async () => {
    await feed.given(insert);
    await feed.given(`update task_images set content = 'XYZZY other', task_id = 2`);
    await feed.given('update task_images set id = 10');
    await feed.given(`set session_replication_role = replica; update task_images set content = 'XYZZY third'`);
    await feed.given('delete from task_images; reset session_replication_role');
    await expectNoBytes('task_image');
  });
});

describe('a link', () => {
  const links = `
    insert into links (id, employee_id, token_hash, expires_at) values (5, 1, 'XYZZY hash', '2030-01-01');
    insert into link_tasks (id, link_id, task_id) values (6, 5, 1);`;
  const named = { employee_name: 'Dana Levi' };
  // Which tasks a link had is not journaled.
  const was = { task_ids: null };

  it('is created with its tasks', async () => {
    expect(await run(`begin; ${links} commit`)).toEqual([row('link:created', 5, { ...named, task_ids: [1] })]);
  });

  it('is changed by its rows, each of which is no event of the task', async () => {
    await feed.given(links);
    expect(await run('insert into link_tasks (link_id, task_id) values (5, 2)')).toEqual([
      row('link:updated', 5, { ...named, task_ids: [1, 2], count: 0, was }),
    ]);
    expect(await run('delete from link_tasks where task_id = 1')).toEqual([
      row('link:updated', 5, { ...named, task_ids: [2], count: 0, was }),
    ]);
  });

  it('is changed when it is opened, acknowledged or revoked', async () => {
    await feed.given(links);
    expect(await run(`update links set opened_at = '2026-01-01Z', revoked_at = '2026-01-02Z'`)).toEqual([
      row('link:updated', 5, { ...named, task_ids: [1], was: { opened_at: null, revoked_at: null } }),
    ]);
  });

  it('is changed by a new token, of which nothing is said', async () => {
    await feed.given(links);
    expect(await run(`update links set token_hash = 'XYZZY other'`)).toEqual([
      row('link:updated', 5, { ...named, task_ids: [1], was: {} }),
    ]);
  });

  it('that changes hands shows the other name', async () => {
    await feed.given(`${links} insert into employees (id, name) values (7, 'Avi Mor')`);
    expect(await run('update links set employee_id = 7')).toEqual([
      row('link:updated', 5, {
        employee_name: 'Avi Mor',
        task_ids: [1],
        was: { employee_id: 1, employee_name: 'Dana Levi' },
      }),
    ]);
  });

  it('loses a task that is deleted', async () => {
    await feed.given(links);
    expect(sorted(await run('delete from tasks where id = 1'))).toEqual([
      row('link:updated', 5, { ...named, task_ids: [], count: 0, was }),
      task('deleted', 1, 1, {}),
    ]);
  });

  it('is deleted as it was last known', async () => {
    await feed.given(links);
    expect(await run('delete from links')).toEqual([row('link:deleted', 5, { ...named, task_ids: [] })]);
  });

  it('never has its hash in the journal or in an event', async () => {
    await feed.given(links);
    await feed.given(`update links set token_hash = 'XYZZY other'; update links set id = 8`);
    await feed.given(`set session_replication_role = replica; update links set token_hash = 'XYZZY third'`);
    await feed.given('delete from links; reset session_replication_role');
    await expectNoBytes('link');
  });
});

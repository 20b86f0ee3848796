// The view task_history: who changed which field from what to what, exactly, for every shape of change.
import { describe, expect, it } from '@jest/globals';
import { Feed, owner } from './support.ts';

const feed = new Feed({ isServed: false });

interface Line {
  op: string;
  field: string;
  from: unknown;
  to: unknown;
}

async function history(id = 1, session = feed.psql): Promise<Line[]> {
  const { rows } = await session.query<Line>(
    `select op, field, "from", "to" from public.task_history where task_id = $1 order by seq, field collate "C"`,
    [id],
  );
  return rows;
}

/** The changes that come after the task's creation in the set-up. */
async function since(id = 1): Promise<Line[]> {
  const lines = await history(id);
  return lines.slice(lines.findLastIndex(({ op }) => op === 'insert') + 1);
}

const line = (op: string, field: string, from: unknown, to: unknown): Line => ({ op, field, from, to });
const update = (field: string, from: unknown, to: unknown) => line('update', field, from, to);

describe('the history of a task', () => {
  it('begins with what it was created with', async () => {
    await feed.psql.query(`insert into tasks (id, title, system_id, due_at) values (5, 'New', 1, '2026-02-01 12:00Z')`);
    expect(await history(5)).toEqual([
      line('insert', 'due_at', null, '2026-02-01T12:00:00+00:00'),
      line('insert', 'priority', null, 'normal'),
      line('insert', 'status', null, 'draft'),
      line('insert', 'system_id', null, 1),
      line('insert', 'title', null, 'New'),
    ]);
  });

  it('tells each change once, from and to', async () => {
    await feed.psql.query(`update tasks set title = 'Sweep it', priority = 'urgent'`);
    await feed.psql.query(`update tasks set title = 'Sweep all'`);
    await feed.psql.query('update tasks set title = title');
    await feed.psql.query(`update tasks set note = 'x'`);
    expect(await since()).toEqual([
      update('priority', 'normal', 'urgent'),
      update('title', 'Sweep chimney', 'Sweep it'),
      update('title', 'Sweep it', 'Sweep all'),
      update('note', null, 'x'),
    ]);
  });

  it('tells who made each change', async () => {
    const app = await feed.session(feed.database.appUrl);
    await app.query(`set taskfeed.actor = 'manager:3'; update tasks set note = 'x'`);
    await feed.psql.query(`update tasks set note = 'y'`);
    const { rows } = await feed.psql.query(
      `select actor, "to" from task_history where field = 'note' and at > now() - interval '1 hour' order by seq`,
    );
    expect(rows).toEqual([
      { actor: 'manager:3', to: 'x' },
      { actor: `db:${owner()} (psql)`, to: 'y' },
    ]);
  });

  it('tells the changes of one transaction one by one, and none that was rolled back', async () => {
    await feed.psql.query(`
      begin;
      update tasks set note = 'a';
      savepoint here;
      update tasks set note = 'no';
      rollback to here;
      update tasks set note = 'b';
      commit`);
    expect(await since()).toEqual([update('note', null, 'a'), update('note', 'a', 'b')]);
  });

  it('ends with what a deleted task was', async () => {
    await feed.psql.query(`update tasks set title = 'Sweep it'; delete from tasks`);
    expect(await since()).toEqual([
      update('title', 'Sweep chimney', 'Sweep it'),
      line('delete', 'employee_id', 1, null),
      line('delete', 'priority', 'normal', null),
      line('delete', 'status', 'draft', null),
      line('delete', 'system_id', 1, null),
      line('delete', 'title', 'Sweep it', null),
    ]);
  });

  it.each([
    ['one transaction', 'begin; delete from tasks where id = 1', 'commit'],
    ['two transactions', 'delete from tasks where id = 1', 'select'],
  ])('keeps two lives of one id apart, deleted and inserted again in %s', async (_, remove, end) => {
    await feed.psql.query(`update tasks set note = 'old life'`);
    await feed.psql.query(remove);
    await feed.psql.query(`insert into tasks (id, title) values (1, 'Another')`);
    await feed.psql.query(`update tasks set title = 'Other' where id = 1; ${end}`);
    const lines = await history();
    expect(lines.slice(5)).toEqual([
      update('note', null, 'old life'),
      line('delete', 'employee_id', 1, null),
      line('delete', 'note', 'old life', null),
      line('delete', 'priority', 'normal', null),
      line('delete', 'status', 'draft', null),
      line('delete', 'system_id', 1, null),
      line('delete', 'title', 'Sweep chimney', null),
      line('insert', 'priority', null, 'normal'),
      line('insert', 'status', null, 'draft'),
      line('insert', 'title', null, 'Another'),
      update('title', 'Another', 'Other'),
    ]);
  });
});

describe('triggers that reverse the order of the journal', () => {
  const trigger = (when: string, body: string) =>
    feed.psql.query(`
      create function again() returns trigger language plpgsql as $$ begin ${body}; return null; end $$;
      create trigger again after ${when} on tasks for each row execute function again()`);
  const noted = `update tasks set note = 'was ' || old.title where id = new.id`;

  it('do not reverse the history: an update within an update', async () => {
    await trigger('update of title', noted);
    await feed.psql.query(`update tasks set title = 'Sweep it'`);
    await feed.psql.query(`update tasks set title = 'Sweep all'`);
    const lines = await since();
    expect(lines.filter(({ field }) => field === 'title')).toEqual([
      update('title', 'Sweep chimney', 'Sweep it'),
      update('title', 'Sweep it', 'Sweep all'),
    ]);
    expect(lines.filter(({ field }) => field === 'note')).toEqual([
      update('note', null, 'was Sweep chimney'),
      update('note', 'was Sweep chimney', 'was Sweep it'),
    ]);
    expect(lines).toHaveLength(4);
  });

  it('do not reverse the history: an update within an insert', async () => {
    await trigger('insert', `update tasks set title = upper(new.title) where id = new.id`);
    await feed.psql.query(`insert into tasks (id, title) values (5, 'new')`);
    const lines = await history(5);
    expect(lines.filter(({ field }) => field === 'title')).toEqual([
      update('title', 'new', 'NEW'),
      line('insert', 'title', null, 'new'),
    ]);
  });

  it('do not reverse the history: a delete within an update', async () => {
    await trigger('update of title', 'delete from tasks where id = new.id');
    await feed.psql.query(`update tasks set title = 'Sweep it'`);
    const lines = await since();
    expect(lines.filter(({ field }) => field === 'title')).toEqual([
      line('delete', 'title', 'Sweep it', null),
      update('title', 'Sweep chimney', 'Sweep it'),
    ]);
    expect(lines.filter(({ op }) => op === 'update')).toHaveLength(1);
  });

  it('would reverse it if changes were taken in the order of the journal', async () => {
    await trigger('update of title', noted);
    await feed.psql.query(`update tasks set title = 'Sweep it'`);
    await feed.psql.query(`do $$ begin
      execute 'create or replace view public.task_history as ' ||
        regexp_replace(pg_get_viewdef('public.task_history'::regclass), 'p\\.version NULLS FIRST, ', ''); end $$`);
    expect(await since()).toContainEqual(update('title', 'Sweep it', 'Sweep chimney'));
  });
});

describe('a reader of the history', () => {
  it('may be the application', async () => {
    const app = await feed.session(feed.database.appUrl);
    await feed.psql.query(`update tasks set note = 'x'`);
    expect((await history(1, app)).at(-1)).toEqual(update('note', null, 'x'));
  });

  it('may be any role that is granted the view and nothing else', async () => {
    const { name, url } = await feed.taskWriter();
    await feed.psql.query(`revoke all on tasks from ${name}; grant select on task_history to ${name}`);
    const reader = await feed.session(url);
    await feed.psql.query(`update tasks set note = 'x'`);
    expect((await history(1, reader)).at(-1)).toEqual(update('note', null, 'x'));
    await expect(reader.query('select taskfeed.task_now(1)')).rejects.toThrow('permission denied');
  });

  it('reads the same in every time zone, also of a change that was made in another one', async () => {
    const abroad = await feed.session();
    await abroad.query(`set timezone = 'America/New_York'; set datestyle = 'german, dmy'`);
    await abroad.query(`update tasks set due_at = '2026-02-01 12:00Z'`);
    await feed.psql.query(`update tasks set due_at = '2026-03-01 12:00Z'`);
    const expected = [
      update('due_at', null, '2026-02-01T12:00:00+00:00'),
      update('due_at', '2026-02-01T12:00:00+00:00', '2026-03-01T12:00:00+00:00'),
    ];
    expect((await history(1, abroad)).slice(-2)).toEqual(expected);
    expect(await since()).toEqual(expected);
  });

  it('would read a change that was none if the live row were not in UTC too', async () => {
    const abroad = await feed.session();
    await abroad.query(`set timezone = 'America/New_York'; update tasks set due_at = '2026-02-01 12:00Z'`);
    await feed.psql.query(`update tasks set note = 'x'; alter function taskfeed.task_now(bigint) reset timezone`);
    expect((await history(1, abroad)).slice(-2)).toEqual([
      update('due_at', '2026-02-01T12:00:00+00:00', '2026-02-01T07:00:00-05:00'),
      update('note', null, 'x'),
    ]);
  });
});

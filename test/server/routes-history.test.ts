// What the journal answers: the history of a task, and deleted tasks brought back.
import { describe, expect, it } from '@jest/globals';
import type { TaskChange } from '../../src/protocol/task.ts';
import { createScope } from '../support/scope.ts';
import { bodyOf, useSite, waiters } from './routes-support.ts';

const scope = createScope();
const site = useSite();

const history = async (query = '', id = 1) => bodyOf(await site.http('GET', `/api/tasks/${id}/history${query}`));

/** What psql shows of the history of task 1 is what the route answers. */
async function expectLikeTheView(): Promise<void> {
  const { changes } = await history();
  const told = changes.flatMap(({ seq, actor, op, fields }: TaskChange) =>
    Object.entries(fields).map(([field, { from, to }]) => ({ seq, actor, op, field, from, to })),
  );
  const { rows } = await site.psql.query(
    'select seq::text, actor, op, field, "from", "to" from task_history where task_id = 1 order by task_history.seq, field',
  );
  const order = (one: { seq: string; field: string }) => `${one.seq.padStart(20)} ${one.field}`;
  expect(told.sort((a: (typeof told)[0], b: (typeof told)[0]) => (order(a) < order(b) ? -1 : 1))).toEqual(rows);
}

describe('GET /api/tasks/:id/history', () => {
  it('tells newest first who changed which field from what to what', async () => {
    await site.http('PUT', '/api/tasks/1', { note: 'Brush is worn', priority: 'normal' });
    await site.psql.query(`update tasks set note = null where id = 1`);
    await site.psql.query(`delete from tasks where id = 1`);
    const { changes, complete_since, next } = await history();
    expect(next).toBeNull();
    expect(changes).toMatchObject([
      { op: 'delete', fields: { title: { from: 'Sweep chimney', to: null }, priority: { from: 'normal', to: null } } },
      { op: 'update', actor: expect.stringMatching(/^db:.+ \(psql\)$/), actor_name: null },
      { op: 'update', actor: 'manager:1' },
      { op: 'insert', fields: { title: { from: null, to: 'Sweep chimney' }, employee_id: { from: null, to: 1 } } },
    ]);
    expect(changes[1].fields).toEqual({ note: { from: 'Brush is worn', to: null } });
    expect(changes[2].fields).toEqual({
      note: { from: null, to: 'Brush is worn' },
      priority: { from: 'urgent', to: 'normal' },
    });
    expect(changes[3].fields).not.toHaveProperty('id');
    expect(changes[3].fields).not.toHaveProperty('note');
    expect(complete_since).toBe(changes[3].at);
    await expectLikeTheView();
    expect(changes[0].seq).toMatch(/^\d+$/);
  });

  it('names the employee behind a link', async () => {
    const { token } = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] }));
    await site.http('PUT', `/api/confirm/${token}/task/1`, { status: 'in_progress' });
    expect((await history()).changes[0]).toMatchObject({
      actor: 'link:1',
      actor_name: 'Dana Levi',
      fields: { status: { from: 'sent', to: 'in_progress' } },
    });
  });

  it('goes back page by page', async () => {
    for (let n = 1; n <= 6; n += 1) await site.psql.query('update tasks set note = $1 where id = 1', [`n${n}`]);
    const all = (await history()).changes;
    const paged = [];
    for (let after = ''; ; ) {
      const { changes, next } = await history(`?limit=3${after}`);
      paged.push(...changes);
      if (next === null) break;
      after = `&after=${next}`;
    }
    expect(paged).toEqual(all);
    expect(all).toHaveLength(7);
    expect((await history('?after=1')).changes).toEqual([]);
  });

  it('orders the changes of a trigger that updates the row again as they happened', async () => {
    await site.psql.query(`
      create function public.echo() returns trigger language plpgsql as $$
      begin if new.note is distinct from 'echo' then update tasks set note = 'echo' where id = new.id; end if; return null; end $$;
      create trigger aa_echo after update on tasks for each row execute function public.echo();
      update tasks set title = 'Renamed', note = 'first' where id = 1;`);
    scope.add(() => site.psql.query('drop trigger aa_echo on tasks; drop function public.echo'));
    const { changes } = await history();
    expect(changes[0].fields).toEqual({ note: { from: 'first', to: 'echo' } });
    expect(changes[1].fields).toMatchObject({ note: { from: null, to: 'first' }, title: { to: 'Renamed' } });
    await expectLikeTheView();
  });

  it('knows a deletion by a trigger for the last change', async () => {
    await site.psql.query(`
      create function public.bury() returns trigger language plpgsql as $$
      begin if new.note = 'dead' then delete from tasks where id = new.id; end if; return null; end $$;
      create trigger aa_bury after update on tasks for each row execute function public.bury();
      update tasks set note = 'dead' where id = 1;`);
    scope.add(() => site.psql.query('drop trigger aa_bury on tasks; drop function public.bury'));
    const { changes } = await history();
    expect(changes.map(({ op }: { op: string }) => op)).toEqual(['delete', 'update', 'insert']);
    expect(changes[1].fields).toEqual({ note: { from: null, to: 'dead' } });
    await expectLikeTheView();
    expect(bodyOf(await site.http('POST', '/api/tasks/1/restore')).task).toMatchObject({ note: 'dead', version: 3 });
  });

  it('says since when it is complete, and claims nothing that it cannot know', async () => {
    await site.psql.query(`update tasks set note = 'a' where id = 1; update tasks set note = 'b' where id = 1`);
    await site.psql.query(`delete from taskfeed.change_journal where row_id = 1 and topic = 'task' and op = 'insert'`);
    const pruned = await history();
    expect(pruned.changes).toHaveLength(2);
    expect(pruned.complete_since).toBe(pruned.changes[1].at);
    await site.psql.query(`delete from taskfeed.change_journal where row_id = 1 and topic = 'task'`);
    expect(await history()).toEqual({ changes: [], complete_since: null, next: null });

    await site.psql.query(`update tasks set note = 'known' where id = 2; update tasks set note = 'lost' where id = 2`);
    await site.psql.query('truncate tasks cascade');
    const [last, first, created] = (await history('', 2)).changes;
    expect([last.op, last.fields]).toEqual(['update', {}]);
    expect(first.fields).toEqual({ note: { from: '100% worn_out', to: 'known' } });
    expect(created.fields).toMatchObject({ note: { from: null, to: '100% worn_out' } });
    expect((await site.http('GET', '/api/tasks/1/history')).status).toBe(404);
  });

  it('refuses what is not there or not allowed', async () => {
    expect((await site.http('GET', '/api/tasks/99/history')).status).toBe(404);
    for (const query of ['?after=x', '?limit=0', '?since=1', `?after=${'9'.repeat(19)}`])
      expect((await site.http('GET', `/api/tasks/1/history${query}`)).status).toBe(400);
  });
});

describe('POST /api/tasks/:id/restore', () => {
  it('brings back what was deleted in psql, with every field', async () => {
    await site.psql.query(
      `update tasks set status = 'completed', review_note = 'ok', due_at = 'infinity' where id = 2`,
    );
    const { task: before } = bodyOf(await site.http('GET', '/api/tasks/2'));
    await site.psql.query('delete from tasks where id = 2');
    const restored = await site.http('POST', '/api/tasks/2/restore');
    expect(restored.status).toBe(200);
    expect(bodyOf(restored).task).toEqual({ ...before, version: before.version + 1, updated_at: expect.any(String) });
    expect((await history('', 2)).changes[0]).toMatchObject({ op: 'insert', actor: 'manager:1' });
  });

  it('keeps a version from before the deletion from being taken for current', async () => {
    await site.psql.query(`update tasks set note = 'last words' where id = 1; delete from tasks where id = 1`);
    await site.http('POST', '/api/tasks/1/restore');
    expect((await site.http('PUT', '/api/tasks/1', { note: 'x', version: 1 })).body['code']).toBe('stale_version');
    expect((await site.http('PUT', '/api/tasks/1', { title: 'x', version: 2 })).status).toBe(200);
  });

  it('leaves out references that are gone, and goes back into its links', async () => {
    const { token } = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] }));
    await site.psql.query('delete from tasks where id in (1, 2); delete from systems where id = 1');
    const { task } = bodyOf(await site.http('POST', '/api/tasks/1/restore'));
    expect(task).toMatchObject({ system_id: null, employee_id: 1 });
    expect(bodyOf(await site.http('GET', `/api/confirm/${token}`)).tasks).toMatchObject([{ id: 1 }]);
    await site.psql.query('delete from employees where id = 1');
    expect(bodyOf(await site.http('POST', '/api/tasks/2/restore')).task).toMatchObject({
      employee_id: null,
      system_id: 2,
    });
  });

  it('restores the last life of an id', async () => {
    await site.psql.query('delete from tasks where id = 1');
    await site.psql.query(`insert into tasks (id, title) values (1, 'Second life'); delete from tasks where id = 1`);
    expect(bodyOf(await site.http('POST', '/api/tasks/1/restore')).task).toMatchObject({ title: 'Second life' });
  });

  it('refuses what exists and what was never there', async () => {
    const exists = await site.http('POST', '/api/tasks/1/restore');
    expect(exists.status).toBe(409);
    expect(exists.body).toMatchObject({ code: 'conflict', task: { id: 1 } });
    expect((await site.http('POST', '/api/tasks/99/restore')).status).toBe(404);
    expect((await site.http('POST', '/api/tasks/1/restore', { force: true })).status).toBe(400);
  });

  it('happens once when two ask for it', async () => {
    await site.psql.query('delete from tasks where id = 1');
    await site.psql.query(`begin; insert into tasks (id, title) values (1, 'Held')`);
    const watcher = await scope.sql(site.database.url);
    const answers = [1, 2].map(() => site.http('POST', '/api/tasks/1/restore'));
    await waiters(watcher, 2);
    await site.psql.query('rollback');
    const [done, late] = (await Promise.all(answers)).sort((a, b) => a.status - b.status);
    expect([done?.status, late?.status]).toEqual([200, 409]);
    expect(late?.body).toMatchObject({ code: 'conflict', task: done?.body['task'] });
  });
});

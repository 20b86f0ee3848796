// The newest changes of all tasks: what a page that has just been opened tells of before.
import { describe, expect, it } from '@jest/globals';
import type { ToldChange } from '../../src/protocol/task.ts';
import { bodyOf, useSite } from './routes-support.ts';

const site = useSite();

const recent = async (query = ''): Promise<ToldChange[]> =>
  bodyOf(await site.http('GET', `/api/tasks/changes${query}`)).changes;

describe('GET /api/tasks/changes', () => {
  it('tells newest first which task was changed, by whom, from what to what', async () => {
    await site.http('PUT', '/api/tasks/1', { note: 'Brush is worn' });
    await site.psql.query(`update tasks set priority = 'normal', title = 'Sweep both chimneys' where id = 1`);
    await site.psql.query('delete from tasks where id = 2');
    const [deleted, renamed, noted, ...created] = await recent();
    expect(deleted).toMatchObject({ op: 'delete', task: { id: 2, title: 'Change seal' } });
    expect(renamed).toMatchObject({
      op: 'update',
      actor: expect.stringMatching(/^db:.+ \(psql\)$/),
      task: { id: 1, title: 'Sweep both chimneys' },
      fields: {
        priority: { from: 'urgent', to: 'normal' },
        title: { from: 'Sweep chimney', to: 'Sweep both chimneys' },
      },
    });
    expect(noted?.fields).toEqual({ note: { from: null, to: 'Brush is worn' } });
    expect(noted?.task.title).toBe('Sweep chimney');
    expect(created.map(({ op, task }) => [op, task.id])).toEqual([4, 3, 2, 1].map((id) => ['insert', id]));
  });

  it('tells what a trigger did to the row once more as two changes in their order', async () => {
    await site.psql.query(`
      create function public.echo() returns trigger language plpgsql as $$
      begin if new.note is distinct from 'echo' then update tasks set note = 'echo' where id = new.id; end if; return null; end $$;
      create trigger aa_echo after update on tasks for each row execute function public.echo();
      update tasks set note = 'first' where id = 1;
      drop trigger aa_echo on tasks; drop function public.echo();`);
    expect((await recent('?limit=2')).map(({ fields }) => fields)).toEqual([
      { note: { from: 'first', to: 'echo' } },
      { note: { from: null, to: 'first' } },
    ]);
  });

  it('takes the number that is asked for, and refuses others', async () => {
    expect(await recent('?limit=1')).toHaveLength(1);
    for (const limit of ['0', '201', 'x']) {
      expect((await site.http('GET', `/api/tasks/changes?limit=${limit}`)).status).toBe(400);
    }
  });
});

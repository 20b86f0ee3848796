// The list of deleted tasks: what a manager can bring back, whoever deleted it.
import { describe, expect, it } from '@jest/globals';
import type { DeletedTask } from '../../src/protocol/task.ts';
import { bodyOf, useSite } from './routes-support.ts';

const site = useSite();

const list = async (query = ''): Promise<{ deleted: DeletedTask[]; next: string | null }> =>
  bodyOf(await site.http('GET', `/api/tasks/deleted${query}`));

describe('GET /api/tasks/deleted', () => {
  it('lists what was deleted by the API and in psql, last first, with who and what', async () => {
    expect(await list()).toEqual({ deleted: [], next: null });
    await site.http('DELETE', '/api/tasks/3');
    await site.psql.query('delete from tasks where id = 1');
    await site.psql.query(`update systems set name = 'Boiler 3' where id = 1`);
    const { deleted, next } = await list();
    expect(next).toBeNull();
    expect(deleted.map(({ task }) => task)).toEqual([
      {
        id: 1,
        title: 'Sweep chimney',
        status: 'sent',
        priority: 'urgent',
        due_at: null,
        system_name: 'Boiler 3',
        employee_name: 'Dana Levi',
      },
      expect.objectContaining({ id: 3, title: 'Grease bearings', status: 'draft', employee_name: 'Marcus Webb' }),
    ]);
    expect(deleted.map(({ actor }) => actor)).toEqual([expect.stringMatching(/^db:.+ \(psql\)$/), expect.any(String)]);
    expect(deleted[1]?.actor).not.toMatch(/^db:/);
  });

  it('does not list what is there again, and lists an id only once', async () => {
    await site.psql.query(`delete from tasks where id in (1, 2, 3)`);
    await site.http('POST', '/api/tasks/1/restore');
    await site.psql.query(`insert into tasks (id, title) values (2, 'Another life')`);
    await site.psql.query('delete from tasks where id = 2');
    expect((await list()).deleted.map(({ task }) => task.title)).toEqual(['Another life', 'Grease bearings']);
    const restored = await site.http('POST', '/api/tasks/2/restore');
    expect(bodyOf(restored).task.title).toBe('Another life');
    expect((await list()).deleted.map(({ task }) => task.id)).toEqual([3]);
  });

  it('goes back page by page and refuses what it does not know', async () => {
    await site.psql.query('delete from tasks');
    const first = await list('?limit=3');
    const second = await list(`?limit=3&after=${first.next}`);
    expect([...first.deleted, ...second.deleted].map(({ task }) => task.id).sort()).toEqual([1, 2, 3, 4]);
    expect(second.next).toBeNull();
    expect((await site.http('GET', '/api/tasks/deleted?after=x')).status).toBe(400);
    expect((await site.http('GET', '/api/tasks/deleted?status=sent')).status).toBe(400);
  });
});

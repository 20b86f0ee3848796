// PATCH /api/tasks: the same values for many tasks in one statement, with an answer for each.
import { describe, expect, it } from '@jest/globals';
import { createScope } from '../support/scope.ts';
import { bodyOf, fingerprint, useSite } from './routes-support.ts';

const scope = createScope();
const site = useSite();

describe('PATCH /api/tasks', () => {
  it('answers for each task, in the order asked', async () => {
    await site.psql.query(`update tasks set priority = 'normal' where id = 1`);
    await site.psql.query(`update tasks set note = 'other field' where id = 3`);
    const items = [{ id: 4 }, { id: 99, version: 1 }, { id: 1, version: 1 }, { id: 3, version: 1 }];
    const answer = await site.http('PATCH', '/api/tasks', { items, set: { priority: 'urgent', employee_id: 2 } });
    expect(answer.status).toBe(200);
    const set = { priority: 'urgent', employee_id: 2, employee_name: 'Marcus Webb' };
    expect(answer.body).toEqual({
      results: [
        { id: 4, result: 'ok', task: expect.objectContaining({ ...set, version: 2 }) },
        { id: 99, result: 'not_found' },
        {
          id: 1,
          result: 'stale_version',
          task: expect.objectContaining({ priority: 'normal', employee_id: 1, version: 2 }),
        },
        { id: 3, result: 'ok', task: expect.objectContaining({ ...set, note: 'other field', version: 3 }) },
      ],
    });
  });

  it('moves those that may be moved', async () => {
    await site.psql.query(`update tasks set status = 'received' where id = 2`);
    const answer = await site.http('PATCH', '/api/tasks', {
      items: [{ id: 1 }, { id: 2 }],
      set: { status: 'received' },
    });
    expect(bodyOf(answer).results).toMatchObject([
      { id: 1, result: 'illegal_transition', task: { status: 'sent', version: 1 } },
      { id: 2, result: 'ok', task: { status: 'received', version: 2 } },
    ]);
  });

  it('writes a thousand tasks in one statement', async () => {
    await site.psql.query(`
      insert into tasks (title) select 'T' || n from generate_series(1, 996) n;
      create table public.statements (n integer);
      create function public.note_statement() returns trigger language plpgsql as $$ begin insert into public.statements values (1); return null; end $$;
      grant all on public.statements to public;
      create trigger note_statement after update on tasks for each statement execute function public.note_statement();`);
    scope.add(() =>
      site.psql.query(
        'drop trigger note_statement on tasks; drop function public.note_statement; drop table public.statements',
      ),
    );
    const items = Array.from({ length: 1000 }, (_, index) => ({ id: index + 1, version: 1 }));
    const answer = await site.http('PATCH', '/api/tasks', { items, set: { note: 'all' } });
    expect(bodyOf(answer).results.filter(({ result }: { result: string }) => result === 'ok')).toHaveLength(1000);
    const { rows } = await site.psql.query('select (select count(*)::integer from public.statements) as statements');
    expect(rows).toEqual([{ statements: 1 }]);
  });

  it('refuses the whole request where it makes no sense', async () => {
    const before = await fingerprint(site.psql);
    const items = [{ id: 1 }];
    for (const body of [
      { items, set: {} },
      { items: [], set: { note: 'x' } },
      { items: [{ id: 1 }, { id: 1 }], set: { note: 'x' } },
      { items: [{ id: '1' }], set: { note: 'x' } },
      { items: Array(1001).fill({ id: 1 }), set: { note: 'x' } },
      { items, set: { version: 3 } },
      { items, set: { note: 'x' }, dry: true },
      { items: [{ id: 2 }, { id: 3 }], set: { employee_id: 99 } },
      [],
    ])
      expect((await site.http('PATCH', '/api/tasks', body)).status).toBe(400);
    expect(await fingerprint(site.psql)).toBe(before);
  });
});

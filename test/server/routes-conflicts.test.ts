// Who wins when two write the same task: real transactions, held open while the others wait.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Answer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { appRole } from '../support/server.ts';
import { bodyOf, useSite, waiters } from './routes-support.ts';

const scope = createScope();
const site = useSite();
let holder: pg.Client;

beforeEach(async () => {
  holder = await scope.sql(site.database.url);
});

/** Runs the requests while `sql` holds the row, so that all of them begin before it is committed. */
async function whileHeld(sql: string, requests: (() => Promise<Answer>)[]): Promise<Answer[]> {
  await holder.query('begin');
  await holder.query(sql);
  const answers = requests.map((request) => request());
  await waiters(site.psql, requests.length);
  await holder.query('commit');
  return await Promise.all(answers);
}

describe('a write that waited for another one', () => {
  it('is stale if the other one wrote the same field', async () => {
    const [answer] = await whileHeld(`update tasks set title = 'Psql was first' where id = 1`, [
      () => site.http('PUT', '/api/tasks/1', { title: 'Mine', version: 1 }),
    ]);
    expect(answer?.status).toBe(409);
    expect(answer?.body).toMatchObject({ code: 'stale_version', task: { title: 'Psql was first', version: 2 } });
  });

  it('is merged if the other one wrote another field', async () => {
    const [answer] = await whileHeld(`update tasks set note = 'Psql was first' where id = 1`, [
      () => site.http('PUT', '/api/tasks/1', { title: 'Mine', version: 1 }),
    ]);
    expect(answer?.status).toBe(200);
    expect(answer?.body).toMatchObject({ task: { title: 'Mine', note: 'Psql was first', version: 3 } });
  });

  it('is merged if the other ones changed the field and changed it back', async () => {
    const [answer] = await whileHeld(
      `update tasks set title = 'x' where id = 1; update tasks set title = 'Sweep chimney' where id = 1`,
      [() => site.http('PUT', '/api/tasks/1', { title: 'Mine', version: 1 })],
    );
    expect(answer?.status).toBe(200);
  });

  it('wins without a version', async () => {
    const [answer] = await whileHeld(`update tasks set title = 'Psql was first' where id = 1`, [
      () => site.http('PUT', '/api/tasks/1', { title: 'Mine' }),
    ]);
    expect(answer?.body).toMatchObject({ task: { title: 'Mine', version: 3 } });
  });

  it('finds nothing if the other one deleted the task', async () => {
    const [put, gone] = await whileHeld('delete from tasks where id = 1', [
      () => site.http('PUT', '/api/tasks/1', { title: 'Mine', version: 1 }),
      () => site.http('DELETE', '/api/tasks/1?version=1'),
    ]);
    expect([put?.status, gone?.status]).toEqual([404, 404]);
  });

  it('judges the step by the status that the other one left', async () => {
    await site.psql.query(`update tasks set status = 'pending_approval' where id = 1`);
    const [answer] = await whileHeld(`update tasks set status = 'in_progress' where id = 1`, [
      () => site.http('POST', '/api/tasks/1/approve'),
    ]);
    expect(answer?.status).toBe(409);
    expect(answer?.body).toMatchObject({ code: 'illegal_transition', task: { status: 'in_progress' } });
  });

  it('does not delete what it has not seen', async () => {
    const [answer] = await whileHeld(`update tasks set note = 'new' where id = 1`, [
      () => site.http('DELETE', '/api/tasks/1?version=1'),
    ]);
    expect(answer?.body).toMatchObject({ code: 'stale_version', task: { note: 'new' } });
  });
});

describe('two concurrent writes from the same version', () => {
  it('of the same field: exactly one wins', async () => {
    const answers = await whileHeld('select from tasks where id = 1 for update', [
      () => site.http('PUT', '/api/tasks/1', { title: 'A', version: 1 }),
      () => site.http('PUT', '/api/tasks/1', { title: 'B', version: 1 }),
      () => site.http('PUT', '/api/tasks/1', { title: 'C', note: 'x', version: 1 }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const winner = bodyOf(answers.find(({ status }) => status === 200) ?? ({} as never)).task;
    expect(winner.version).toBe(2);
    for (const { status, body } of answers)
      if (status === 409) expect(body).toMatchObject({ code: 'stale_version', task: winner });
  });

  it('of different fields: both succeed', async () => {
    const answers = await whileHeld('select from tasks where id = 1 for update', [
      () => site.http('PUT', '/api/tasks/1', { title: 'A', version: 1 }),
      () => site.http('PUT', '/api/tasks/1', { note: 'B', version: 1 }),
      () => site.http('PUT', '/api/tasks/1/status', { status: 'completed', version: 1 }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(bodyOf(await site.http('GET', '/api/tasks/1')).task).toMatchObject({
      title: 'A',
      note: 'B',
      status: 'completed',
      version: 4,
    });
  });

  it('stay exact in a crowd that nobody arranged', async () => {
    const wrote = await Promise.all(
      Array.from({ length: 24 }, (_, index) => site.http('PUT', '/api/tasks/1', { title: `T${index}`, version: 1 })),
    );
    expect(wrote.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(wrote.filter(({ body }) => body['code'] === 'stale_version')).toHaveLength(23);
  });
});

describe('two bulk writes in opposite order', () => {
  it('do not deadlock, and each task is won by one of them', async () => {
    const items = [1, 2, 3, 4].map((id) => ({ id, version: 1 }));
    const answers = await whileHeld('select from tasks where id = 1 for update', [
      () => site.http('PATCH', '/api/tasks', { items, set: { note: 'forwards' } }),
      () => site.http('PATCH', '/api/tasks', { items: [...items].reverse(), set: { note: 'backwards' } }),
    ]);
    const results = answers.map((answer) => bodyOf(answer).results.map(({ result }: { result: string }) => result));
    expect(results.flat().sort()).toEqual([...Array(4).fill('ok'), ...Array(4).fill('stale_version')]);
  });
});

describe('a write that waits in a circle with another one', () => {
  const task = `update tasks set note = 'Psql was first' where id = 1`;
  const employee = 'select from employees where id = 2 for update';

  // A session looks for a circle once, some time after it began to wait, and the server ends whoever finds one. So the
  // request is held up between the rows that it locks, until the holder waits for the first of them; the holder looks late.
  async function inACircle([has, wants]: [string, string], request: () => Promise<Answer>): Promise<Answer> {
    await site.psql.query(`
      create function public.hold_up() returns trigger language plpgsql as $$ begin
        if session_user = '${appRole}' then perform pg_advisory_xact_lock_shared(42); end if; return null; end $$;
      create trigger "A_hold_up" after update on tasks for each row execute function public.hold_up();
      create trigger "A_hold_up" after delete on employees for each row execute function public.hold_up();
      select pg_advisory_lock(42)`);
    scope.add(() => site.psql.query('select pg_advisory_unlock_all(); drop function public.hold_up cascade'));
    await holder.query(`set deadlock_timeout = '180s'`);
    await holder.query('begin');
    await holder.query(has);
    const answer = request();
    await waiters(site.psql, 1);
    const both = holder.query(wants);
    await waiters(site.psql, 1, new URL(site.database.url).username);
    await site.psql.query('select pg_advisory_unlock(42)');
    await both;
    await holder.query('commit');
    return await answer;
  }

  it('is done again after the other one', async () => {
    await site.psql.query('update tasks set employee_id = 2 where id = 1');
    expect((await inACircle([task, employee], () => site.http('DELETE', '/api/employees/2'))).status).toBe(204);
    expect(bodyOf(await site.http('GET', '/api/tasks/1'))).toMatchObject({
      task: { employee_id: null, note: 'Psql was first' },
    });
  });

  it('is done once where it has a key', async () => {
    const headers = { 'idempotency-key': 'once-and-for-all' };
    const assign = () => site.http('PUT', '/api/tasks/1', { employee_id: 2 }, headers);
    const answer = await inACircle([employee, task], assign);
    expect([answer.status, bodyOf(answer)]).toMatchObject([200, { task: { employee_id: 2, version: 3 } }]);
    expect(bodyOf(await assign())).toEqual(bodyOf(answer));
  });
});

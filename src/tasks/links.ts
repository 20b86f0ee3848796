// Confirmation links as managers handle them: issue, list, revoke, renew.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { ListQuery } from '../protocol/http.ts';
import type { IssuedLink, Link } from '../protocol/link.ts';
import type { Task } from '../protocol/task.ts';
import type { GenerateLink } from '../protocol/writes.ts';
import { asActor, notFound, type Page, readPage } from './database.ts';
import { hashToken } from './link-scope.ts';
import { createToken } from './link-token.ts';
import { lockTasks } from './write.ts';

export function listLinks(knex: Knex, query: ListQuery): Promise<Page<Link>> {
  return readPage<Link>(knex, knex('public.link_details'), query);
}

/**
 * A link that shows these tasks to the employee they are assigned to; drafts become `sent`. Throws `not_found` for an
 * unknown employee or task, `not_assigned` for tasks of somebody else.
 */
export function generateLink(knex: Knex, actor: string, wanted: GenerateLink): Promise<IssuedLink> {
  const { employee_id, task_ids, expires_in_hours } = wanted;
  return asActor(knex, actor, async (trx) => {
    await requireEmployee(trx, employee_id);
    await lockTasks(trx, task_ids);
    await requireAssigned(trx, employee_id, task_ids);
    const token = createToken();
    const issued = await trx.raw<{ rows: Issued[] }>(
      `insert into public.links (employee_id, token_hash, created_by, expires_at)
       values (?, ?, ?, now() + make_interval(hours => ?)) returning id, to_json(expires_at) as expires_at`,
      [employee_id, hashToken(token), actor, expires_in_hours],
    );
    const { id, expires_at } = onlyRow(issued);
    await trx.raw('insert into public.link_tasks (link_id, task_id) select ?, unnest(?::integer[])', [id, task_ids]);
    await trx('public.tasks').whereIn('id', task_ids).where('status', 'draft').update({ status: 'sent' });
    return { id, token, expires_at };
  });
}

/** The link ends now. Doing it twice is fine; the first time stays. */
export function revokeLink(knex: Knex, actor: string, id: number): Promise<void> {
  return asActor(knex, actor, async (trx) => {
    const revoked_at = trx.raw('coalesce(revoked_at, now())');
    if ((await trx('public.links').where({ id }).update({ revoked_at })) === 0) throw notFound('link', id);
  });
}

/**
 * A new link with a new token and the same tasks; the old one is revoked, which cuts its open pages. Works for expired
 * and revoked ones too.
 */
export function renewLink(knex: Knex, actor: string, id: number, hours: number): Promise<IssuedLink> {
  return asActor(knex, actor, async (trx) => {
    const token = createToken();
    const issued = await trx.raw<{ rows: Issued[] }>(
      `with old as (
         update public.links set revoked_at = coalesce(revoked_at, now()) where id = ? returning id, employee_id
       ), renewed as (
         insert into public.links (employee_id, token_hash, created_by, expires_at)
         select employee_id, ?, ?, now() + make_interval(hours => ?) from old returning id, expires_at
       ), moved as (
         insert into public.link_tasks (link_id, task_id)
         select renewed.id, lt.task_id from renewed, public.link_tasks lt join old on old.id = lt.link_id
       )
       select id, to_json(expires_at) as expires_at from renewed`,
      [id, hashToken(token), actor, hours],
    );
    if (issued.rows.length === 0) throw notFound('link', id);
    return { ...onlyRow(issued), token };
  });
}

interface Issued {
  id: number;
  expires_at: string;
}

function onlyRow({ rows: [row] }: { rows: Issued[] }): Issued {
  if (!row) throw new TaskfeedError('internal');
  return row;
}

// The lock keeps the employee from being deleted before the link refers to it.
async function requireEmployee(trx: Knex.Transaction, id: number): Promise<void> {
  const { rows } = await trx.raw<{ rows: unknown[] }>('select id from public.employees where id = ? for key share', [
    id,
  ]);
  if (rows.length === 0) throw notFound('employee', id);
}

async function requireAssigned(trx: Knex.Transaction, employeeId: number, taskIds: number[]): Promise<void> {
  const { rows } = await trx.raw<{ rows: { task: Task }[] }>(
    'select to_json(d) as task from public.task_details d where d.id = any (?::integer[])',
    [taskIds],
  );
  const tasks = new Map(rows.map(({ task }) => [task.id, task]));
  const unknown = taskIds.filter((id) => !tasks.has(id));
  if (unknown.length > 0) {
    throw new TaskfeedError('not_found', {
      detail: `There is no task ${unknown.join(', ')}.`,
      members: { task_ids: unknown },
    });
  }
  const foreign = taskIds.flatMap((id) => tasks.get(id) ?? []).filter((task) => task.employee_id !== employeeId);
  if (foreign.length === 0) return;
  const ids = foreign.map(({ id }) => id);
  throw new TaskfeedError('not_assigned', {
    detail: `Not assigned to employee ${employeeId}: task ${ids.join(', ')}. Assign them first, or leave them out.`,
    members: { task_ids: ids, tasks: foreign },
  });
}

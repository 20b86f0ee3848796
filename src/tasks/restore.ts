// Bringing a deleted task back, whoever deleted it: the journal kept the whole row. Same id, all fields as last known.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Task } from '../protocol/task.ts';
import { asActor, notFound, readRow } from './database.ts';

/** Throws `not_found` where the journal has no such deleted task, `conflict` where the task exists. */
export function restoreTask(knex: Knex, actor: string, id: number): Promise<Task> {
  return asActor(knex, actor, async (trx) => {
    const { rows } = await trx.raw<{ rows: Deletion[] }>(
      `select j.xid::text, j.before from taskfeed.change_journal j
       where j.topic = 'task' and j.row_id = ? and j.op = 'delete' order by j.seq desc limit 1`,
      [id],
    );
    const deletion = rows[0];
    // The insert decides, not a look before it: somebody else may be restoring the same task.
    const isRestored = deletion !== undefined && (await insert(trx, deletion));
    if (isRestored) await relink(trx, id, deletion);
    const task = await readRow<Task>(trx, 'public.task_details', id);
    if (!task) throw notFound('deleted task', id);
    if (isRestored) return task;
    throw new TaskfeedError('conflict', { detail: `Task ${id} exists; it is attached.`, members: { task } });
  });
}

interface Deletion {
  xid: string;
  before: Record<string, string | number | null>;
}

const kept = [
  'id',
  'title',
  'description',
  'note',
  'review_note',
  'priority',
  'status',
  'due_at',
  'sent_at',
  'acknowledged_at',
  'completed_at',
  'created_at',
];

// The version goes on from where it was, so that what a client saw before the deletion is not taken for current. What
// it referred to is locked, not just looked up: it must still be there at commit.
async function insert(trx: Knex.Transaction, { before }: Deletion): Promise<boolean> {
  const stillThere = (table: string, column: string) =>
    trx.raw('(select r.id from ?? r where r.id = ?::integer for key share)', [table, before[column] ?? null]);
  const row = {
    ...Object.fromEntries(kept.filter((column) => column in before).map((column) => [column, before[column]])),
    system_id: stillThere('public.systems', 'system_id'),
    employee_id: stillThere('public.employees', 'employee_id'),
    version: Number(before['version']) + 1,
  };
  const inserted = await trx('public.tasks').insert(row).onConflict('id').ignore().returning('id');
  return inserted.length > 0;
}

// The deletion took the task out of its links in the same transaction; it goes back into those that are left.
async function relink(trx: Knex.Transaction, id: number, { xid }: Deletion): Promise<void> {
  await trx.raw(
    `insert into public.link_tasks (link_id, task_id)
     select l.id, ?::integer from taskfeed.change_journal j
     join public.links l on l.id = (j.before ->> 'link_id')::integer
     where j.xid = ?::xid8 and j.topic = 'link_task' and j.op = 'delete' and (j.before ->> 'task_id')::integer = ?
     for key share of l
     on conflict do nothing`,
    [id, xid, id],
  );
}

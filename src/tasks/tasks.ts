// Tasks: what managers may do with them. Every write is one transaction with the actor set; nothing here emits, the
// triggers journal what was committed.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Task, TaskResult } from '../protocol/task.ts';
import { isLegal } from '../protocol/transitions.ts';
import type { CreateTask, TaskItem, TaskValues } from '../protocol/writes.ts';
import { asActor, notFound, readRow } from './database.ts';
import { staleVersion, type Write, writeTask, writeTasks } from './write.ts';

const details = 'public.task_details';

export async function getTask(knex: Knex, id: number): Promise<Task> {
  const task = await readRow<Task>(knex, details, id);
  if (!task) throw notFound('task', id);
  return task;
}

/** All or none, in the order given. */
export function createTasks(knex: Knex, actor: string, tasks: CreateTask[]): Promise<Task[]> {
  // A task begins as a draft, and what it may be at first is where a manager could move it then.
  if (!tasks.every(({ status = 'draft' }) => isLegal('manager', 'draft', status))) {
    throw new TaskfeedError('illegal_transition', { detail: 'Only the employee can say that a task was received.' });
  }
  return asActor(knex, actor, async (trx) => {
    const created = await trx('public.tasks').insert(tasks).returning<{ id: number }[]>('id');
    const { rows } = await trx.raw<{ rows: { task: Task }[] }>(
      'select to_json(d) as task from ?? d where d.id = any (?::integer[]) order by d.id',
      [details, created.map(({ id }) => id)],
    );
    return rows.map(({ task }) => task);
  });
}

/** Writes the given fields. With `version`, only if none of these fields has changed since that version. */
export function updateTask(knex: Knex, actor: string, item: TaskItem, values: TaskValues): Promise<Task> {
  return write(knex, actor, item, { values, step: 'manager' });
}

/** The same values for many tasks, in one UPDATE; what cannot be written does not stop the others. */
export function patchTasks(knex: Knex, actor: string, items: TaskItem[], values: TaskValues): Promise<TaskResult[]> {
  return asActor(knex, actor, (trx) => writeTasks(trx, { items, values, step: 'manager' }));
}

/** Accepts finished work. Doing it twice is fine. */
export function approveTask(knex: Knex, actor: string, item: TaskItem): Promise<Task> {
  return write(knex, actor, item, { values: { status: 'completed' }, step: 'approve', isRepeatable: true });
}

/** Back to work, with the reason as the review note. */
export function sendBackTask(knex: Knex, actor: string, item: TaskItem, reason: string): Promise<Task> {
  return write(knex, actor, item, { values: { status: 'in_progress', review_note: reason }, step: 'send_back' });
}

/** With `version`, only if nothing at all has changed since: a deletion takes every field. */
export function deleteTask(knex: Knex, actor: string, { id, version }: TaskItem): Promise<void> {
  return asActor(knex, actor, async (trx) => {
    const rows = trx('public.tasks').where({ id, ...(version === undefined ? {} : { version }) });
    if ((await rows.delete()) === 0) throw staleVersion(await getTask(trx, id));
  });
}

function write(knex: Knex, actor: string, item: TaskItem, wanted: Omit<Write, 'items'>): Promise<Task> {
  return asActor(knex, actor, (trx) => writeTask(trx, item, wanted));
}

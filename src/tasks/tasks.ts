// Tasks: what routes may do with them. Every write is one transaction with the actor set; nothing here emits, the
// triggers journal what was committed.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { ListQuery } from '../protocol/http.ts';
import type { CreateTask, Task, UpdateTask } from '../protocol/task.ts';
import { asActor, notFound, type Page, readPage, readRow } from './database.ts';

const details = 'public.task_details';

export function listTasks(knex: Knex, query: ListQuery): Promise<Page<Task>> {
  return readPage<Task>(knex, knex(details), query);
}

export async function getTask(knex: Knex, id: number): Promise<Task> {
  const task = await readRow<Task>(knex, details, id);
  if (!task) throw notFound('task', id);
  return task;
}

export function createTask(knex: Knex, actor: string, values: CreateTask): Promise<Task> {
  return asActor(knex, actor, async (trx) => {
    const [created] = await trx('public.tasks').insert(values).returning<{ id: number }[]>('id');
    return await getTask(trx, created?.id ?? 0);
  });
}

/** Writes the given fields. With `version`, only if none of these fields has changed since that version. */
export function updateTask(knex: Knex, actor: string, id: number, update: UpdateTask): Promise<Task> {
  const { version, ...values } = update;
  const fields = Object.keys(values);
  return asActor(knex, actor, async (trx) => {
    if (fields.length > 0) {
      const rows = trx('public.tasks as t').where('t.id', id);
      if (version !== undefined) rows.where((either) => unchangedSince(either, version, fields));
      const written = await rows.update(values);
      if (written === 0) throw await refusal(trx, id);
    }
    return await getTask(trx, id);
  });
}

export async function deleteTask(knex: Knex, actor: string, id: number): Promise<void> {
  const deleted = await asActor(knex, actor, (trx) => trx('public.tasks').where({ id }).delete());
  if (deleted === 0) throw notFound('task', id);
}

// Inside the UPDATE, so nothing can slip in between. A row that is newer than the version the client saw may still be
// written if the journal shows that these very fields are as they were in that version.
function unchangedSince(condition: Knex.QueryBuilder, version: number, fields: string[]): void {
  condition
    .where('t.version', version)
    .orWhereExists((journal) =>
      journal
        .from('taskfeed.change_journal as j')
        .where('j.topic', 'task')
        .whereRaw('j.row_id = t.id')
        .whereRaw(`(j.before ->> 'version')::integer = ?`, [version])
        .whereRaw(
          `j.before @> (select jsonb_object_agg(f.key, f.value) from jsonb_each(to_jsonb(t)) f where f.key = any (?))`,
          [fields],
        ),
    );
}

async function refusal(knex: Knex, id: number): Promise<TaskfeedError> {
  const task = await readRow<Task>(knex, details, id);
  if (!task) return notFound('task', id);
  return new TaskfeedError('stale_version', {
    detail: 'The same fields were changed meanwhile. The current task is attached.',
    members: { task },
  });
}

// The one way in which routes write existing tasks, one or a thousand: lock, write, explain.
//
// `version` is compared inside the UPDATE. A row that is newer than the version a client saw may still be written if
// the journal shows that the fields being written are as they were then, so two people who edit different fields of a
// task do not stop each other.
//
// The lock comes first, in a statement of its own. An UPDATE that waits for another writer goes on with the row as that
// writer left it (READ COMMITTED re-checks the WHERE), but everything else it reads, the journal too, stays in the
// snapshot from before the wait: it would not see the very change it waited for and call a mergeable write stale. After
// the lock nobody else changes these rows, so the UPDATE's snapshot is the whole truth and so is the explanation of
// what it left out. Rows are locked in the order of ids, so that two bulk writes cannot deadlock.
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Task, TaskResult, TaskStatus } from '../protocol/task.ts';
import { type Step, sourcesOf } from '../protocol/transitions.ts';
import type { TaskItem, TaskValues } from '../protocol/writes.ts';
import { notFound } from './database.ts';

export interface Write {
  items: TaskItem[];
  values: TaskValues;
  step: Step;
  /** A task that has the wanted status already is done, whichever version the client saw. */
  isRepeatable?: boolean;
}

/** Writes what may be written, inside the caller's transaction, and says for each item what became of it. */
export async function writeTasks(trx: Knex.Transaction, write: Write): Promise<TaskResult[]> {
  const { items, values } = write;
  const isEmpty = Object.keys(values).length === 0;
  await lockTasks(trx, idsOf(items));
  const written = isEmpty ? idsOf(items) : await update(trx, write);
  return await explain(trx, write, new Set(written));
}

/** The same for a single task: the task as written, or the error that says why not. */
export async function writeTask(trx: Knex.Transaction, item: TaskItem, write: Omit<Write, 'items'>): Promise<Task> {
  const [result] = await writeTasks(trx, { ...write, items: [item] });
  const { task } = result ?? {};
  if (!task) throw notFound('task', item.id);
  if (result?.result === 'stale_version') throw staleVersion(task);
  if (result?.result === 'illegal_transition') throw illegalTransition(task, write.values.status ?? task.status);
  return task;
}

/** Nobody else changes or deletes these rows until the transaction ends. */
export async function lockTasks(trx: Knex.Transaction, ids: number[]): Promise<void> {
  await trx.raw('select t.id from public.tasks t where t.id = any (?::integer[]) order by t.id for no key update', [
    ids,
  ]);
}

export function staleVersion(task: Task): TaskfeedError {
  return new TaskfeedError('stale_version', {
    detail: 'The same fields were changed meanwhile. The current task is attached.',
    members: { task },
  });
}

function illegalTransition(task: Task, to: TaskStatus): TaskfeedError {
  return new TaskfeedError('illegal_transition', {
    detail: `This step does not lead from ${task.status} to ${to}. The current task is attached.`,
    members: { task },
  });
}

async function update(trx: Knex.Transaction, write: Write): Promise<number[]> {
  const { items, values, step, isRepeatable } = write;
  const { status } = values;
  const rows = trx('public.tasks as t').whereRaw('t.id = any (?::integer[])', [idsOf(items)]);
  rows.where((allowed) => {
    allowed.where((move) => {
      move.whereRaw(`exists (select from ${wanted} where w.id = t.id and ${isFresh})`, [
        ...wantedBindings(items),
        Object.keys(values),
      ]);
      if (status) move.whereRaw('t.status = any (?::text[])', [sourcesOf(step, status)]);
    });
    if (status && isRepeatable) allowed.orWhere('t.status', status);
  });
  const written = await rows.update(values).returning<{ id: number }[]>('t.id');
  return written.map(({ id }) => id);
}

interface Explained {
  id: number;
  task: Task | null;
  is_fresh: boolean;
}

async function explain(trx: Knex.Transaction, { items, values }: Write, written: Set<number>): Promise<TaskResult[]> {
  const { rows } = await trx.raw<{ rows: Explained[] }>(
    `select w.id, to_json(d) as task, coalesce(${isFresh}, false) as is_fresh
     from ${wanted} left join public.tasks t on t.id = w.id left join public.task_details d on d.id = w.id`,
    [Object.keys(values), ...wantedBindings(items)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return items.map(({ id }) => {
    const row = byId.get(id);
    if (!row?.task) return { id, result: 'not_found' };
    const { task } = row;
    if (written.has(id)) return { id, result: 'ok', task };
    // A client that saw an older status should hear that first: it decided on something that is no longer so.
    return { id, result: row.is_fresh ? 'illegal_transition' : 'stale_version', task };
  });
}

const wanted = 'unnest(?::integer[], ?::integer[]) as w (id, version)';

// The task `t` is as the client saw it, as far as the fields in the binding go. The latest entry decides: an id that
// was deleted and used again may have had the same version twice.
const isFresh = `(w.version = 0 or t.version = w.version or (
  select j.before @> (select jsonb_object_agg(f.key, f.value) from jsonb_each(to_jsonb(t)) f where f.key = any (?::text[]))
  from taskfeed.change_journal j
  where j.topic = 'task' and j.row_id = t.id and (j.before ->> 'version')::integer = w.version
  order by j.seq desc limit 1))`;

// 0 stands for "whatever it is now".
function wantedBindings(items: TaskItem[]): [number[], number[]] {
  return [idsOf(items), items.map(({ version }) => version ?? 0)];
}

function idsOf(items: TaskItem[]): number[] {
  return items.map(({ id }) => id);
}

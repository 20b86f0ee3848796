// Deleted tasks that can be brought back, read from the journal: whoever deleted them, in psql too.
import type { Knex } from 'knex';
import type { HistoryQuery } from '../protocol/http.ts';
import type { DeletedTask } from '../protocol/task.ts';
import { actorName } from './topics.ts';

export interface Deleted {
  /** Last deleted first. */
  deleted: DeletedTask[];
  /** What to ask for next (`after`), or null at the end. */
  next: string | null;
}

export async function deletedTasks(knex: Knex, { limit, after }: HistoryQuery): Promise<Deleted> {
  const { rows } = await knex.raw<{ rows: { deleted: DeletedTask }[] }>(statement, [after ?? null, limit + 1]);
  const deleted = rows.slice(0, limit).map((row) => row.deleted);
  return { deleted, next: rows.length > limit ? (deleted.at(-1)?.seq ?? null) : null };
}

// Of an id that was deleted more than once only the last time counts, and none that is in use again.
const statement = `
select json_build_object(
         'seq', c.seq::text, 'at', c.at, 'actor', c.actor, 'actor_name', ${actorName},
         'task', json_build_object(
           'id', c.row_id, 'title', c.before -> 'title', 'status', c.before -> 'status', 'priority', c.before -> 'priority',
           'due_at', c.before -> 'due_at',
           'system_name', (select s.name from public.systems s where s.id = (c.before ->> 'system_id')::integer),
           'employee_name', (select e.name from public.employees e where e.id = (c.before ->> 'employee_id')::integer))) as deleted
from taskfeed.change_journal c
where c.topic = 'task' and c.op = 'delete' and c.seq < coalesce(?::bigint, 9223372036854775807)
  and not exists (select from public.tasks t where t.id = c.row_id)
  and not exists (
    select from taskfeed.change_journal l where l.topic = 'task' and l.op = 'delete' and l.row_id = c.row_id and l.seq > c.seq)
order by c.seq desc limit ?`;

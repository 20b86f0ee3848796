// The history of one task, read from the journal: who changed what from what to what, deleted tasks included.
import type { Knex } from 'knex';
import type { HistoryQuery } from '../protocol/http.ts';
import type { TaskChange } from '../protocol/task.ts';
import { notFound } from './database.ts';
import { actorName } from './topics.ts';

export interface History {
  /** Newest first. */
  changes: TaskChange[];
  /** Since when nothing is missing: the creation, or the oldest change that is still kept; null if there is none. */
  complete_since: string | null;
  /** What to ask for next (`after`), or null at the end. */
  next: string | null;
}

/** Throws `not_found` for an id that neither the table nor the journal knows. */
export async function taskHistory(knex: Knex, id: number, { limit, after }: HistoryQuery): Promise<History> {
  const from = after ?? null;
  const { rows } = await knex.raw<{ rows: [Answer] }>(statement, [id, from, from, limit + 1, id]);
  const { is_known, complete_since, changes } = rows[0];
  if (!is_known) throw notFound('task', id);
  const isMore = changes.length > limit;
  const shown = isMore ? changes.slice(0, limit) : changes;
  return { changes: shown, complete_since, next: isMore ? (shown.at(-1)?.seq ?? null) : null };
}

interface Answer {
  is_known: boolean;
  complete_since: string | null;
  changes: TaskChange[];
}

/** SQL: the fields in which `c.before` and `c.after` differ, as `{ status: { from, to } }`. */
export const fieldsOfChange = `
  select coalesce(json_object_agg(k.field, json_build_object('from', c.before -> k.field, 'to', c.after -> k.field)), '{}') as fields
  from jsonb_object_keys(coalesce(c.before, c.after)) k (field)
  where (c.op = 'delete' or c.after is not null)
    and k.field not in ('id', 'version', 'created_at', 'updated_at')
    and coalesce(c.before -> k.field, 'null') <> coalesce(c.after -> k.field, 'null')`;

// In the order of the view task_history (db/migrations/005_history.up.sql tells why). What a change led to is the `before` of the next one, or the live row. Where
// neither is there (the table was truncated in between) the change is listed without fields rather than with wrong ones.
const statement = `
with bounded as (
  select j.*, (j.before ->> 'version')::bigint as version, min(j.seq) over (partition by j.xid) as first_seq,
         max(j.seq) filter (where j.op = 'insert') over (partition by j.xid) as last_insert
  from taskfeed.change_journal j
  where j.topic = 'task' and j.row_id = ? and j.op <> 'truncate'
), placed as (
  select b.*, count(*) filter (where b.op = 'delete' and b.seq < b.last_insert) over (
           partition by b.xid order by b.seq rows between unbounded preceding and 1 preceding) as lives
  from bounded b
), chained as (
  select p.*, row_number() over life as place, lead(p.before) over life as next_before, lead(p.op) over life is null as is_last
  from placed p
  window life as (order by p.first_seq, p.lives, p.version nulls first, p.seq)
), page as (
  select c.*, case when c.is_last then taskfeed.task_now(c.row_id) else c.next_before end as after
  from chained c
  where ?::bigint is null or c.place < (select a.place from chained a where a.seq = ?::bigint)
  order by c.place desc
  limit ?
)
select exists (select from placed) or exists (select from public.tasks t where t.id = ?) as is_known,
       (select to_json(c.at) from chained c where c.place = 1) as complete_since,
       coalesce((
         select json_agg(json_build_object('seq', c.seq::text, 'at', c.at, 'actor', c.actor, 'actor_name', ${actorName},
           'op', c.op, 'fields', f.fields) order by c.place desc)
         from page c
         cross join lateral (${fieldsOfChange}) f
       ), '[]') as changes`;

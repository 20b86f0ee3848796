-- The history of a task, readable in psql. The journal keeps only what was before; what came after is the before of
-- the next change, or the row as it is now. A trigger that updates the row again journals its change first, so the
-- changes of one row within a transaction are ordered by version, within one life of the row. A delete ends a life only
-- if the row is inserted again after it: a trigger may also delete the row that the statement has changed.

create function taskfeed.task_now(task_id bigint) returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
return (select to_jsonb(t) from public.tasks t where t.id = task_id);
comment on function taskfeed.task_now(bigint) is 'The live row in the form that the journal keeps: times in UTC, whatever the reader''s time zone.';

create view public.task_history as
with bounded as (
  select j.*, (j.before ->> 'version')::bigint as version,
         min(j.seq) over (partition by j.row_id, j.xid) as first_seq,
         max(j.seq) filter (where j.op = 'insert') over (partition by j.row_id, j.xid) as last_insert
  from taskfeed.change_journal j
  where j.topic = 'task' and j.op <> 'truncate'
), placed as (
  select b.*, count(*) filter (where b.op = 'delete' and b.seq < b.last_insert) over (
           partition by b.row_id, b.xid order by b.seq rows between unbounded preceding and 1 preceding) as lives
  from bounded b
), chained as (
  select p.seq, p.at, p.actor, p.row_id, p.op, p.before,
         lead(p.before) over life as next_before,
         lead(p.op) over life is null as is_last
  from placed p
  window life as (partition by p.row_id order by p.first_seq, p.lives, p.version nulls first, p.seq)
), changes as (
  select c.*, case
      when c.op = 'delete' then null
      when c.is_last then taskfeed.task_now(c.row_id)
      else c.next_before
    end as after
  from chained c
)
select c.seq, c.at, c.actor, c.row_id as task_id, c.op, f.field,
       c.before -> f.field as "from", c.after -> f.field as "to"
from changes c
cross join lateral jsonb_object_keys(coalesce(c.before, c.after)) as f (field)
where (c.before -> f.field) is distinct from (c.after -> f.field)
  and f.field not in ('id', 'version', 'created_at', 'updated_at')
  and not (coalesce(c.before -> f.field, 'null') = 'null' and coalesce(c.after -> f.field, 'null') = 'null');
comment on view public.task_history is 'Who changed which field of a task from what to what, deleted tasks included. Newest last: order by seq.';

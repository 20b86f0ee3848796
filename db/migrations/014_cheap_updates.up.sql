-- What an update pays, nearly halved: most writes change one row.

-- First, the rules of a task's values are domains instead of CHECKs of the table. PostgreSQL reads a table's CHECKs anew
-- for every statement and asks them all, whatever the statement sets; a domain is asked where a value of it is made, and
-- is read once per session. Their names are those of the CHECKs, so that errors say the same.
create domain public.task_title as text
  constraint tasks_title_length check (char_length(value) between 1 and 200);
create domain public.task_description as text
  constraint tasks_description_length check (char_length(value) <= 10000);
create domain public.task_note as text
  constraint tasks_note_length check (char_length(value) <= 10000);
create domain public.task_review_note as text
  constraint tasks_review_note_length check (char_length(value) <= 10000);
create domain public.task_priority as text
  constraint tasks_priority_known check (value in ('urgent', 'normal', 'optional'));
create domain public.task_status as text
  constraint tasks_status_known check (value in
    ('draft', 'sent', 'received', 'in_progress', 'pending_approval', 'completed', 'not_completed'));

-- A column that a view or a trigger names cannot change its type, so these are made anew; the view with its grants.
create temp table granted on commit drop as
select a.privilege_type, case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as role,
       case when a.is_grantable then ' with grant option' else '' end as suffix
from pg_class c cross join lateral aclexplode(c.relacl) a
where c.oid = 'public.task_details'::regclass and a.grantee <> c.relowner;
drop view public.task_details;
drop trigger zz_taskfeed_stamp_insert on public.tasks;

alter table public.tasks
  drop constraint tasks_title_length,
  drop constraint tasks_description_length,
  drop constraint tasks_note_length,
  drop constraint tasks_review_note_length,
  drop constraint tasks_priority_known,
  drop constraint tasks_status_known,
  alter column title type public.task_title,
  alter column description type public.task_description,
  alter column note type public.task_note,
  alter column review_note type public.task_review_note,
  alter column priority type public.task_priority,
  alter column status type public.task_status;

create trigger zz_taskfeed_stamp_insert before insert on public.tasks for each row
  when (new.status <> 'draft' and new.sent_at is null and new.acknowledged_at is null and new.completed_at is null)
  execute function taskfeed.stamp_task();
alter table public.tasks enable always trigger zz_taskfeed_stamp_insert;
comment on trigger zz_taskfeed_stamp_insert on public.tasks is 'Stamps the times of a task that begins its life further on than draft.';

create view public.task_details as
select t.*, s.name as system_name, e.name as employee_name,
       array(select i.id from public.task_images i where i.task_id = t.id order by i.id) as image_ids
from public.tasks t
left join public.systems s on s.id = t.system_id
left join public.employees e on e.id = t.employee_id;
comment on view public.task_details is 'The full task: the row with the names and image ids that screens show beside it.';
do $$
declare
  restored text;
begin
  for restored in select format('grant %s on public.task_details to %s%s', g.privilege_type, g.role, g.suffix) from granted g loop
    execute restored;
  end loop;
end
$$;

-- Second, updates are journaled row by row. The transition tables of a statement and the join of them cost as much as the
-- journal row itself; a statement of many rows pays half as much again for each. The function is that of the twin which
-- fires where replication writes, so an update has one trigger for both roles. Names are qualified as in migration 012.
alter function taskfeed.journal_replica_row() rename to journal_row;
create or replace function taskfeed.journal_row() returns trigger
language plpgsql volatile security definer
as $$
declare
  was pg_catalog.jsonb;
  rang boolean;
begin
  -- Nearly every write, in one question and one statement: what PL/pgSQL evaluates is made ready anew in every transaction.
  if tg_op operator(pg_catalog.=) 'UPDATE' and tg_nargs operator(pg_catalog.=) 1
     and old.id operator(pg_catalog.=) new.id and not (old operator(pg_catalog.*=) new) then
    insert into taskfeed.change_journal (topic, row_id, op, before, actor)
    values (tg_argv[0], old.id, 'update',
            case when taskfeed.is_utc() then pg_catalog.to_jsonb(old) else taskfeed.utc_row(old) end,
            taskfeed.current_actor())
    returning taskfeed.ring() into rang;
    return null;
  end if;

  if tg_op operator(pg_catalog.=) 'UPDATE' then
    -- An update that changed nothing is nothing.
    if old operator(pg_catalog.*=) new then return null; end if;
  end if;
  if tg_op operator(pg_catalog.<>) 'INSERT' then
    if tg_nargs operator(pg_catalog.=) 1 then
      was := case when taskfeed.is_utc() then pg_catalog.to_jsonb(old) else taskfeed.utc_row(old) end;
    else
      execute pg_catalog.format('select %s from (select ($1).*) o', taskfeed.old_row(tg_relid, tg_argv[1:])) into was using old;
    end if;
  end if;
  if tg_op operator(pg_catalog.=) 'UPDATE' and old.id operator(pg_catalog.=) new.id then
    insert into taskfeed.change_journal (topic, row_id, op, before, actor)
    values (tg_argv[0], old.id, 'update', was, taskfeed.current_actor());
  else
    -- An updated key is a delete and an insert.
    if tg_op operator(pg_catalog.<>) 'INSERT' then
      insert into taskfeed.change_journal (topic, row_id, op, before, actor)
      values (tg_argv[0], old.id, 'delete', was, taskfeed.current_actor());
    end if;
    if tg_op operator(pg_catalog.<>) 'DELETE' then
      insert into taskfeed.change_journal (topic, row_id, op, actor)
      values (tg_argv[0], new.id, 'insert', taskfeed.current_actor());
    end if;
  end if;
  rang := taskfeed.ring();
  return null;
end
$$;
comment on function taskfeed.journal_row() is 'Journals one changed row, and rings. Arguments: topic, then the columns that are left out.';

create or replace procedure taskfeed.watch(watched regclass, topic text, variadic left_out text[] default '{}')
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  arguments text := (select string_agg(quote_literal(a), ', ') from unnest(topic || left_out) a);
begin
  execute format('create trigger taskfeed_journal_insert after insert on %s referencing new table as new_rows
    for each statement execute function taskfeed.journal_insert(%s)', watched, arguments);
  execute format('create trigger taskfeed_journal_update after update on %s
    for each row execute function taskfeed.journal_row(%s)', watched, arguments);
  execute format('create trigger taskfeed_journal_delete after delete on %s referencing old table as old_rows
    for each statement execute function taskfeed.journal_delete(%s)', watched, arguments);
  execute format('create trigger taskfeed_journal_truncate after truncate on %s
    for each statement execute function taskfeed.journal_truncate(%s)', watched, arguments);
  execute format('create trigger taskfeed_journal_replica_row after insert or delete on %s
    for each row execute function taskfeed.journal_row(%s)', watched, arguments);
  execute format('alter table %s enable always trigger taskfeed_journal_update', watched);
  execute format('alter table %s enable always trigger taskfeed_journal_truncate', watched);
  execute format('alter table %s enable replica trigger taskfeed_journal_replica_row', watched);
  execute format('comment on trigger taskfeed_journal_insert on %s is %L', watched, 'Journals inserted rows, one INSERT per statement, and rings.');
  execute format('comment on trigger taskfeed_journal_update on %s is %L', watched, 'Journals a changed row with its old contents, and rings; also where replication writes.');
  execute format('comment on trigger taskfeed_journal_delete on %s is %L', watched, 'Journals deleted rows whole, one INSERT per statement, and rings.');
  execute format('comment on trigger taskfeed_journal_truncate on %s is %L', watched, 'Journals a TRUNCATE: every screen loads anew.');
  execute format('comment on trigger taskfeed_journal_replica_row on %s is %L', watched, 'Journals rows that replication inserts or deletes, where the other triggers do not fire.');
end
$$;

-- Every table that is watched, with the arguments it is watched with.
do $$
declare
  watched regclass;
  arguments text;
begin
  for watched, arguments in
    select t.tgrelid, substring(pg_get_triggerdef(t.oid) from 'journal_update\((.*)\)$') from pg_trigger t
    where t.tgfoid = 'taskfeed.journal_update()'::regprocedure
  loop
    call taskfeed.unwatch(watched);
    execute format('call taskfeed.watch(%L, %s)', watched, arguments);
  end loop;
end
$$;
drop function taskfeed.journal_update();

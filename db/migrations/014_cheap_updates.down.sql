create function taskfeed.journal_update() returns trigger
language plpgsql volatile security definer
as $$
declare
  journaled bigint;
  rang boolean;
begin
  -- An updated key is a delete and an insert; an update that changed nothing is nothing.
  if tg_nargs operator(pg_catalog.=) 1 then
    insert into taskfeed.change_journal (topic, row_id, op, before, actor)
    select tg_argv[0], coalesce(o.id, n.id),
           case when n.id is null then 'delete' when o.id is null then 'insert' else 'update' end,
           case when taskfeed.is_utc() then pg_catalog.to_jsonb(o) else taskfeed.utc_row(o) end,
           taskfeed.current_actor()
    from old_rows o full join new_rows n on n.id operator(pg_catalog.=) o.id
    where o.id is null or n.id is null or o operator(pg_catalog.*<>) n;
    if not found then return null; end if;
  else
    execute pg_catalog.format('insert into taskfeed.change_journal (topic, row_id, op, before, actor)
      select $1, coalesce(o.id, n.id),
             case when n.id is null then ''delete'' when o.id is null then ''insert'' else ''update'' end,
             %s, taskfeed.current_actor()
      from old_rows o full join new_rows n on n.id operator(pg_catalog.=) o.id
      where o.id is null or n.id is null or o operator(pg_catalog.*<>) n',
      taskfeed.old_row(tg_relid, tg_argv[1:])) using tg_argv[0];
    get diagnostics journaled = row_count;
    if journaled operator(pg_catalog.=) 0 then return null; end if;
  end if;
  rang := taskfeed.ring();
  return null;
end
$$;
revoke execute on function taskfeed.journal_update() from public;

alter function taskfeed.journal_row() rename to journal_replica_row;
create or replace function taskfeed.journal_replica_row() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
as $$
declare
  who text := taskfeed.current_actor();
  was jsonb;
  rang boolean;
begin
  if tg_op = 'UPDATE' then
    if old *= new then return null; end if;
  end if;
  if tg_op <> 'INSERT' then
    if tg_nargs = 1 then
      was := to_jsonb(old);
    else
      execute format('select %s from (select ($1).*) o', taskfeed.old_row(tg_relid, tg_argv[1:])) into was using old;
    end if;
  end if;
  if tg_op = 'UPDATE' and old.id = new.id then
    insert into taskfeed.change_journal (topic, row_id, op, before, actor) values (tg_argv[0], old.id, 'update', was, who);
  else
    if tg_op <> 'INSERT' then
      insert into taskfeed.change_journal (topic, row_id, op, before, actor) values (tg_argv[0], old.id, 'delete', was, who);
    end if;
    if tg_op <> 'DELETE' then
      insert into taskfeed.change_journal (topic, row_id, op, actor) values (tg_argv[0], new.id, 'insert', who);
    end if;
  end if;
  rang := taskfeed.ring();
  return null;
end
$$;
comment on function taskfeed.journal_replica_row() is null;

create or replace procedure taskfeed.watch(watched regclass, topic text, variadic left_out text[] default '{}')
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  arguments text := (select string_agg(quote_literal(a), ', ') from unnest(topic || left_out) a);
begin
  execute format('create trigger taskfeed_journal_insert after insert on %s referencing new table as new_rows
    for each statement execute function taskfeed.journal_insert(%s)', watched, arguments);
  execute format('create trigger taskfeed_journal_update after update on %s referencing old table as old_rows new table as new_rows
    for each statement execute function taskfeed.journal_update(%s)', watched, arguments);
  execute format('create trigger taskfeed_journal_delete after delete on %s referencing old table as old_rows
    for each statement execute function taskfeed.journal_delete(%s)', watched, arguments);
  execute format('create trigger taskfeed_journal_truncate after truncate on %s
    for each statement execute function taskfeed.journal_truncate(%s)', watched, arguments);
  execute format('create trigger taskfeed_journal_replica_row after insert or update or delete on %s
    for each row execute function taskfeed.journal_replica_row(%s)', watched, arguments);
  execute format('alter table %s enable always trigger taskfeed_journal_truncate', watched);
  execute format('alter table %s enable replica trigger taskfeed_journal_replica_row', watched);
  execute format('comment on trigger taskfeed_journal_insert on %s is %L', watched, 'Journals inserted rows, one INSERT per statement, and rings.');
  execute format('comment on trigger taskfeed_journal_update on %s is %L', watched, 'Journals changed rows with their old contents, one INSERT per statement, and rings.');
  execute format('comment on trigger taskfeed_journal_delete on %s is %L', watched, 'Journals deleted rows whole, one INSERT per statement, and rings.');
  execute format('comment on trigger taskfeed_journal_truncate on %s is %L', watched, 'Journals a TRUNCATE: every screen loads anew.');
  execute format('comment on trigger taskfeed_journal_replica_row on %s is %L', watched, 'Journals rows that replication writes, where the other triggers do not fire.');
end
$$;

do $$
declare
  watched regclass;
  arguments text;
begin
  for watched, arguments in
    select t.tgrelid, substring(pg_get_triggerdef(t.oid) from 'journal_replica_row\((.*)\)$') from pg_trigger t
    where t.tgname = 'taskfeed_journal_update'
  loop
    call taskfeed.unwatch(watched);
    execute format('call taskfeed.watch(%L, %s)', watched, arguments);
  end loop;
end
$$;

create temp table granted on commit drop as
select a.privilege_type, case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as role,
       case when a.is_grantable then ' with grant option' else '' end as suffix
from pg_class c cross join lateral aclexplode(c.relacl) a
where c.oid = 'public.task_details'::regclass and a.grantee <> c.relowner;
drop view public.task_details;
drop trigger zz_taskfeed_stamp_insert on public.tasks;

alter table public.tasks
  alter column title type text,
  alter column description type text,
  alter column note type text,
  alter column review_note type text,
  alter column priority type text,
  alter column status type text,
  add constraint tasks_title_length check (char_length(title) between 1 and 200),
  add constraint tasks_description_length check (char_length(description) <= 10000),
  add constraint tasks_note_length check (char_length(note) <= 10000),
  add constraint tasks_review_note_length check (char_length(review_note) <= 10000),
  add constraint tasks_priority_known check (priority in ('urgent', 'normal', 'optional')),
  add constraint tasks_status_known check (status in
    ('draft', 'sent', 'received', 'in_progress', 'pending_approval', 'completed', 'not_completed'));

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

-- Open sessions have this function with its expressions' types; written anew it is compiled anew.
alter function taskfeed.stamp_task() cost 100;
drop domain public.task_title, public.task_description, public.task_note, public.task_review_note,
  public.task_priority, public.task_status;

create or replace function taskfeed.old_row(watched regclass, left_out text[]) returns text
language sql stable set search_path = pg_catalog, pg_temp
return (
  select 'case when o.id is not null then (select pg_catalog.to_jsonb(k) from (select '
         || string_agg(format('o.%I', a.attname), ', ' order by a.attnum) || ') k) end'
  from pg_attribute a
  where a.attrelid = watched and a.attnum > 0 and not a.attisdropped and a.attname <> all (left_out)
);

create or replace function taskfeed.journal_insert() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
as $$
declare
  rang boolean;
begin
  insert into taskfeed.change_journal (topic, row_id, op, actor)
  select tg_argv[0], n.id, 'insert', taskfeed.current_actor() from new_rows n;
  if found then rang := taskfeed.ring(); end if;
  return null;
end
$$;

create or replace function taskfeed.journal_update() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
as $$
declare
  journaled bigint;
  rang boolean;
begin
  -- An updated key is a delete and an insert; an update that changed nothing is nothing.
  if tg_nargs = 1 then
    insert into taskfeed.change_journal (topic, row_id, op, before, actor)
    select tg_argv[0], coalesce(o.id, n.id),
           case when n.id is null then 'delete' when o.id is null then 'insert' else 'update' end,
           to_jsonb(o), taskfeed.current_actor()
    from old_rows o full join new_rows n on n.id = o.id
    where o.id is null or n.id is null or o *<> n;
  else
    execute format('insert into taskfeed.change_journal (topic, row_id, op, before, actor)
      select $1, coalesce(o.id, n.id),
             case when n.id is null then ''delete'' when o.id is null then ''insert'' else ''update'' end,
             %s, taskfeed.current_actor()
      from old_rows o full join new_rows n on n.id = o.id
      where o.id is null or n.id is null or o *<> n', taskfeed.old_row(tg_relid, tg_argv[1:])) using tg_argv[0];
  end if;
  get diagnostics journaled = row_count;
  if journaled > 0 then rang := taskfeed.ring(); end if;
  return null;
end
$$;

create or replace function taskfeed.journal_delete() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
as $$
declare
  journaled bigint;
  rang boolean;
begin
  if tg_nargs = 1 then
    insert into taskfeed.change_journal (topic, row_id, op, before, actor)
    select tg_argv[0], o.id, 'delete', to_jsonb(o), taskfeed.current_actor() from old_rows o;
  else
    execute format('insert into taskfeed.change_journal (topic, row_id, op, before, actor)
      select $1, o.id, ''delete'', %s, taskfeed.current_actor() from old_rows o',
      taskfeed.old_row(tg_relid, tg_argv[1:])) using tg_argv[0];
  end if;
  get diagnostics journaled = row_count;
  if journaled > 0 then rang := taskfeed.ring(); end if;
  return null;
end
$$;

create or replace function taskfeed.stamp_task() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  was text := '';
begin
  if tg_op = 'UPDATE' then
    if old operator(pg_catalog.*=) new then return new; end if;
    new.version := old.version + 1;
    new.updated_at := now();
    was := old.status;
  end if;
  if new.status = was then return new; end if;

  -- A timestamp that the same statement sets by hand is kept.
  if tg_op = 'INSERT' or (new.sent_at, new.acknowledged_at, new.completed_at)
       is not distinct from (old.sent_at, old.acknowledged_at, old.completed_at) then
    case new.status
      when 'draft' then
        new.sent_at := null; new.acknowledged_at := null; new.completed_at := null;
      when 'sent' then
        new.sent_at := now(); new.acknowledged_at := null; new.completed_at := null;
      when 'completed' then
        new.completed_at := now();
      else
        new.completed_at := null;
        if new.status = 'received' or was in ('sent', 'received') then
          new.acknowledged_at := coalesce(new.acknowledged_at, now());
        end if;
    end case;
  end if;
  return new;
end
$$;

drop function taskfeed.utc_row(record);
drop function taskfeed.is_utc();

drop index taskfeed.change_journal_history_idx;
create index change_journal_history_idx on taskfeed.change_journal (row_id, seq) where topic = 'task';
drop index taskfeed.change_journal_deleted_idx;
-- Deleted tasks are listed from the journal. Few of its rows are deletions, so this index costs other writers nothing.
create index change_journal_deleted_tasks_idx on taskfeed.change_journal (seq) where topic = 'task' and op = 'delete';

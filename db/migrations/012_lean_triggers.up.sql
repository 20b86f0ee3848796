-- What every write pays, made less. First, the functions that every write calls have no settings of their own any more:
-- a function's `set search_path` and `set timezone` are put in place and taken back around each call, and its plans are
-- checked against the path anew. So nothing in them may depend on the session's path: every table, function, type and
-- operator is named with its schema. Where the language lets no operator be named (IS DISTINCT FROM, NULLIF, IN, row
-- comparisons, CASE x WHEN y) it is not used, except in bodies that are parsed here and now (`return …`).

create function taskfeed.is_utc() returns boolean
language sql stable
return pg_catalog.current_setting('TimeZone') in ('UTC', 'Etc/UTC');
comment on function taskfeed.is_utc() is 'Whether this session''s times are told in UTC anyway, as most are.';

create function taskfeed.utc_row(told record) returns jsonb
language plpgsql stable strict set search_path = pg_catalog, pg_temp set timezone = 'UTC'
as $$
begin
  return to_jsonb(told);
end
$$;
comment on function taskfeed.utc_row(record) is 'A row as jsonb with its times in UTC, for sessions of another time zone.';
revoke execute on function taskfeed.is_utc(), taskfeed.utc_row(record) from public;

create or replace function taskfeed.old_row(watched regclass, left_out text[]) returns text
language sql stable set search_path = pg_catalog, pg_temp
return (
  select 'case when o.id is not null then (select case when taskfeed.is_utc() then pg_catalog.to_jsonb(k) else taskfeed.utc_row(k) end from (select '
         || string_agg(format('o.%I', a.attname), ', ' order by a.attnum) || ') k) end'
  from pg_attribute a
  where a.attrelid = watched and a.attnum > 0 and not a.attisdropped and a.attname <> all (left_out)
);

create or replace function taskfeed.journal_insert() returns trigger
language plpgsql volatile security definer
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

create or replace function taskfeed.journal_delete() returns trigger
language plpgsql volatile security definer
as $$
declare
  journaled bigint;
  rang boolean;
begin
  if tg_nargs operator(pg_catalog.=) 1 then
    insert into taskfeed.change_journal (topic, row_id, op, before, actor)
    select tg_argv[0], o.id, 'delete',
           case when taskfeed.is_utc() then pg_catalog.to_jsonb(o) else taskfeed.utc_row(o) end,
           taskfeed.current_actor()
    from old_rows o;
    if not found then return null; end if;
  else
    execute pg_catalog.format('insert into taskfeed.change_journal (topic, row_id, op, before, actor)
      select $1, o.id, ''delete'', %s, taskfeed.current_actor() from old_rows o',
      taskfeed.old_row(tg_relid, tg_argv[1:])) using tg_argv[0];
    get diagnostics journaled = row_count;
    if journaled operator(pg_catalog.=) 0 then return null; end if;
  end if;
  rang := taskfeed.ring();
  return null;
end
$$;

create or replace function taskfeed.stamp_task() returns trigger
language plpgsql
as $$
begin
  if tg_op operator(pg_catalog.=) 'UPDATE' then
    if old operator(pg_catalog.*=) new then return new; end if;
    new.version := old.version operator(pg_catalog.+) 1;
    new.updated_at := pg_catalog.now();
    if new.status operator(pg_catalog.=) old.status then return new; end if;
    -- A timestamp that the same statement sets by hand is kept.
    if array[new.sent_at, new.acknowledged_at, new.completed_at] operator(pg_catalog.<>)
         array[old.sent_at, old.acknowledged_at, old.completed_at] then return new; end if;
  end if;

  -- Of a new task there is no old status.
  if new.status operator(pg_catalog.=) 'draft' then
    new.sent_at := null; new.acknowledged_at := null; new.completed_at := null;
  elsif new.status operator(pg_catalog.=) 'sent' then
    new.sent_at := pg_catalog.now(); new.acknowledged_at := null; new.completed_at := null;
  elsif new.status operator(pg_catalog.=) 'completed' then
    new.completed_at := pg_catalog.now();
  else
    new.completed_at := null;
    if new.status operator(pg_catalog.=) 'received'
       or old.status operator(pg_catalog.=) 'sent' or old.status operator(pg_catalog.=) 'received' then
      new.acknowledged_at := coalesce(new.acknowledged_at, pg_catalog.now());
    end if;
  end if;
  return new;
end
$$;

-- Second, indexes. What a partial index asks is planned and prepared anew for every journaled statement, and costs more
-- than the entry it spares: nearly all rows are of tasks. The deleted ones are a few, so that index stays partial.
drop index taskfeed.change_journal_history_idx;
create index change_journal_history_idx on taskfeed.change_journal (row_id, seq);
drop index taskfeed.change_journal_deleted_tasks_idx;
create index change_journal_deleted_idx on taskfeed.change_journal (seq) where op = 'delete';

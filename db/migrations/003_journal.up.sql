-- The journal and the doorbell. A change is written down in the writer's own transaction (the truth), then the doorbell
-- is rung (no data, only "look now"). The functions know nothing of the tables they watch: taskfeed.watch() attaches them.

create schema taskfeed;
comment on schema taskfeed is 'The change feed: journal, epoch and trigger functions. Written by triggers, read by the listener.';
revoke all on schema taskfeed from public;

create table taskfeed.change_journal (
  seq     bigint generated always as identity,
  xid     xid8 not null default pg_current_xact_id(),
  topic   text not null,
  row_id  bigint,
  op      text not null,
  before  jsonb,
  actor   text not null,
  db_user text not null default session_user,
  at      timestamptz not null default clock_timestamp(),
  constraint change_journal_pkey primary key (xid, seq)
);
create index change_journal_history_idx on taskfeed.change_journal (row_id, seq) where topic = 'task';
comment on table taskfeed.change_journal is 'One row per changed row, written by trigger in the writer''s transaction. The row after a change is the before of its next change, or the live row.';
comment on column taskfeed.change_journal.seq is 'Rising, but not the order of commits: never read as "everything after N".';
comment on column taskfeed.change_journal.xid is 'Top-level transaction. What a reader has not seen yet is decided by comparing it with the reader''s snapshot.';
comment on column taskfeed.change_journal.op is 'insert, update, delete or truncate. Only triggers write here; a CHECK would be parsed anew by every writer''s statement.';
comment on column taskfeed.change_journal.before is 'The old row; null for an insert. Secrets and large values are left out.';
comment on column taskfeed.change_journal.actor is 'manager:N, link:N, or db:<role> (<application_name>) for direct SQL.';

-- Unlogged on purpose: crash recovery, promotion and restore empty it, and after each of these transaction ids may be
-- handed out a second time, so every cursor of before must be refused.
create unlogged table taskfeed.epoch (
  only_row          boolean primary key default true constraint epoch_only_row check (only_row),
  id                uuid not null default gen_random_uuid(),
  system_identifier bigint not null,
  database_id       oid not null,
  created_at        timestamptz not null default now()
);
comment on table taskfeed.epoch is 'The time in which cursors mean something. Empty after a crash or restore, foreign after a copy: the next reader begins a new one.';

create table taskfeed.application_roles (
  role_name name primary key
);
comment on table taskfeed.application_roles is 'Roles whose claim in the setting taskfeed.actor is believed: those the application itself signs in as.';

create function taskfeed.current_epoch() returns uuid
language sql stable set search_path = pg_catalog, pg_temp
return (
  select e.id from taskfeed.epoch e
  where e.system_identifier = (select c.system_identifier from pg_catalog.pg_control_system() c)
    and e.database_id = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
);
comment on function taskfeed.current_epoch() is 'The epoch of this very database on this very server, or null where a new one must begin.';

create function taskfeed.begin_epoch() returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  server bigint := (select c.system_identifier from pg_catalog.pg_control_system() c);
  database oid := (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database());
begin
  -- Rows that came with a dump carry transaction ids of another server. Those ahead of this one's would be new to every
  -- reader for ever. A visible row of this server lies below the snapshot's xmax, so the others are told apart exactly.
  update taskfeed.change_journal j set xid = '1'
  where j.xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot());
  -- Several readers may find the epoch missing at once: the first one's wins, the others take it over.
  insert into taskfeed.epoch as e (system_identifier, database_id) values (server, database)
  on conflict (only_row) do update
    set id = pg_catalog.gen_random_uuid(), system_identifier = server, database_id = database, created_at = pg_catalog.now()
    where (e.system_identifier, e.database_id) is distinct from (server, database);
  return (select e.id from taskfeed.epoch e);
end
$$;
comment on function taskfeed.begin_epoch() is 'Begins a new epoch where current_epoch() is null; otherwise returns the current one.';

create function taskfeed.current_cursor() returns text
language sql stable set search_path = pg_catalog, pg_temp
return taskfeed.current_epoch()::text || '.' || pg_catalog.pg_current_snapshot()::text;
comment on function taskfeed.current_cursor() is 'The place of the calling statement''s own snapshot in the feed. Never call it in a transaction that has written.';

create function taskfeed.is_believed() returns boolean
language sql stable set search_path = pg_catalog, pg_temp
return exists (select from taskfeed.application_roles r where r.role_name = session_user);
comment on function taskfeed.is_believed() is 'Whether this session''s claim in taskfeed.actor counts: anybody can set a custom setting, so only the application''s own role is believed.';

-- This one and ring() have no settings of their own and one expression each, so that the planner puts them into the
-- statements that call them: two function calls less for every write. Their names are resolved here, once and for all,
-- whatever the writer's search_path.
create function taskfeed.current_actor() returns text
language sql stable
return case
  when nullif(pg_catalog.current_setting('taskfeed.actor', true), '') is not null and taskfeed.is_believed()
    then pg_catalog.current_setting('taskfeed.actor', true)
  else 'db:' || session_user || coalesce(' (' || nullif(pg_catalog.current_setting('application_name', true), '') || ')', '')
end;
comment on function taskfeed.current_actor() is 'Who is making the change: the application''s claim, else db:<role> (<application_name>).';

-- NOTIFY takes a cluster-wide lock at commit and holds it through the flush: writers that ring are serialised. So a
-- writer rings only if nobody is hot, and it finds out by trying the listener's key K shared. The key is given back
-- within the same expression: holding it to the end of the transaction would keep the listener from becoming hot, and
-- two statements could leak it when cancelled in between. Advisory locks are not subject to snapshots, so writers in
-- REPEATABLE READ see the truth too. `set taskfeed.ring = off` is for sessions that PREPARE TRANSACTION, which NOTIFY forbids.
create function taskfeed.ring() returns boolean
language sql volatile
return case
  when pg_catalog.current_setting('taskfeed.ring', true) is distinct from 'off'
    and (case when pg_catalog.pg_try_advisory_lock_shared(1952541798, 1)
           then pg_catalog.pg_advisory_unlock_shared(1952541798, 1) end) is not null
    then pg_catalog.pg_notify('taskfeed', '') is not null
  else false
end;
comment on function taskfeed.ring() is 'Rings the doorbell (NOTIFY taskfeed, empty payload) unless a hot listener is looking anyway. Says whether it rang.';

-- One journal INSERT per statement, from the transition tables. SECURITY DEFINER: a role that may only write a watched
-- table journals too. pg_temp comes last, else a temporary table could swallow the journal. UTC: `before` must not
-- depend on the writer's time zone. Arguments: topic, then the columns that are left out. Those are never rendered at
-- all: the text of an image is twice its size, and past jsonb's limit its task could not even be deleted any more.
create function taskfeed.old_row(watched regclass, left_out text[]) returns text
language sql stable set search_path = pg_catalog, pg_temp
return (
  select 'case when o.id is not null then (select pg_catalog.to_jsonb(k) from (select '
         || string_agg(format('o.%I', a.attname), ', ' order by a.attnum) || ') k) end'
  from pg_attribute a
  where a.attrelid = watched and a.attnum > 0 and not a.attisdropped and a.attname <> all (left_out)
);
comment on function taskfeed.old_row(regclass, text[]) is 'SQL for the row "o" of a table as jsonb, without the columns that are left out.';

create function taskfeed.journal_insert() returns trigger
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

create function taskfeed.journal_update() returns trigger
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

create function taskfeed.journal_delete() returns trigger
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

create function taskfeed.journal_truncate() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  rang boolean;
begin
  insert into taskfeed.change_journal (topic, op, actor) values (tg_argv[0], 'truncate', taskfeed.current_actor());
  rang := taskfeed.ring();
  return null;
end
$$;

-- The twin: logical replication and session_replication_role = replica fire no origin trigger, and the apply worker
-- fires no statement trigger at all. This one fires there and only there.
create function taskfeed.journal_replica_row() returns trigger
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

create procedure taskfeed.watch(watched regclass, topic text, variadic left_out text[] default '{}')
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
comment on procedure taskfeed.watch(regclass, text, text[]) is 'Makes a table with an integer key "id" a topic of the feed; columns named after the topic are never journaled.';

create procedure taskfeed.unwatch(watched regclass)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  found_trigger name;
begin
  for found_trigger in
    select t.tgname from pg_trigger t where t.tgrelid = watched and t.tgname like 'taskfeed\_journal\_%'
  loop
    execute format('drop trigger %I on %s', found_trigger, watched);
  end loop;
end
$$;
comment on procedure taskfeed.unwatch(regclass) is 'Takes a table out of the feed.';

revoke execute on all routines in schema taskfeed from public;

-- How far back the feed can go. A snapshot is kept per hour; the horizon is the newest one that is at least the
-- journal's retention old. Rows that were finished before the horizon are pruned, and a cursor is served only if the
-- horizon is not later than it: both are told by one number that is recorded before anything is deleted.

create table taskfeed.snapshots (
  at       timestamptz primary key default now(),
  epoch    uuid not null,
  snapshot pg_snapshot not null
);
comment on table taskfeed.snapshots is 'One snapshot per hour: what was finished at that time, to prune by.';

create table taskfeed.horizon (
  only_row      boolean primary key default true constraint horizon_only_row check (only_row),
  epoch         uuid not null,
  snapshot      pg_snapshot not null,
  at            timestamptz not null,
  history_below xid8 not null default '0',
  pruned_below  xid8 not null default '0'
);
comment on table taskfeed.horizon is 'Cursors before this snapshot cannot be served any more: their clients load anew.';
comment on column taskfeed.horizon.history_below is 'Everything older than this transaction may go, the history of tasks too.';
comment on column taskfeed.horizon.pruned_below is 'Up to this transaction everything but the history is gone; the next pruning begins here.';

create function taskfeed.current_horizon() returns pg_snapshot
language sql stable set search_path = pg_catalog, pg_temp
return (select h.snapshot from taskfeed.horizon h where h.epoch = taskfeed.current_epoch());
comment on function taskfeed.current_horizon() is 'The horizon of the current epoch. One of an earlier epoch lies before every cursor of this one.';

create function taskfeed.prune(retention interval, history interval, batch integer default 5000) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- Taken before this transaction has an id of its own.
  here pg_snapshot := pg_current_snapshot();
  current uuid := taskfeed.current_epoch();
  recorded taskfeed.horizon;
  next_at timestamptz;
  deleted integer;
  more integer;
begin
  -- One at a time; whoever comes second has nothing to do.
  if current is null or not pg_try_advisory_xact_lock(1952541798, 3) then return 0; end if;

  -- Only what an earlier, committed call has recorded is pruned: no reader can still rely on it.
  select h.* into recorded from taskfeed.horizon h where h.epoch = current;

  insert into taskfeed.snapshots (epoch, snapshot)
  select current, here
  where not exists (select from taskfeed.snapshots s where s.epoch = current and s.at > now() - interval '1 hour');
  delete from taskfeed.snapshots s where s.epoch <> current;

  select max(s.at) into next_at from taskfeed.snapshots s where s.at <= now() - retention;
  if next_at is not null then
    insert into taskfeed.horizon as h (epoch, snapshot, at)
    select s.epoch, s.snapshot, s.at from taskfeed.snapshots s where s.at = next_at
    on conflict (only_row) do update set epoch = excluded.epoch, snapshot = excluded.snapshot, at = excluded.at,
      history_below = case when h.epoch = excluded.epoch then h.history_below else '0' end,
      pruned_below = case when h.epoch = excluded.epoch then h.pruned_below else '0' end
      where h.epoch <> excluded.epoch or h.at < excluded.at;
    update taskfeed.horizon h set history_below = pg_snapshot_xmin(s.snapshot)
    from taskfeed.snapshots s
    where s.at = (select max(o.at) from taskfeed.snapshots o where o.at <= now() - history);
    -- Older snapshots have served their purpose, except the one that the history will be cut at next.
    delete from taskfeed.snapshots s
    where s.at < (select max(o.at) from taskfeed.snapshots o where o.at <= now() - history);
  end if;
  if recorded.epoch is null then return 0; end if;

  with doomed as materialized (
    select j.ctid from taskfeed.change_journal j where j.xid < recorded.history_below limit batch
  )
  delete from taskfeed.change_journal j using doomed d where j.ctid = d.ctid;
  get diagnostics deleted = row_count;
  with doomed as materialized (
    select j.ctid from taskfeed.change_journal j
    where j.xid >= recorded.pruned_below and j.xid < pg_snapshot_xmin(recorded.snapshot) and j.topic <> 'task'
    limit batch
  )
  delete from taskfeed.change_journal j using doomed d where j.ctid = d.ctid;
  get diagnostics more = row_count;
  if more < batch then
    update taskfeed.horizon h set pruned_below = greatest(h.pruned_below, pg_snapshot_xmin(recorded.snapshot));
  end if;
  return deleted + more;
end
$$;
comment on function taskfeed.prune(interval, interval, integer) is 'Notes an hourly snapshot, moves the horizon, and deletes at most two batches behind the one recorded before. Call again until it returns 0.';

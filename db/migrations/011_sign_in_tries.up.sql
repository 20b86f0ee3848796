-- How often somebody has tried to sign in, counted for all processes together. Unlogged: nothing is lost if a crash
-- forgets it, and counting waits for no disk.

create unlogged table taskfeed.sign_in_tries (
  key     bytea primary key,
  tries   integer not null,
  ends_at timestamptz not null
);
create index sign_in_tries_ends_at_idx on taskfeed.sign_in_tries (ends_at);
comment on table taskfeed.sign_in_tries is 'Tries to sign in by address, by account and by both, until ends_at. Deleting rows lets whoever has guessed too often try again.';
comment on column taskfeed.sign_in_tries.key is 'SHA-256 of whose tries are counted.';

create or replace procedure taskfeed.admit(role name)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('grant usage on schema public, taskfeed to %I', role);
  execute format('grant select, insert, update, delete on public.systems, public.employees, public.tasks,
    public.task_images, public.links, public.link_tasks, public.idempotency_keys, public.managers, public.sessions,
    public.api_tokens, public.setup_links, taskfeed.sign_in_tries to %I', role);
  execute format('grant select on public.task_details, public.link_details, public.task_history,
    public.taskfeed_migrations to %I', role);
  execute format('grant select on taskfeed.change_journal, taskfeed.epoch, taskfeed.application_roles,
    taskfeed.horizon, taskfeed.snapshots to %I', role);
  execute format('grant execute on function taskfeed.current_epoch(), taskfeed.begin_epoch(), taskfeed.current_cursor(),
    taskfeed.task_now(bigint), taskfeed.current_horizon(), taskfeed.prune(interval, interval, integer) to %I', role);
  insert into taskfeed.application_roles (role_name) values (role) on conflict do nothing;
end
$$;

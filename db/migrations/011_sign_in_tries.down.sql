create or replace procedure taskfeed.admit(role name)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('grant usage on schema public, taskfeed to %I', role);
  execute format('grant select, insert, update, delete on public.systems, public.employees, public.tasks,
    public.task_images, public.links, public.link_tasks, public.idempotency_keys, public.managers, public.sessions,
    public.api_tokens, public.setup_links to %I', role);
  execute format('grant select on public.task_details, public.link_details, public.task_history,
    public.taskfeed_migrations to %I', role);
  execute format('grant select on taskfeed.change_journal, taskfeed.epoch, taskfeed.application_roles,
    taskfeed.horizon, taskfeed.snapshots to %I', role);
  execute format('grant execute on function taskfeed.current_epoch(), taskfeed.begin_epoch(), taskfeed.current_cursor(),
    taskfeed.task_now(bigint), taskfeed.current_horizon(), taskfeed.prune(interval, interval, integer) to %I', role);
  insert into taskfeed.application_roles (role_name) values (role) on conflict do nothing;
end
$$;
drop table taskfeed.sign_in_tries;

do $$
declare
  admitted name;
begin
  for admitted in select r.role_name from taskfeed.application_roles r join pg_roles p on p.rolname = r.role_name loop
    execute format('revoke all on schema taskfeed from %I', admitted);
    execute format('revoke all on all tables in schema public, taskfeed from %I', admitted);
    execute format('revoke all on all routines in schema taskfeed from %I', admitted);
  end loop;
end
$$;
drop procedure taskfeed.admit(name);

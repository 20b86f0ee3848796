-- Which tables are in the feed, and the stamps. Whether a row differs is asked inside the functions: PostgreSQL parses a
-- trigger's WHEN anew for every statement, which costs more than the call. They are named zz_… to fire after an
-- administrator's own BEFORE triggers, and ALWAYS, so that replicated rows are stamped too. An image's own columns are
-- derived before the stamp looks whether anything changed (triggers fire by name).

create function taskfeed.stamp_row() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if old operator(pg_catalog.*=) new then return new; end if;
  -- These tables have no version, so within a transaction this tells in which order the changes of one row happened.
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end
$$;
comment on function taskfeed.stamp_row() is 'Keeps updated_at true for every changed row, and rising with every change.';

create function taskfeed.stamp_task() returns trigger
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
comment on function taskfeed.stamp_task() is 'Raises version, keeps updated_at, and stamps sent_at, acknowledged_at and completed_at when the status moves.';

create function taskfeed.stamp_image() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  new.bytes := octet_length(new.content);
  new.sha256 := encode(sha256(new.content), 'hex');
  return new;
end
$$;
comment on function taskfeed.stamp_image() is 'Derives bytes and sha256 from the content, so that an image written by SQL is complete.';

create trigger zz_taskfeed_stamp before update on public.tasks for each row
  execute function taskfeed.stamp_task();
create trigger zz_taskfeed_stamp_insert before insert on public.tasks for each row
  when (new.status <> 'draft' and new.sent_at is null and new.acknowledged_at is null and new.completed_at is null)
  execute function taskfeed.stamp_task();
create trigger zz_taskfeed_stamp before update on public.systems for each row
  execute function taskfeed.stamp_row();
create trigger zz_taskfeed_stamp before update on public.employees for each row
  execute function taskfeed.stamp_row();
create trigger zz_taskfeed_stamp before update on public.task_images for each row
  execute function taskfeed.stamp_row();
create trigger zz_taskfeed_image before insert or update of content, bytes, sha256 on public.task_images for each row
  execute function taskfeed.stamp_image();
create trigger zz_taskfeed_stamp before update on public.links for each row
  execute function taskfeed.stamp_row();
create trigger zz_taskfeed_stamp before update on public.link_tasks for each row
  execute function taskfeed.stamp_row();

alter table public.tasks enable always trigger zz_taskfeed_stamp;
alter table public.tasks enable always trigger zz_taskfeed_stamp_insert;
alter table public.systems enable always trigger zz_taskfeed_stamp;
alter table public.employees enable always trigger zz_taskfeed_stamp;
alter table public.task_images enable always trigger zz_taskfeed_stamp;
alter table public.task_images enable always trigger zz_taskfeed_image;
alter table public.links enable always trigger zz_taskfeed_stamp;
alter table public.link_tasks enable always trigger zz_taskfeed_stamp;

comment on trigger zz_taskfeed_stamp on public.tasks is 'Raises version and stamps the times of a changed task.';
comment on trigger zz_taskfeed_stamp_insert on public.tasks is 'Stamps the times of a task that begins its life further on than draft.';
comment on trigger zz_taskfeed_stamp on public.systems is 'Keeps updated_at.';
comment on trigger zz_taskfeed_stamp on public.employees is 'Keeps updated_at.';
comment on trigger zz_taskfeed_stamp on public.task_images is 'Keeps updated_at.';
comment on trigger zz_taskfeed_image on public.task_images is 'Derives bytes and sha256 from the content.';
comment on trigger zz_taskfeed_stamp on public.links is 'Keeps updated_at.';
comment on trigger zz_taskfeed_stamp on public.link_tasks is 'Keeps updated_at.';

call taskfeed.watch('public.tasks', 'task');
call taskfeed.watch('public.systems', 'system');
call taskfeed.watch('public.employees', 'employee');
call taskfeed.watch('public.task_images', 'task_image', 'content', 'thumbnail');
call taskfeed.watch('public.links', 'link', 'token_hash');
call taskfeed.watch('public.link_tasks', 'link_task');

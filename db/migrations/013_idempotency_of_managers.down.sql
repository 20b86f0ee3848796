delete from public.idempotency_keys where link_id is null;
alter table public.idempotency_keys drop column manager_id, alter column link_id set not null;

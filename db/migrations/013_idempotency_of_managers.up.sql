-- Managers, too, may repeat a request (Idempotency-Key). A key belongs to a link or to a manager.

alter table public.idempotency_keys
  alter column link_id drop not null,
  add column manager_id integer constraint idempotency_keys_manager_id_fkey references public.managers on update cascade on delete cascade,
  add constraint idempotency_keys_manager_id_key_key unique (manager_id, key),
  add constraint idempotency_keys_owner check (num_nonnulls(link_id, manager_id) = 1);
comment on column public.idempotency_keys.manager_id is 'Whose key it is, if not a link''s.';

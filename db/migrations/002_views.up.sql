-- What "the full task" and "the full link" mean, everywhere: routes, events and psql show the same columns.

create view public.task_details as
select t.*, s.name as system_name, e.name as employee_name,
       array(select i.id from public.task_images i where i.task_id = t.id order by i.id) as image_ids
from public.tasks t
left join public.systems s on s.id = t.system_id
left join public.employees e on e.id = t.employee_id;
comment on view public.task_details is 'The full task: the row with the names and image ids that screens show beside it.';

create view public.link_details as
select l.id, l.employee_id, e.name as employee_name, l.created_by, l.expires_at, l.revoked_at, l.opened_at,
       l.acknowledged_at, l.last_used_at, l.created_at, l.updated_at,
       array(select lt.task_id from public.link_tasks lt where lt.link_id = l.id order by lt.task_id) as task_ids
from public.links l
left join public.employees e on e.id = l.employee_id;
comment on view public.link_details is 'The full link as managers see it: never the token, never its hash.';

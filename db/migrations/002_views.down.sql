drop view public.link_details;
drop view public.task_details;

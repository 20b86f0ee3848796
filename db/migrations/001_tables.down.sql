drop table public.link_tasks, public.links, public.task_images, public.tasks, public.employees, public.systems;

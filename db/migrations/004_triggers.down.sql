call taskfeed.unwatch('public.link_tasks');
call taskfeed.unwatch('public.links');
call taskfeed.unwatch('public.task_images');
call taskfeed.unwatch('public.employees');
call taskfeed.unwatch('public.systems');
call taskfeed.unwatch('public.tasks');
drop function taskfeed.stamp_row() cascade;
drop function taskfeed.stamp_task() cascade;
drop function taskfeed.stamp_image() cascade;

drop view public.task_history;
drop function taskfeed.task_now(bigint);

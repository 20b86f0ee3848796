drop function taskfeed.prune(interval, interval, integer);
drop function taskfeed.current_horizon();
drop table taskfeed.horizon;
drop table taskfeed.snapshots;

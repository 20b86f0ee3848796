drop schema taskfeed cascade;

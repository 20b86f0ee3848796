-- Deleted tasks are listed from the journal. Few of its rows are deletions, so this index costs other writers nothing.
create index change_journal_deleted_tasks_idx on taskfeed.change_journal (seq) where topic = 'task' and op = 'delete';

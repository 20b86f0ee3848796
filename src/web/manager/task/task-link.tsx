// The title of a task, which opens it. The keys j and k go from one to the next.
import { memo } from 'react';
import type { ListedTask } from '../../../client/index.ts';
import { isPlain, useOpenTask } from './use-open-task.ts';

export const TaskLink = memo(function TaskLink({
  task,
  isDecor = false,
}: {
  task: Pick<ListedTask, 'id' | 'title'>;
  isDecor?: boolean;
}) {
  const open = useOpenTask();
  return (
    <a
      className="task-link said"
      dir="auto"
      href={`?task=${task.id}`}
      data-task={isDecor ? undefined : task.id}
      onClick={(event) => {
        if (!isPlain(event)) return;
        event.preventDefault();
        open(task.id);
      }}
    >
      {task.title}
    </a>
  );
});

// A task that the stores do not have: completed long ago, deleted, or never there.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { RequestError } from '../../../client/index.ts';
import { useTaskfeed } from '../../../client/react.tsx';
import { type Task, task as taskSchema } from '../../../protocol/task.ts';
import { useEditing } from '../edit/edit-context.tsx';
import { History } from './history.tsx';
import { TaskDetails } from './task-details.tsx';

export function GoneTask({ id }: { id: number }) {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { edits } = useEditing();
  const { data, isPending, refetch } = useQuery({
    queryKey: ['task', id],
    queryFn: () => readTask(() => feed.request('GET', `/api/tasks/${id}`)),
    staleTime: 0,
  });
  if (isPending) return <p className="soft">{t('app.loading')}</p>;
  if (data) return <TaskDetails task={data} onClose={() => undefined} />;
  const restore = async () => {
    await edits.restore(id);
    await refetch();
  };
  return (
    <>
      <div className="empty">
        <h2>{t('task.gone')}</h2>
        <p className="soft">{t('task.goneText')}</p>
        <button type="button" className="button main" onClick={() => void restore()}>
          {t('action.restore')}
        </button>
      </div>
      <History id={id} version="deleted" />
    </>
  );
}

async function readTask(request: () => Promise<unknown>): Promise<Task | null> {
  try {
    return taskSchema.parse(((await request()) as { task: unknown }).task);
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) return null;
    throw error;
  }
}

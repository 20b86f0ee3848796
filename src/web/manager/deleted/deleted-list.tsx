// What was deleted lately, by whomever, in psql too; each task can be brought back.
import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import type { DeletedTask } from '../../../protocol/task.ts';
import { useEditing } from '../edit/edit-context.tsx';
import { useDays, useShown } from '../live/live.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { useBy } from '../task/told.tsx';

export function DeletedDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('deleted.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      size="lg"
    >
      <DeletedList />
    </Modal>
  );
}

function DeletedList() {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { tasks } = useShown();
  const { data } = useQuery({
    // Whoever deletes or restores one while this is open changes how many there are.
    queryKey: ['deleted', tasks.size],
    queryFn: () => feed.request('GET', '/api/tasks/deleted?limit=100') as Promise<{ deleted: DeletedTask[] }>,
    placeholderData: (previous) => previous,
    staleTime: 0,
  });
  const gone = data?.deleted.filter(({ task }) => !tasks.has(task.id)) ?? [];
  if (data && gone.length === 0) return <p className="nothing">{t('deleted.none')}</p>;
  return (
    <ul className="deleted">
      {gone.map((deleted) => (
        <DeletedLine key={deleted.seq} deleted={deleted} />
      ))}
    </ul>
  );
}

function DeletedLine({ deleted }: { deleted: DeletedTask }) {
  const { t } = useTranslation();
  const { now } = useDays();
  const { edits } = useEditing();
  const by = useBy();
  const words = useTimeWords();
  const { task, at } = deleted;
  return (
    <li>
      <span>
        <strong className="said" dir="auto">
          {task.title}
        </strong>
        <span className="soft"> #{task.id}</span>
        <span className="soft part">{t('deleted.by', { who: by(deleted), ago: words.ago(at, now) })}</span>
      </span>
      <button type="button" className="button" onClick={() => void edits.restore(task.id)}>
        {t('action.restore')}
      </button>
    </li>
  );
}

import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { ListedTask } from '../../../client/index.ts';
import { useEditing } from '../edit/edit-context.tsx';
import { useDays, useNews } from '../live/live.tsx';
import type { Glow } from '../live/news.ts';
import { useTimeWords } from '../site/site-context.tsx';
import { glowTurn } from '../task/glow.tsx';
import { useBy } from '../task/told.tsx';
import { SendBack } from '../today/approval-actions.tsx';
import { EditableText } from './editable-text.tsx';
import { History } from './history.tsx';
import { Images } from './images.tsx';
import { LinkState } from './link-state.tsx';
import { TaskFields } from './task-fields.tsx';

export function TaskDetails({ task, onClose }: { task: ListedTask; onClose: () => void }) {
  const { glows } = useNews();
  const [query] = useSearchParams();
  return (
    <article className="task-details">
      <EditableText task={task} field="title" isSingle startsOpen={query.get('edit') === 'title'} />
      <Changed task={task} glow={glows.get(task.id)} />
      <Steps task={task} onClose={onClose} />
      <TaskFields task={task} />
      <EditableText task={task} field="description" />
      <EditableText task={task} field="note" />
      <EditableText task={task} field="review_note" />
      <Images task={task} />
      <LinkState task={task} />
      <History id={task.id} version={`${task.version}-${task.image_ids.join('.')}`} />
    </article>
  );
}

/** Glows in its place: a name that comes and goes would move the buttons below. */
function Changed({ task, glow }: { task: ListedTask; glow: Glow | undefined }) {
  const { t } = useTranslation();
  const { now } = useDays();
  const by = useBy();
  const words = useTimeWords();
  if (!task.last_change) return null;
  return (
    <p className="soft changed" data-glow={glowTurn(glow)}>
      {t('task.changedBy', { who: by(task.last_change), ago: words.ago(task.last_change.at, now) })}
    </p>
  );
}

const sentBackFrom = new Set(['pending_approval', 'completed', 'not_completed']);

function Steps({ task, onClose }: { task: ListedTask; onClose: () => void }) {
  const { t } = useTranslation();
  const { edits } = useEditing();
  const remove = () => {
    onClose();
    void edits.remove([task]);
  };
  return (
    <div className="steps">
      {task.status === 'pending_approval' && (
        <button type="button" className="button main" onClick={() => void edits.approve(task)}>
          {t('action.approve')}
        </button>
      )}
      {sentBackFrom.has(task.status) && <SendBack task={task} />}
      <button type="button" className="button plain" onClick={remove}>
        <IconTrash size={16} aria-hidden="true" />
        {t('action.delete')}
      </button>
    </div>
  );
}

// Somebody else was faster. Both versions side by side, and the person decides.
import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { TaskHistory } from '../drawer/history.model.ts';
import { useLive, useShown } from '../live/live.tsx';
import { useSignal } from '../live/signal.ts';
import { useIsThere } from '../shell/late.tsx';
import { partOf } from '../task/told.model.ts';
import { useActor, useToldWords } from '../task/told.tsx';
import { useEditing } from './edit-context.tsx';
import type { Conflict } from './edits.ts';
import { type Clash, clashesOf, shownValue } from './patch.model.ts';

export default function ConflictDialog() {
  const { t } = useTranslation();
  const { edits } = useEditing();
  const isThere = useIsThere();
  const [conflict] = useSignal(edits.conflicts);
  const close = () => conflict && edits.takeTheirs(conflict);
  return (
    <Modal
      opened={conflict !== undefined && isThere}
      onClose={close}
      // On top of the task that is open, whichever came first.
      zIndex={300}
      title={t('conflict.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      size="lg"
      centered
    >
      {conflict && <Choice conflict={conflict} onClose={close} />}
    </Modal>
  );
}

function Choice({ conflict, onClose }: { conflict: Conflict; onClose: () => void }) {
  const { t } = useTranslation();
  const { edits } = useEditing();
  const { mine, base, theirs } = conflict;
  const who = useWho(conflict);
  const clashes = clashesOf(mine, base, theirs);
  return (
    <div className="conflict">
      <p>
        <strong className="said" dir="auto">
          {theirs.title}
        </strong>
      </p>
      <p>{who === undefined ? t('conflict.explain') : `${t('conflict.by', { who })}. ${t('conflict.explain')}`}</p>
      {clashes.map((clash) => (
        <ClashRow key={clash.field} clash={clash} />
      ))}
      <div className="dialog-actions">
        <button type="button" className="button" data-autofocus onClick={onClose}>
          {t('conflict.takeTheirs')}
        </button>
        <button type="button" className="button main" onClick={() => void edits.keepMine(conflict)}>
          {t('conflict.keepMine')}
        </button>
      </div>
    </div>
  );
}

function ClashRow({ clash }: { clash: Clash }) {
  const { t } = useTranslation();
  const { feed } = useLive();
  const shown = useShown();
  const words = useToldWords(feed.serverNow());
  const { field } = clash;
  const word = (value: unknown) => {
    if (typeof value === 'string' && !field.endsWith('_at') && field !== 'status' && field !== 'priority') return value;
    return partOf(field.replace(/_id$/, '_name'), null, shownValue(field, value, shown), words).to ?? words.none;
  };
  return (
    <dl className="clash">
      <dt>{t(`field.${field}`)}</dt>
      {(['base', 'theirs', 'mine'] as const).map((side) => (
        <dd key={side} data-side={side}>
          <span className="label">{t(side === 'base' ? 'conflict.was' : `conflict.${side}`)}</span>
          <span className="said" dir="auto">
            {word(clash[side])}
          </span>
        </dd>
      ))}
    </dl>
  );
}

// The newest change of a field that clashes says who it was.
function useWho({ mine, base, theirs }: Conflict): string | undefined {
  const { feed } = useLive();
  const actor = useActor();
  const { data } = useQuery({
    queryKey: ['clash', theirs.id, theirs.version],
    queryFn: () => feed.request('GET', `/api/tasks/${theirs.id}/history?limit=20`) as Promise<TaskHistory>,
  });
  const fields = clashesOf(mine, base, theirs).map(({ field }) => field);
  const change = data?.changes.find((one) => fields.some((field) => field in one.fields)) ?? data?.changes[0];
  return change && actor(change);
}

// The chosen employee or system: facts, open work, and what can be done with it.
import { Modal } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import { useEditing } from '../edit/edit-context.tsx';
import type { Filters } from '../filters/filters.model.ts';
import { TaskList } from '../today/task-list.tsx';
import type { Work } from './directory.model.ts';

export interface RowDetailsProps {
  topic: 'employee' | 'system';
  words: 'people' | 'places';
  row: { id: number; name: string };
  facts: readonly { name: string; value: ReactNode }[];
  work: Work;
  more: Partial<Filters>;
  actions?: ReactNode;
  form: (onDone: () => void) => ReactNode;
}

export function RowDetails({ topic, words, row, facts, work, more, actions, form }: RowDetailsProps) {
  const { t } = useTranslation();
  const [isEditing, setEditing] = useState(false);
  return (
    <>
      <h2 className="said" dir="auto">
        {row.name}
      </h2>
      {isEditing ? form(() => setEditing(false)) : <Facts facts={facts} />}
      {!isEditing && (
        <div className="steps">
          <button type="button" className="button" onClick={() => setEditing(true)}>
            <IconPencil size={16} aria-hidden="true" />
            {t('action.edit')}
          </button>
          {actions}
          <DeleteRow topic={topic} words={words} row={row} />
        </div>
      )}
      <section className="panel" aria-label={t('people.work')}>
        <h3>
          {t('people.work')} <span className="group-count digits">{work.open.length}</span>
        </h3>
        {work.open.length === 0 && <p className="nothing">{t('people.noWork')}</p>}
        <TaskList tasks={work.open} more={more} />
      </section>
    </>
  );
}

function Facts({ facts }: Pick<RowDetailsProps, 'facts'>) {
  const { t } = useTranslation();
  const known = facts.filter(({ value }) => value !== null && value !== '');
  return (
    <dl className="facts">
      {known.map(({ name, value }) => (
        <div key={name}>
          <dt>{t(`field.${name}`)}</dt>
          <dd className="said" dir="auto">
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function DeleteRow({ topic, words, row }: Pick<RowDetailsProps, 'topic' | 'words' | 'row'>) {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { toasts } = useEditing();
  const [isAsking, setAsking] = useState(false);
  const remove = async () => {
    // The dialog can still be clicked while it fades.
    if (!isAsking) return;
    setAsking(false);
    try {
      await feed.request('DELETE', `/api/${topic}s/${row.id}`);
    } catch (error) {
      toasts.show({ tone: 'trouble', key: 'toast.failed', detail: error instanceof Error ? error.message : '' });
    }
  };
  return (
    <>
      <button type="button" className="button plain" onClick={() => setAsking(true)}>
        <IconTrash size={16} aria-hidden="true" />
        {t('action.delete')}
      </button>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={t('action.delete')}
        closeButtonProps={{ 'aria-label': t('app.close') }}
        centered
      >
        <p>{t(`${words}.delete`, { name: row.name })}</p>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={() => setAsking(false)}>
            {t('action.cancel')}
          </button>
          <button type="button" className="button danger" onClick={() => void remove()}>
            {t('action.delete')}
          </button>
        </div>
      </Modal>
    </>
  );
}

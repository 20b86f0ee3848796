// The pictures of a task: small ones in a row, and one large on top of the page.
import { Modal } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconPlus, IconTrash } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import { useTaskfeed } from '../../../client/react.tsx';
import { useEditing } from '../edit/edit-context.tsx';

export function Images({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<number | undefined>(undefined);
  const { send, isSending } = useUpload(task.id);
  const { isOver, target } = useFileDrop(send);
  const ids = task.image_ids;
  return (
    <section className="drawer-section" aria-labelledby="images-title" data-over={isOver || undefined} {...target}>
      <h3 id="images-title">{t('task.images')}</h3>
      {ids.length === 0 && <p className="soft">{t('task.noImages')}</p>}
      <ul className="thumbnails">
        {ids.map((id, index) => (
          <li key={id}>
            <button type="button" onClick={() => setOpen(id)}>
              <img
                src={`/api/images/${id}/thumbnail`}
                alt={t('task.image', { number: index + 1, count: ids.length })}
                width={88}
                height={88}
                loading="lazy"
              />
            </button>
          </li>
        ))}
      </ul>
      <AddImages send={send} isSending={isSending} />
      <Lightbox ids={ids} open={open} onOpen={setOpen} />
    </section>
  );
}

function useUpload(taskId: number) {
  const feed = useTaskfeed();
  const { toasts } = useEditing();
  const [isSending, setSending] = useState(false);
  const send = async (files: FileList | null): Promise<void> => {
    if (!files || files.length === 0 || isSending) return;
    const form = new FormData();
    for (const file of files) form.append('images', file);
    setSending(true);
    try {
      await feed.request('POST', `/api/tasks/${taskId}/images`, form, { signal: AbortSignal.timeout(120_000) });
    } catch (error) {
      toasts.show({ tone: 'trouble', key: 'toast.failed', detail: error instanceof Error ? error.message : '' });
    }
    setSending(false);
  };
  return { send, isSending };
}

/** Files that are dragged here from outside of the browser. */
function useFileDrop(take: (files: FileList) => Promise<void>) {
  const [isOver, setOver] = useState(false);
  const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files');
  const target = {
    onDragOver: (event: DragEvent) => {
      if (!hasFiles(event)) return;
      // Without it the browser would open the file in place of the board.
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: (event: DragEvent) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
    },
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      void take(event.dataTransfer.files);
    },
  };
  return { isOver, target };
}

function AddImages({ send, isSending }: ReturnType<typeof useUpload>) {
  const { t } = useTranslation();
  return (
    <label className="button add-images" aria-busy={isSending}>
      <IconPlus size={16} aria-hidden="true" />
      {isSending ? t('app.loading') : t('task.addImages')}
      <input
        className="sr-only"
        type="file"
        accept="image/*"
        multiple
        disabled={isSending}
        onChange={(event) => {
          const { target } = event;
          void send(target.files).then(() => {
            target.value = '';
          });
        }}
      />
    </label>
  );
}

interface LightboxProps {
  ids: readonly number[];
  open: number | undefined;
  onOpen: (id: number | undefined) => void;
}

function Lightbox({ ids, open, onOpen }: LightboxProps) {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { toasts } = useEditing();
  const at = open === undefined ? -1 : ids.indexOf(open);
  const go = (by: number) => onOpen(ids[(at + by + ids.length) % ids.length]);
  const name = t('task.image', { number: at + 1, count: ids.length });
  const remove = async () => {
    // The dialog can still be clicked while it fades.
    if (open === undefined) return;
    onOpen(undefined);
    try {
      await feed.request('DELETE', `/api/images/${open}`);
    } catch (error) {
      toasts.show({ tone: 'trouble', key: 'toast.failed', detail: error instanceof Error ? error.message : '' });
    }
  };
  return (
    <Modal
      opened={at >= 0}
      onClose={() => onOpen(undefined)}
      title={name}
      size="auto"
      centered
      closeButtonProps={{ 'aria-label': t('app.close') }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowRight') go(1);
        if (event.key === 'ArrowLeft') go(-1);
      }}
    >
      {at >= 0 && <img className="lightbox" src={`/api/images/${open}`} alt={name} />}
      <div className="dialog-actions">
        {ids.length > 1 && (
          <>
            <button type="button" className="button square" aria-label={t('task.previous')} onClick={() => go(-1)}>
              <IconChevronLeft size={16} className="flips" aria-hidden="true" />
            </button>
            <button type="button" className="button square" aria-label={t('task.next')} onClick={() => go(1)}>
              <IconChevronRight size={16} className="flips" aria-hidden="true" />
            </button>
          </>
        )}
        <button type="button" className="button danger" onClick={() => void remove()}>
          <IconTrash size={16} aria-hidden="true" />
          {t('task.deleteImage')}
        </button>
      </div>
    </Modal>
  );
}

// Everything that can be done to a card without dragging it.
import { Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import type { TaskStatus } from '../../../protocol/task.ts';
import { useEditing } from '../edit/edit-context.tsx';
import { useSignal } from '../live/signal.ts';
import { toggled } from '../task/selection.ts';
import { Track } from '../task/status-track.tsx';
import { columns, mayMove } from './board.model.ts';

export function CardMenu({ task, onMove }: { task: ListedTask; onMove: (to: TaskStatus) => void }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <button type="button" className="card-menu" aria-label={t('action.actions', { title: task.title })}>
          <IconDots size={16} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('board.move')}</Menu.Label>
        {columns
          .filter((status) => status !== task.status)
          .map((status) => (
            <Menu.Item
              key={status}
              disabled={!mayMove(task.status, status)}
              title={mayMove(task.status, status) ? undefined : t('board.onlyEmployee')}
              leftSection={<Track status={status} />}
              onClick={() => onMove(status)}
            >
              {t(`status.${status}`)}
            </Menu.Item>
          ))}
        <Menu.Divider />
        <MoreItems task={task} />
      </Menu.Dropdown>
    </Menu>
  );
}

function MoreItems({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const { edits, selection } = useEditing();
  const isChosen = useSignal(selection).has(task.id);
  return (
    <>
      <Menu.Item
        rightSection={<kbd className="kbd">x</kbd>}
        onClick={() => selection.change((chosen) => toggled(chosen, task.id))}
      >
        {t(isChosen ? 'action.deselect' : 'action.select')}
      </Menu.Item>
      <Menu.Item className="danger" onClick={() => void edits.remove([task])}>
        {t('action.delete')}
      </Menu.Item>
    </>
  );
}

// One task with everything there is to know of it, beside the screen it was opened from.
import { Drawer } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import { useTask } from '../../../client/react.tsx';
import { useIsThere } from '../shell/late.tsx';
import { useOpenedTask } from '../task/use-open-task.ts';
import './drawer.css';
import { GoneTask } from './gone-task.tsx';
import { TaskDetails } from './task-details.tsx';
import { useEscape } from './use-escape.ts';

export default function TaskDrawer() {
  const { t } = useTranslation();
  const isThere = useIsThere();
  const { id, close } = useOpenedTask();
  useEscape(id !== undefined, close);
  return (
    <Drawer
      opened={id !== undefined && isThere}
      onClose={close}
      // Mantine would close it together with a dialog on top of it.
      closeOnEscape={false}
      position="right"
      size="34rem"
      title={id === undefined ? '' : t('task.label', { id })}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      overlayProps={{ backgroundOpacity: 0.25 }}
      transitionProps={{ duration: 120 }}
    >
      {id !== undefined && <Content key={id} id={id} onClose={close} />}
    </Drawer>
  );
}

function Content({ id, onClose }: { id: number; onClose: () => void }) {
  const task: ListedTask | undefined = useTask(id);
  return task ? <TaskDetails task={task} onClose={onClose} /> : <GoneTask id={id} />;
}

// The drawer and the dialogs: not part of the first load, and fetched before anybody needs them.
import { lazy, useEffect } from 'react';
import { useEditing } from '../edit/edit-context.tsx';
import { useSignal } from '../live/signal.ts';
import { useOpenedTask } from '../task/use-open-task.ts';
import { Late } from './late.tsx';

const drawer = () => import('../drawer/task-drawer.tsx');
const conflict = () => import('../edit/conflict-dialog.tsx');
const help = () => import('../keys/keys-help.tsx');

const TaskDrawer = lazy(drawer);
const ConflictDialog = lazy(conflict);
const KeysHelp = lazy(help);

/** After the first screen is drawn, ms. */
const fetchAfterMs = 2_000;

export function LateParts({ isHelpOpen, onCloseHelp }: { isHelpOpen: boolean; onCloseHelp: () => void }) {
  const { edits } = useEditing();
  const [clash] = useSignal(edits.conflicts);
  const { id } = useOpenedTask();
  useEffect(() => {
    // Without a connection they are asked for again when they are wanted.
    const fetchAll = () => void Promise.allSettled([drawer(), conflict(), help()]);
    const timer = setTimeout(fetchAll, fetchAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <Late isWanted={id !== undefined}>
        <TaskDrawer />
      </Late>
      <Late isWanted={clash !== undefined}>
        <ConflictDialog />
      </Late>
      <Late isWanted={isHelpOpen}>
        <KeysHelp isOpen={isHelpOpen} onClose={onCloseHelp} />
      </Late>
    </>
  );
}

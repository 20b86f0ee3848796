// The head of a screen: its name, what belongs to it, and the way to a new task.
import { IconPlus } from '@tabler/icons-react';
import { type PropsWithChildren, type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSite } from '../site/site-context.tsx';

export interface ScreenHeadProps {
  title: string;
  aside?: ReactNode;
}

export function ScreenHead({ title, aside, children }: PropsWithChildren<ScreenHeadProps>) {
  const { name } = useSite();
  useEffect(() => {
    document.title = `${title} · ${name}`;
  }, [title, name]);
  return (
    <div className="screen-head">
      <div className="screen-title">
        <h1>{title}</h1>
        {aside}
      </div>
      {children}
    </div>
  );
}

/** Also at the key `n`. */
export function NewTaskButton({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <button type="button" className="button main new-task" data-key="n" onClick={onClick}>
      <IconPlus size={16} aria-hidden="true" />
      {t('action.new')}
    </button>
  );
}

import { IconX } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSignal } from '../live/signal.ts';
import { useEditing } from './edit-context.tsx';
import { shownMs, type Toast } from './toasts.ts';
import './edit.css';

export function ToastRegion() {
  const { t } = useTranslation();
  const { toasts } = useEditing();
  const shown = useSignal(toasts.shown);
  return (
    <section className="toasts" aria-live="polite" aria-label={t('toast.region')}>
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} onClose={() => toasts.dismiss(toast.id)} />
      ))}
    </section>
  );
}

function ToastCard({ toast, onClose }: { toast: Toast; onClose: () => void }) {
  const { t } = useTranslation();
  const { id, tone, key, values = {}, detail, action } = toast;
  const { toasts } = useEditing();
  useEffect(() => {
    const timer = setTimeout(() => toasts.dismiss(id), shownMs);
    return () => clearTimeout(timer);
  }, [toasts, id]);
  return (
    <div className="toast" data-tone={tone}>
      <p>
        <span>{t(key, values)}</span>
        {detail && <span className="soft said"> {detail}</span>}
      </p>
      {action && (
        <button
          type="button"
          className="button"
          onClick={() => {
            onClose();
            action.run();
          }}
        >
          {t(action.key)}
        </button>
      )}
      <button type="button" className="button plain square" aria-label={t('action.dismiss')} onClick={onClose}>
        <IconX size={16} aria-hidden="true" />
      </button>
    </div>
  );
}

// New tasks: one in a line, many by pasting lines.
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useShown } from '../live/live.tsx';
import { RowSelect } from '../task/row-select.tsx';
import './create.css';
import { LineField } from './line-field.tsx';
import { Preview } from './preview.tsx';
import { type Create, useCreate } from './use-create.ts';

/** Opened by its button, the key `n`, or an address that asks for it. */
export function useCreatePanel() {
  const [query, setQuery] = useSearchParams();
  const [isOpen, setOpen] = useState(false);
  const isAsked = query.has('new');
  const close = () => {
    setOpen(false);
    if (!isAsked) return;
    const rest = new URLSearchParams(query);
    rest.delete('new');
    setQuery(rest, { replace: true });
  };
  return { isOpen: isOpen || isAsked, open: () => setOpen(true), close };
}

export function CreatePanel({ isOpen, close }: ReturnType<typeof useCreatePanel>) {
  return isOpen ? <CreateForm onClose={close} /> : null;
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const form = useCreate();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    // Whoever opened the panel gets the focus back.
    const before = document.activeElement;
    field.current?.focus();
    return () => {
      if (before instanceof HTMLElement) requestAnimationFrame(() => before.focus());
    };
  }, []);
  // Not a form's `action`: its changes of state come later, and a second click would add the same once more.
  const add = () => {
    field.current?.focus();
    void form.add();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    if (event.key === 'Escape') onClose();
    const isOne = event.target === field.current && !form.text.includes('\n') && !event.shiftKey;
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    if (!(isOne || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    add();
  };
  return (
    <form
      className="create"
      aria-label={t('create.title')}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
      onKeyDown={onKeyDown}
    >
      <LineField field={field} text={form.text} names={form.names} onChange={form.setText} />
      <Preview text={form.text} draft={form.draft} onChange={form.setText} />
      <CreateRow form={form} onClose={onClose} />
    </form>
  );
}

function CreateRow({ form, onClose }: { form: Create; onClose: () => void }) {
  const { t } = useTranslation();
  const { employees, systems } = useShown();
  const { employeeId, setEmployeeId, systemId, setSystemId, canAdd, draft } = form;
  return (
    <div className="create-row">
      {employees.size > 0 && (
        <RowSelect
          label={t('create.employee')}
          none={t('value.nobody')}
          rows={employees}
          value={employeeId}
          onChange={setEmployeeId}
        />
      )}
      {systems.size > 0 && (
        <RowSelect
          label={t('create.system')}
          none={t('value.noSystem')}
          rows={systems}
          value={systemId}
          onChange={setSystemId}
        />
      )}
      <span className="soft">{t('create.hint')}</span>
      <button type="button" className="button plain" onClick={onClose}>
        {t('app.close')}
      </button>
      <button type="submit" className="button main" disabled={!canAdd}>
        {t('create.add', { count: Math.max(1, draft.lines.length) })}
      </button>
    </div>
  );
}

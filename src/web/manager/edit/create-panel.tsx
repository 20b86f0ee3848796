// New tasks: one in a line, many by pasting lines.
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { parseFilters } from '../filters/filters.model.ts';
import { useShown } from '../live/live.tsx';
import { RowSelect } from '../task/row-select.tsx';
import { tasksIn } from './create.model.ts';
import { useEditing } from './edit-context.tsx';

export function useCreatePanel() {
  const [isOpen, setOpen] = useState(false);
  return { isOpen, open: () => setOpen(true), close: () => setOpen(false) };
}

export function CreatePanel({ isOpen, close }: ReturnType<typeof useCreatePanel>) {
  return isOpen ? <CreateForm onClose={close} /> : null;
}

/** A single choice in the filters is what new tasks are for. */
function useGuess() {
  const [query] = useSearchParams();
  const { employee, system } = parseFilters(query);
  const only = (ids: readonly number[]) => (ids.length === 1 && ids[0] ? ids[0] : null);
  return { employee: only(employee), system: only(system) };
}

function useCreate() {
  const { edits } = useEditing();
  const guess = useGuess();
  const [text, setText] = useState('');
  const [employeeId, setEmployeeId] = useState(guess.employee);
  const [systemId, setSystemId] = useState(guess.system);
  const { tasks, tooLong } = tasksIn(text, { employee_id: employeeId, system_id: systemId });
  const canAdd = tasks.length > 0 && tooLong === undefined;
  const add = async () => {
    if (!canAdd) return;
    setText('');
    const created = await edits.create(tasks);
    if (created.length === 0) setText((current) => (current === '' ? text : current));
  };
  return { text, setText, employeeId, setEmployeeId, systemId, setSystemId, count: tasks.length, tooLong, canAdd, add };
}

function CreateForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const form = useCreate();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  // Not a form's `action`: its changes of state come later, and a second click would add the same once more.
  const add = () => {
    field.current?.focus();
    void form.add();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
    const isOne = event.target === field.current && !form.text.includes('\n') && !event.shiftKey;
    if (event.key !== 'Enter' || !(isOne || event.ctrlKey || event.metaKey)) return;
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
      <textarea
        ref={field}
        className="input"
        dir="auto"
        rows={Math.min(12, form.text.split('\n').length)}
        placeholder={t('create.placeholder')}
        aria-label={t('create.placeholder')}
        value={form.text}
        onChange={(event) => form.setText(event.target.value)}
      />
      <CreateRow form={form} onClose={onClose} />
    </form>
  );
}

function CreateRow({ form, onClose }: { form: ReturnType<typeof useCreate>; onClose: () => void }) {
  const { t } = useTranslation();
  const { employees, systems } = useShown();
  const { employeeId, setEmployeeId, systemId, setSystemId, tooLong, canAdd, count } = form;
  return (
    <div className="create-row">
      <RowSelect
        label={t('create.employee')}
        none={t('value.nobody')}
        rows={employees}
        value={employeeId}
        onChange={setEmployeeId}
      />
      <RowSelect
        label={t('create.system')}
        none={t('value.noSystem')}
        rows={systems}
        value={systemId}
        onChange={setSystemId}
      />
      <span className="soft">{tooLong === undefined ? t('create.hint') : t('create.tooLong', { line: tooLong })}</span>
      <button type="button" className="button plain" onClick={onClose}>
        {t('app.close')}
      </button>
      <button type="submit" className="button main" disabled={!canAdd}>
        {t('create.add', { count: Math.max(1, count) })}
      </button>
    </div>
  );
}

// A form for the plain fields of an employee or a system. It sends what was changed, nothing else.
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import { useEditing } from '../edit/edit-context.tsx';
import { formChanges } from './directory.model.ts';

export interface FormField {
  name: string;
  type?: 'text' | 'tel' | 'email' | 'long';
  /** Instead of a text field. */
  options?: readonly { value: string; label: string }[];
}

export interface RowFormProps {
  topic: 'employee' | 'system';
  fields: readonly FormField[];
  row: ({ id: number } & Readonly<Record<string, unknown>>) | undefined;
  onDone: () => void;
  children?: ReactNode;
}

export function RowForm({ topic, fields, row, onDone }: RowFormProps) {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { toasts } = useEditing();
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(fields.map(({ name }) => [name, String(row?.[name] ?? '')])),
  );
  const [isSending, setSending] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (isSending) return;
    setSending(true);
    const changes = formChanges(values, row ?? {});
    try {
      if (row && Object.keys(changes).length > 0) {
        const send = () => feed.request('PUT', `/api/${topic}s/${row.id}`, changes);
        await feed.optimistic(topic, row.id, changes, send);
      } else if (!row) await feed.request('POST', `/api/${topic}s`, changes);
      onDone();
    } catch (error) {
      toasts.show({ tone: 'trouble', key: 'toast.failed', detail: error instanceof Error ? error.message : '' });
      setSending(false);
    }
  };
  return (
    <form className="row-form" onSubmit={(event) => void save(event)}>
      {fields.map((field, index) => (
        <Field
          key={field.name}
          field={field}
          hasFocus={index === 0}
          value={values[field.name] ?? ''}
          onChange={(value) => setValues((current) => ({ ...current, [field.name]: value }))}
        />
      ))}
      <div className="dialog-actions">
        <button type="button" className="button plain" onClick={onDone}>
          {t('action.cancel')}
        </button>
        <button type="submit" className="button main" disabled={isSending || (values['name'] ?? '').trim() === ''}>
          {t('action.save')}
        </button>
      </div>
    </form>
  );
}

interface FieldProps {
  field: FormField;
  hasFocus: boolean;
  value: string;
  onChange: (value: string) => void;
}

function Field({ field: { name, type = 'text', options }, hasFocus, value, onChange }: FieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const common = { id, className: 'input', value, dir: type === 'tel' || type === 'email' ? 'ltr' : 'auto' };
  const onInput = (event: { target: { value: string } }) => onChange(event.target.value);
  return (
    <div className="field">
      <label htmlFor={id}>{t(`field.${name}`)}</label>
      {options && (
        <select {...common} onChange={onInput}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
      {!options && type === 'long' && <textarea {...common} rows={3} onChange={onInput} />}
      {/* biome-ignore lint/a11y/noAutofocus: the form was asked for, and its first field is what comes next */}
      {!options && type !== 'long' && <input {...common} type={type} autoFocus={hasFocus} onChange={onInput} />}
    </div>
  );
}

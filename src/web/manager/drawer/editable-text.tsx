// Text that is edited where it stands. What is sent is what the person began with and made of it, so that a change by
// somebody else meanwhile is neither overwritten nor lost.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import type { Task } from '../../../protocol/task.ts';
import { useEditing } from '../edit/edit-context.tsx';
import { useActor } from '../task/told.tsx';
import { directionOf } from '../words/direction.ts';

export type TextField = 'title' | 'description' | 'note' | 'review_note';

export interface EditableTextProps {
  task: ListedTask;
  field: TextField;
  isSingle?: boolean;
  startsOpen?: boolean;
}

export function EditableText({ task, field, isSingle = false, startsOpen = false }: EditableTextProps) {
  const { t } = useTranslation();
  const actor = useActor();
  const { text, base, begin, write, save, drop } = useDraft(task, field, isSingle);
  const isOvertaken = base !== undefined && base[field] !== task[field];
  return (
    <div className="field" data-field={field}>
      <label htmlFor={`task-${field}`} className={isSingle ? 'sr-only' : undefined}>
        {t(`field.${field}`)}
      </label>
      <textarea
        data-autofocus={startsOpen || undefined}
        id={`task-${field}`}
        className={isSingle ? 'input title-input' : 'input grow'}
        dir={directionOf(text)}
        rows={isSingle ? 1 : 2}
        maxLength={isSingle ? 200 : 10_000}
        placeholder={t('task.empty')}
        value={text}
        onFocus={(event) => {
          begin();
          if (startsOpen) event.currentTarget.select();
        }}
        onChange={(event) => write(isSingle ? event.target.value.replace(/\n/g, ' ') : event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.stopPropagation();
            drop();
            event.currentTarget.blur();
          }
          if (event.key === 'Enter' && (isSingle || event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            event.currentTarget.blur();
          }
        }}
      />
      {isOvertaken && task.last_change && (
        <p className="overtaken">{t('task.editing', { who: actor(task.last_change) })}</p>
      )}
    </div>
  );
}

function useDraft(task: ListedTask, field: TextField, isRequired: boolean) {
  const { edits } = useEditing();
  const [draft, setDraft] = useState<{ base: Task; text: string } | undefined>(undefined);
  // Saved or dropped: "Escape" must reach the blur that follows it in the same moment.
  const isOver = useRef(false);
  const save = () => {
    setDraft(undefined);
    if (!draft || isOver.current) return;
    isOver.current = true;
    const text = isRequired ? draft.text.trim() : draft.text;
    if (text === (draft.base[field] ?? '') || (isRequired && text === '')) return;
    void edits.set(draft.base, { [field]: text === '' ? null : text });
  };
  // "Back" takes the field away without a blur.
  const newest = useRef(save);
  useEffect(() => {
    newest.current = save;
  });
  useEffect(() => () => newest.current(), []);
  return {
    text: draft?.text ?? task[field] ?? '',
    base: draft?.base,
    begin: () => {
      isOver.current = false;
      setDraft({ base: task, text: task[field] ?? '' });
    },
    write: (text: string) => setDraft((current) => ({ base: current?.base ?? task, text })),
    save,
    drop: () => {
      isOver.current = true;
      setDraft(undefined);
    },
  };
}

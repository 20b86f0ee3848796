// Where lines are written. Behind @ and # it offers the names that fit.
import { type KeyboardEvent, type RefObject, useId, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { directionOf } from '../words/direction.ts';
import { type Completion, complete, completionAt } from './complete.model.ts';
import type { LineNames } from './line.model.ts';

export interface LineFieldProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  names: LineNames;
  onChange: (text: string) => void;
}

export function LineField({ field, text, names, onChange }: LineFieldProps) {
  const { t } = useTranslation();
  const list = useId();
  const { completion, active, look, onKeyDown, accept, close } = useCompletion({ field, text, names, onChange });
  return (
    <div className="line-field">
      <textarea
        ref={field}
        className="input"
        dir={directionOf(text)}
        rows={Math.min(12, text.split('\n').length)}
        placeholder={t('create.placeholder')}
        aria-label={t('create.placeholder')}
        aria-autocomplete="list"
        aria-controls={completion && list}
        aria-activedescendant={completion && `${list}-${active}`}
        value={text}
        onChange={(event) => {
          onChange(event.target.value);
          look();
        }}
        onSelect={look}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      {completion && (
        <div id={list} className="offers" role="listbox" aria-label={t('create.offers')}>
          {completion.choices.map((choice, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field has the focus and its keys choose
            <div
              key={choice.id}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === active}
              className="offer"
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => accept(choice.name)}
            >
              <bdi>{choice.name}</bdi>
            </div>
          ))}
        </div>
      )}
      <span className="sr-only" role="status">
        {completion && t('create.fit', { count: completion.choices.length })}
      </span>
    </div>
  );
}

interface CompletionState {
  completion: Completion | undefined;
  active: number;
  look: () => void;
  close: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  accept: (name: string) => void;
}

function useCompletion({ field, text, names, onChange }: LineFieldProps): CompletionState {
  const [caret, setCaret] = useState<number | undefined>(undefined);
  const [active, setActive] = useState(0);
  const completion = caret === undefined ? undefined : completionAt(text, caret, names);
  const look = () => {
    const element = field.current;
    const isPoint = element && element.selectionStart === element.selectionEnd;
    setCaret(isPoint ? element.selectionStart : undefined);
    setActive(0);
  };
  const accept = (name: string) => {
    if (!completion || caret === undefined) return;
    const next = complete(text, caret, completion.at, name);
    // Before the next key: what a fast writer goes on with belongs behind the name.
    flushSync(() => {
      onChange(next.text);
      setCaret(undefined);
    });
    field.current?.setSelectionRange(next.caret, next.caret);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!completion || event.nativeEvent.isComposing) return;
    const { length } = completion.choices;
    if (event.key === 'ArrowDown') setActive((active + 1) % length);
    else if (event.key === 'ArrowUp') setActive((active + length - 1) % length);
    else if (event.key === 'Escape') setCaret(undefined);
    else if (event.key === 'Enter' || event.key === 'Tab') accept(completion.choices[active]?.name ?? '');
    else return;
    event.preventDefault();
  };
  return { completion, active, look, close: () => setCaret(undefined), onKeyDown, accept };
}

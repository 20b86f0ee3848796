// Approve finished work, or send it back with a reason.
import { Popover } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedTask } from '../../../client/index.ts';
import { useEditing } from '../edit/edit-context.tsx';

export function ApprovalActions({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const { edits } = useEditing();
  return (
    <div className="approval">
      <button
        type="button"
        className="button main"
        onClick={({ detail }) => {
          // The next task has moved up below the pointer by the second click of a double click.
          if (detail < 2) void edits.approve(task);
        }}
      >
        {t('action.approve')}
      </button>
      <SendBack task={task} />
    </div>
  );
}

/** Begun and not sent, by task: still there after "back". */
const begun = new Map<number, string>();

function useReason(id: number) {
  const [reason, setReason] = useState(() => begun.get(id) ?? '');
  const write = (text: string) => {
    begun.set(id, text);
    setReason(text);
  };
  return [reason, write] as const;
}

export function SendBack({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const { edits } = useEditing();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useReason(task.id);
  const send = () => {
    if (reason.trim() === '') return;
    setOpen(false);
    setReason('');
    void edits.sendBack(task, reason.trim());
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={320} trapFocus withinPortal>
      <Popover.Target>
        <button type="button" className="button" onClick={() => setOpen(!isOpen)}>
          {t('action.sendBack')}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className="field"
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <label htmlFor={`reason-${task.id}`}>{t('task.reason')}</label>
          <textarea
            id={`reason-${task.id}`}
            className="input"
            rows={3}
            maxLength={10_000}
            dir="auto"
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
            }}
          />
          <span className="soft">{t('task.reasonHint')}</span>
          <button type="submit" className="button main" disabled={reason.trim() === ''}>
            {t('action.sendBack')}
          </button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

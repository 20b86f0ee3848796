// What will be made of the lines, before it is made; and which names are not clear.
import { IconCalendar, IconTool } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import { useEditing } from '../edit/edit-context.tsx';
import { useDays, useShown } from '../live/live.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { Person } from '../task/person.tsx';
import type { Draft } from './create.model.ts';
import type { Line } from './line.model.ts';

const shown = 6;

export interface PreviewProps {
  text: string;
  draft: Draft;
  onChange: (text: string) => void;
}

export function Preview({ text, draft: { lines, tooLong, untitled }, onChange }: PreviewProps) {
  const { t } = useTranslation();
  if (lines.length === 0) return null;
  const unclear = new Map(lines.flatMap((line) => line.unclear.map((one) => [one.text, one] as const)));
  return (
    <div className="preview">
      <p className="label">{t('create.preview')}</p>
      <ol>
        {lines.slice(0, shown).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
          <PreviewLine key={index} line={line} />
        ))}
      </ol>
      {lines.length > shown && <p className="soft">{t('today.more', { count: lines.length - shown })}</p>}
      {[...unclear.values()].slice(0, 3).map((one) => (
        <Unclear
          key={one.text}
          mention={one}
          onName={(name) => onChange(text.replace(one.text, `${one.text[0]}${name}`))}
        />
      ))}
      {tooLong !== undefined && <p className="late">{t('create.tooLong', { line: tooLong })}</p>}
      {untitled !== undefined && <p className="late">{t('create.untitled', { line: untitled })}</p>}
    </div>
  );
}

function PreviewLine({ line: { task } }: { line: Line }) {
  const { t } = useTranslation();
  const { employees, systems } = useShown();
  const { now } = useDays();
  const words = useTimeWords();
  const employee = task.employee_id == null ? undefined : employees.get(task.employee_id);
  const system = task.system_id == null ? undefined : systems.get(task.system_id);
  return (
    <li className="preview-line">
      <bdi className="preview-title">{task.title}</bdi>
      {employee && <Person name={employee.name} />}
      {system && (
        <span className="preview-part">
          <IconTool size={14} aria-hidden="true" />
          <bdi>{system.name}</bdi>
        </span>
      )}
      {task.due_at && (
        <span className="preview-part" data-part="due">
          <IconCalendar size={14} aria-hidden="true" />
          {words.moment(task.due_at, now)}
        </span>
      )}
      {task.priority === 'urgent' && <span className="priority-urgent">{t('priority.urgent')}</span>}
    </li>
  );
}

/** A name that none or several have: choose, or add it. */
function Unclear({ mention, onName }: { mention: Line['unclear'][number]; onName: (name: string) => void }) {
  const { t } = useTranslation();
  const { text, found, kind } = mention;
  const name = text.slice(1);
  const add = useAdd();
  if (found.length > 0) {
    return (
      <p className="unclear">
        {t('create.several', { name: text })}
        {found.slice(0, 4).map((row) => (
          <button key={row.id} type="button" className="chip" onClick={() => onName(row.name)}>
            <bdi>{row.name}</bdi>
          </button>
        ))}
      </p>
    );
  }
  return (
    <p className="unclear">
      {t(kind === 'employee' ? 'create.nobody' : 'create.nowhere', { name: text })}
      <button type="button" className="chip" onClick={() => void add(kind, name)}>
        {t(kind === 'employee' ? 'create.addEmployee' : 'create.addSystem', { name })}
      </button>
    </p>
  );
}

/** The line finds the new name by itself as soon as the feed has told it. */
function useAdd(): (kind: 'employee' | 'system', name: string) => Promise<void> {
  const feed = useTaskfeed();
  const { toasts } = useEditing();
  return async (kind, name) => {
    const proper = name.charAt(0).toLocaleUpperCase() + name.slice(1);
    try {
      await feed.request('POST', `/api/${kind}s`, { name: proper });
    } catch (error) {
      toasts.show({ tone: 'trouble', key: 'toast.failed', detail: error instanceof Error ? error.message : '' });
    }
  };
}

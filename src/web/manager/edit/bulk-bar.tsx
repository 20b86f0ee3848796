// What can be done to all chosen tasks at once.
import { Menu } from '@mantine/core';
import { IconCalendar, IconLink, IconProgress, IconTrash, IconUser, IconX } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { ListedTask } from '../../../client/index.ts';
import { statuses } from '../../../protocol/task.ts';
import type { TaskValues } from '../../../protocol/writes.ts';
import { useDays, useShown } from '../live/live.tsx';
import { useSignal } from '../live/signal.ts';
import { useSite } from '../site/site-context.tsx';
import { quickDues } from '../task/quick-due.ts';
import { Track } from '../task/status-track.tsx';
import { useEditing } from './edit-context.tsx';

/** `tasks` are those in sight: what is filtered away is never changed unseen. */
export function BulkBar({ tasks }: { tasks: readonly ListedTask[] }) {
  const { t } = useTranslation();
  const { edits, selection } = useEditing();
  const navigate = useNavigate();
  const chosenIds = useSignal(selection);
  const chosen = tasks.filter(({ id }) => chosenIds.has(id));
  if (chosen.length === 0) return null;
  const clear = () => selection.set(new Set());
  const set = (values: TaskValues) => void edits.setMany(chosen, values);
  const remove = () => {
    clear();
    void edits.remove(chosen);
  };
  const people = new Set(chosen.map(({ employee_id }) => employee_id));
  return (
    <section ref={tellHeight} className="bulk" aria-label={t('bulk.label')}>
      <strong className="digits">{t('bulk.count', { count: chosen.length })}</strong>
      <button type="button" className="button plain clear" onClick={clear}>
        <IconX size={16} aria-hidden="true" />
        {t('bulk.clear')}
      </button>
      <StatusMenu onChoose={set} />
      <EmployeeMenu onChoose={set} />
      <DueMenu onChoose={set} />
      {people.size === 1 && !people.has(null) && (
        <button
          type="button"
          className="button"
          onClick={() => void navigate(`/links?tasks=${chosen.map(({ id }) => id).join(',')}`)}
        >
          <IconLink size={16} aria-hidden="true" />
          {t('bulk.link')}
        </button>
      )}
      <button type="button" className="button danger" onClick={remove}>
        <IconTrash size={16} aria-hidden="true" />
        {t('action.delete')}
      </button>
    </section>
  );
}

/** Between the bar and what stands above it, px. */
const barGap = 8;

/** Messages stand above the bar, whatever its rows. */
function tellHeight(bar: HTMLElement): () => void {
  const { style } = document.documentElement;
  const observer = new ResizeObserver(() => style.setProperty('--bulk-room', `${bar.offsetHeight + barGap}px`));
  observer.observe(bar);
  return () => {
    observer.disconnect();
    style.removeProperty('--bulk-room');
  };
}

interface Choose {
  onChoose: (values: TaskValues) => void;
}

/** Opens above the whole bar, whose count says what a choice is for; on a phone its buttons stand in several rows. */
function BulkMenu({ label, icon, children }: { label: string; icon: ReactNode; children: ReactNode }) {
  const button = useRef<HTMLButtonElement>(null);
  const [offset, setOffset] = useState(barGap);
  const measure = () => {
    const bar = button.current?.closest('.bulk');
    if (!button.current || !bar) return;
    setOffset(button.current.getBoundingClientRect().top - bar.getBoundingClientRect().top + barGap);
  };
  return (
    <Menu position="top-start" offset={offset} onOpen={measure}>
      <Menu.Target>
        <button ref={button} type="button" className="button">
          {icon}
          {label}
        </button>
      </Menu.Target>
      <Menu.Dropdown className="filter-list">{children}</Menu.Dropdown>
    </Menu>
  );
}

function StatusMenu({ onChoose }: Choose) {
  const { t } = useTranslation();
  return (
    <BulkMenu label={t('bulk.status')} icon={<IconProgress size={16} aria-hidden="true" />}>
      {statuses
        .filter((status) => status !== 'received')
        .map((status) => (
          <Menu.Item key={status} leftSection={<Track status={status} />} onClick={() => onChoose({ status })}>
            {t(`status.${status}`)}
          </Menu.Item>
        ))}
    </BulkMenu>
  );
}

function EmployeeMenu({ onChoose }: Choose) {
  const { t } = useTranslation();
  const { employees } = useShown();
  const active = [...employees.values()].filter((one) => one.active).sort((a, b) => a.name.localeCompare(b.name));
  return (
    <BulkMenu label={t('bulk.employee')} icon={<IconUser size={16} aria-hidden="true" />}>
      <Menu.Item onClick={() => onChoose({ employee_id: null })}>{t('value.nobody')}</Menu.Item>
      {active.map(({ id, name }) => (
        <Menu.Item key={id} onClick={() => onChoose({ employee_id: id })}>
          <bdi>{name}</bdi>
        </Menu.Item>
      ))}
    </BulkMenu>
  );
}

function DueMenu({ onChoose }: Choose) {
  const { t } = useTranslation();
  const { timezone } = useSite();
  const days = useDays();
  return (
    <BulkMenu label={t('bulk.due')} icon={<IconCalendar size={16} aria-hidden="true" />}>
      {quickDues(days, timezone).map(({ key, at }) => (
        <Menu.Item key={key} onClick={() => onChoose({ due_at: at })}>
          {t(`due.${key}`)}
        </Menu.Item>
      ))}
    </BulkMenu>
  );
}

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Link } from '../../../client/index.ts';
import { useTaskfeed } from '../../../client/react.tsx';
import { useEditing } from '../edit/edit-context.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { Person } from '../task/person.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { type Issued, readIssued } from './issued-dialog.tsx';
import { stateOf } from './links.model.ts';

export interface LinkTableProps {
  links: readonly Link[];
  now: number;
  onIssued: (link: Issued) => void;
}

const columns = [
  'field.employee_name',
  'links.tasks',
  'links.state',
  'links.opened',
  'links.acknowledged',
  'links.lastUsed',
  'links.expires',
];

export function LinkTable({ links, now, onIssued }: LinkTableProps) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section className="link-table" tabIndex={0} aria-label={t('links.title')}>
      <table>
        <thead>
          <tr>
            {columns.map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">{t('app.more')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {links.map((link) => (
            <LinkRow key={link.id} link={link} now={now} onIssued={onIssued} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function LinkRow({ link, now, onIssued }: { link: Link } & Omit<LinkTableProps, 'links'>) {
  const { t } = useTranslation();
  const words = useTimeWords();
  const state = stateOf(link, now);
  return (
    <tr data-state={state}>
      <td className="link-owner">
        <Person name={link.employee_name} />
      </td>
      <td className="digits" data-label={t('links.tasks')}>
        {link.task_ids.length}
      </td>
      <td className="link-state">{t(`links.${state}`)}</td>
      {[link.opened_at, link.acknowledged_at, link.last_used_at].map((time, index) => (
        <td
          key={columns[index + 3]}
          className={time === null ? 'soft' : undefined}
          data-label={t(columns[index + 3] ?? '')}
        >
          {time === null ? t('links.never') : <time dateTime={time}>{words.ago(time, now)}</time>}
        </td>
      ))}
      <td className="link-expires" data-label={t('links.expires')}>
        <time dateTime={link.expires_at}>{words.moment(link.expires_at, now)}</time>
      </td>
      <td className="link-do">
        <LinkActions link={link} isActive={state === 'active'} onIssued={onIssued} />
      </td>
    </tr>
  );
}

interface LinkActionsProps extends Pick<LinkTableProps, 'onIssued'> {
  link: Link;
  isActive: boolean;
}

function LinkActions({ link, isActive, onIssued }: LinkActionsProps) {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { toasts } = useEditing();
  const [asked, setAsked] = useState<'revoke' | 'renew'>('renew');
  const [isAsking, setAsking] = useState(false);
  const ask = (what: typeof asked) => {
    setAsked(what);
    setAsking(true);
  };
  const act = async () => {
    // The dialog can still be clicked while it fades.
    if (!isAsking) return;
    setAsking(false);
    try {
      if (asked === 'revoke') await feed.request('DELETE', `/api/links/${link.id}`);
      else {
        const body = await feed.request('POST', `/api/links/${link.id}/renew`, {});
        onIssued(readIssued(body, { employeeId: link.employee_id, count: link.task_ids.length }));
      }
    } catch (error) {
      toasts.show({ tone: 'trouble', key: 'toast.failed', detail: error instanceof Error ? error.message : '' });
    }
  };
  const name = link.employee_name ?? '';
  return (
    <span className="link-actions">
      <button type="button" className="button" onClick={() => ask('renew')}>
        {t('links.renew')}
      </button>
      {isActive && (
        <button type="button" className="button danger" onClick={() => ask('revoke')}>
          {t('links.revoke')}
        </button>
      )}
      <AskDialog
        isOpen={isAsking}
        title={t(`links.${asked}`)}
        question={t(`links.${asked}Ask`, { name })}
        isDanger={asked === 'revoke'}
        onYes={() => void act()}
        onNo={() => setAsking(false)}
      />
    </span>
  );
}

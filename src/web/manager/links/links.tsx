// Links: the employees' way in, and what has become of each.
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useDays, useShown } from '../live/live.tsx';
import { ScreenHead } from '../shell/screen-head.tsx';
import '../task/task.css';
import '../today/today.css';
import { type Issued, IssuedDialog } from './issued-dialog.tsx';
import { LinkTable } from './link-table.tsx';
import './links.css';
import { linksView } from './links.model.ts';
import { MakeLink } from './make-link.tsx';

export default function Links() {
  const { t } = useTranslation();
  const { links } = useShown();
  const { now } = useDays();
  const [query, setQuery] = useSearchParams();
  const [issued, setIssued] = useState<Issued | undefined>(undefined);
  const isMaking = query.has('employee') || query.has('tasks') || query.has('new');
  const { active, ended } = useMemo(() => linksView(links.values(), now), [links, now]);
  return (
    <>
      <ScreenHead title={t('links.title')} aside={<span className="soft digits">{active.length}</span>}>
        <button type="button" className="button main" data-key="n" onClick={() => setQuery({ new: '' })}>
          <IconPlus size={16} aria-hidden="true" />
          {t('links.make')}
        </button>
      </ScreenHead>
      <div className="screen">
        <p className="soft links-intro">{t('links.intro')}</p>
        {isMaking && (
          <MakeLink
            key={query.toString()}
            onIssued={(link) => {
              setIssued(link);
              setQuery({});
            }}
            onClose={() => setQuery({})}
          />
        )}
        {links.size === 0 && !isMaking && (
          <div className="empty">
            <p className="soft">{t('links.none')}</p>
            <button type="button" className="button main" onClick={() => setQuery({ new: '' })}>
              {t('links.make')}
            </button>
          </div>
        )}
        {active.length > 0 && <LinkTable links={active} now={now} onIssued={setIssued} />}
        {ended.length > 0 && (
          <details className="ended">
            <summary>
              {t('links.ended')} <span className="group-count digits">{ended.length}</span>
            </summary>
            <LinkTable links={ended.slice(0, 100)} now={now} onIssued={setIssued} />
          </details>
        )}
      </div>
      <IssuedDialog issued={issued} onClose={() => setIssued(undefined)} />
    </>
  );
}

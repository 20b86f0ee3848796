// Whether the employee has the task on their phone, and what they did with it.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { ListedTask } from '../../../client/index.ts';
import { useDays, useShown } from '../live/live.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { parseTime } from '../times/days.ts';

export function LinkState({ task }: { task: ListedTask }) {
  const { t } = useTranslation();
  const { links } = useShown();
  const { now } = useDays();
  const words = useTimeWords();
  const active = [...links.values()].filter(
    (link) => link.task_ids.includes(task.id) && link.revoked_at === null && (parseTime(link.expires_at) ?? 0) > now,
  );
  return (
    <section className="drawer-section" aria-labelledby="link-title">
      <h3 id="link-title">{t('task.link')}</h3>
      {active.length === 0 && <p className="soft">{t('task.noLink')}</p>}
      {active.map((link) => (
        <div key={link.id}>
          <Link to="/links">{t('task.inLink', { name: link.employee_name ?? t('value.unknown') })}</Link>
          <dl className="facts">
            {(['opened_at', 'acknowledged_at', 'last_used_at', 'expires_at'] as const).map((name) => (
              <div key={name}>
                <dt>{t(`links.${factKeys[name]}`)}</dt>
                <dd>{link[name] === null ? t('links.never') : words.moment(link[name], now)}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </section>
  );
}

const factKeys = {
  opened_at: 'opened',
  acknowledged_at: 'acknowledged',
  last_used_at: 'lastUsed',
  expires_at: 'expires',
} as const;

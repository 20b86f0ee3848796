// The lamp that says how fresh the page is, and the tape and the banner when it is not.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useFreshness, useTaskfeed } from '../../../client/react.tsx';
import { useTimeWords } from '../site/site-context.tsx';
import { freshnessView } from './freshness.model.ts';

export function useFreshnessView() {
  return freshnessView(useFreshness());
}

/** For styles, and for whoever looks from outside. */
export function useFreshnessMark(level: string): void {
  useEffect(() => {
    document.documentElement.dataset['freshness'] = level;
  }, [level]);
}

/** Always in sight: live, catching up, or stale as of when. */
export function FreshnessLamp() {
  const { t } = useTranslation();
  const { level, label, detail, since } = useFreshnessView();
  const { clock } = useTimeWords();
  const time = since === undefined ? '–' : clock(since);
  return (
    <p className="freshness" role="status" title={detail && t(`fresh.${detail}`)}>
      <span className="lamp" data-level={level} aria-hidden="true" />
      <strong>{t(`fresh.${label}`, { time })}</strong>
    </p>
  );
}

/** Nobody overlooks that what is below may be out of date. */
export function StaleBanner() {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const { level, detail, action } = useFreshnessView();
  if (level !== 'stale' && level !== 'ended') return null;
  const act = () => {
    if (action === 'tryNow') feed.checkNow();
    else location.reload();
  };
  return (
    <div className="stale-banner" role="alert">
      <span className="stale-tape" aria-hidden="true" />
      <p>
        <strong>{t('fresh.warning')}</strong> {detail && t(`fresh.${detail}`)}
      </p>
      {action && (
        <button type="button" className="button" onClick={act}>
          {t(`fresh.${action}`)}
        </button>
      )}
    </div>
  );
}

/**
 * In place of everything: who is signed out sees nothing of what is for managers, on whatever screen it was and whatever
 * lay over it. Signing in leads back to the same address.
 */
export function SignedOut() {
  const { t } = useTranslation();
  const { detail } = useFreshnessView();
  return (
    <main className="signed-out" role="alert">
      <span className="stale-tape" aria-hidden="true" />
      <h1>{detail && t(`fresh.${detail}`)}</h1>
      <p>{t('fresh.hidden')}</p>
      <button type="button" className="button main" onClick={() => location.reload()}>
        {t('fresh.signIn')}
      </button>
    </main>
  );
}

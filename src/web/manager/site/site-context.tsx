// The site's facts and the words for its times, for every component below.
import { createContext, type PropsWithChildren, useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteFacts } from '../../../protocol/site.ts';
import { createTimeWords, type TimeWords } from '../times/time-words.ts';

const SiteContext = createContext<SiteFacts | undefined>(undefined);
const TimesContext = createContext<TimeWords | undefined>(undefined);

export function SiteProvider({ site, children }: PropsWithChildren<{ site: SiteFacts }>) {
  const { t, i18n } = useTranslation();
  const words = useMemo(
    () => createTimeWords({ locale: i18n.language, zone: site.timezone, t: (key, values) => t(key, values ?? {}) }),
    [i18n.language, site.timezone, t],
  );
  return (
    <SiteContext value={site}>
      <TimesContext value={words}>{children}</TimesContext>
    </SiteContext>
  );
}

export function useSite(): SiteFacts {
  const site = useContext(SiteContext);
  if (!site) throw new Error('There is no <SiteProvider> above this component.');
  return site;
}

export function useTimeWords(): TimeWords {
  const words = useContext(TimesContext);
  if (!words) throw new Error('There is no <SiteProvider> above this component.');
  return words;
}

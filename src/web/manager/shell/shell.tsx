// What surrounds every screen: the rail, the freshness, the task drawer, messages, and what must be decided.
import { DirectionProvider } from '@mantine/core';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, useLocation } from 'react-router';
import { ToastRegion } from '../edit/toast-region.tsx';
import { useKeys } from '../keys/use-keys.ts';
import type { Signal } from '../live/signal.ts';
import type { Me } from '../site/me.ts';
import { useSite } from '../site/site-context.tsx';
import { Announcer } from './announcer.tsx';
import { FreshnessLamp, SignedOut, StaleBanner, useFreshnessMark, useFreshnessView } from './freshness-lamp.tsx';
import { Guard } from './guard.tsx';
import { LateParts } from './late-parts.tsx';
import { MissedBanner } from './missed-banner.tsx';
import { Nav, Tabs } from './nav.tsx';
import { SettingsMenu } from './settings-menu.tsx';
import './banners.css';
import './shell.css';
import './narrow.css';

export function Shell({ me }: { me: Signal<Me | undefined> }) {
  const { t, i18n } = useTranslation();
  const [isHelpOpen, setHelpOpen] = useState(false);
  useKeys({ onHelp: () => setHelpOpen(true) });
  const { name } = useSite();
  const { pathname } = useLocation();
  const { level, action } = useFreshnessView();
  useFreshnessMark(level);
  if (action === 'signIn') return <SignedOut />;
  return (
    <DirectionProvider key={i18n.language} initialDirection={i18n.dir()} detectDirection={false}>
      <div className="shell">
        <a className="skip" href="#main">
          {t('app.skip')}
        </a>
        <header className="rail">
          <p className="site-name clip">{name}</p>
          <FreshnessLamp />
          <Nav />
          <SettingsMenu me={me} onKeys={() => setHelpOpen(true)} />
        </header>
        <main id="main" className="content" tabIndex={-1}>
          <StaleBanner />
          <MissedBanner />
          <Guard key={pathname}>
            <Suspense fallback={<p className="loading">{t('app.loading')}</p>}>
              <Outlet />
            </Suspense>
          </Guard>
        </main>
        <Tabs />
        <Announcer />
        <LateParts isHelpOpen={isHelpOpen} onCloseHelp={() => setHelpOpen(false)} />
        <ToastRegion />
      </div>
    </DirectionProvider>
  );
}

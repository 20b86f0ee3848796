// Everything around the screens, and which screen is at which address.
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy } from 'react';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import { TaskfeedProvider } from '../../client/react.tsx';
import type { SiteFacts } from '../../protocol/site.ts';
import { type Editing, EditProvider } from './edit/edit-context.tsx';
import { type Live, LiveProvider } from './live/live.tsx';
import type { Signal } from './live/signal.ts';
import { Guard } from './shell/guard.tsx';
import { Shell } from './shell/shell.tsx';
import type { Me } from './site/me.ts';
import { SiteProvider } from './site/site-context.tsx';
import { theme } from './theme/theme.ts';
import { Today } from './today/today.tsx';

const Board = lazy(() => import('./board/board.tsx'));
const Table = lazy(() => import('./table/table.tsx'));
const Employees = lazy(() => import('./employees/employees.tsx'));
const Systems = lazy(() => import('./systems/systems.tsx'));
const Links = lazy(() => import('./links/links.tsx'));
const FeedScreen = lazy(() => import('./feed-numbers/feed-screen.tsx'));
const PrintSheets = lazy(() => import('./table/print-sheets.tsx'));

const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 2_000 } } });

export interface AppProps {
  live: Live;
  editing: Editing;
  me: Signal<Me | undefined>;
  site: SiteFacts;
  nonce: string | undefined;
}

export function App({ live, editing, me, site, nonce }: AppProps) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ''}>
      <QueryClientProvider client={queries}>
        <TaskfeedProvider client={live.feed}>
          <SiteProvider site={site}>
            <LiveProvider live={live}>
              <EditProvider editing={editing}>
                <BrowserRouter>
                  <Screens me={me} />
                </BrowserRouter>
              </EditProvider>
            </LiveProvider>
          </SiteProvider>
        </TaskfeedProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Screens({ me }: Pick<AppProps, 'me'>) {
  return (
    <Routes>
      <Route element={<Shell me={me} />}>
        <Route index element={<Today />} />
        <Route path="board" element={<Board />} />
        <Route path="table" element={<Table />} />
        <Route path="employees" element={<Employees />} />
        <Route path="systems" element={<Systems />} />
        <Route path="links" element={<Links />} />
        <Route path="feed" element={<FeedScreen />} />
      </Route>
      <Route
        path="print"
        element={
          <Guard>
            <PrintSheets />
          </Guard>
        }
      />
      <Route path="*" element={<Navigate to="/" replace />} />
    </Routes>
  );
}

// The employee's page at /c/:token, once its script runs: takes over what the server drew. Wired here.
import type { Freshness } from '../../client/freshness.ts';
import { createLinkFeed } from '../../client/link-feed.ts';
import type { Ending, PageState, ShownFreshness } from '../../view/state.ts';
import { App } from './app.tsx';
import { openOutboxStore } from './outbox-store.ts';
import { createSend } from './send.ts';

const root = document.getElementById('page');
const drawn = document.getElementById('state');
if (root && drawn) void start(root, JSON.parse(drawn.textContent ?? '') as PageState);

async function start(root: HTMLElement, state: PageState): Promise<void> {
  const token = state.path.slice(state.path.lastIndexOf('/') + 1);
  const feed = createLinkFeed({ token, page: state.page });
  const app = new App({
    root,
    state,
    store: await openOutboxStore(),
    send: createSend(state.api),
    serverNow: () => feed.serverNow(),
  });
  feed.page.subscribe(() => {
    const page = feed.page.get();
    if (page) app.show(page);
  });
  feed.freshness.subscribe(() => {
    const freshness = feed.freshness.get();
    const ending = endingOf(freshness);
    if (ending) app.end(ending);
    else app.showFreshness(shownFreshness(freshness));
  });
  app.draw();
  feed.start();
  follow(app);
  await app.courier.start();
}

const endings: Record<string, Ending> = {
  revoked: 'revoked',
  link_revoked: 'revoked',
  expired: 'expired',
  link_expired: 'expired',
  link_unknown: 'unknown',
};

function endingOf({ state, code = '' }: Freshness): Ending | undefined {
  return state === 'ended' ? endings[code] : undefined;
}

function shownFreshness({ state, code, since }: Freshness): ShownFreshness {
  const asOf = since === undefined ? {} : { asOf: since };
  if (state === 'live') return { level: code === 'deaf' ? 'late' : 'live' };
  return { level: state === 'stale' || state === 'ended' ? 'stale' : 'connecting', ...asOf };
}

function follow(app: App): void {
  const isVisible = () => document.visibilityState === 'visible';
  const back = () => void (isVisible() && app.courier.hurry());
  for (const name of ['online', 'focus', 'pageshow']) window.addEventListener(name, back);
  document.addEventListener('visibilitychange', () => (isVisible() ? back() : void app.courier.flush()));
  window.addEventListener('pagehide', () => void app.courier.flush());
  // Counting down what can be undone; telling times in words that grow old by themselves.
  let beats = 0;
  setInterval(() => {
    beats += 1;
    if (isVisible() && (app.isUndoable || beats % 30 === 0)) app.draw();
  }, 1_000);
}

// The board: one page, fed live. Wiring only.
import { createRoot } from 'react-dom/client';
import { createTaskfeed } from '../../client/index.ts';
import './theme/styles.ts';
import { App } from './app.tsx';
import { Edits } from './edit/edits.ts';
import { Toasts } from './edit/toasts.ts';
import { Calm } from './live/calm.ts';
import { News } from './live/news.ts';
import { Signal } from './live/signal.ts';
import { readMe } from './site/me.ts';
import { readPageFacts } from './site/site.ts';
import { startWords } from './words/i18n.ts';
import { chooseLanguage } from './words/languages.ts';

async function start(root: HTMLElement): Promise<void> {
  const { site, nonce } = readPageFacts(document);
  // Where the library that stops the page behind a dialog from scrolling looks for the nonce of its style.
  Object.assign(globalThis, { __webpack_nonce__: nonce });
  const feed = createTaskfeed({ withLastChange: true });
  const me = readMe(feed);
  await startWords(chooseLanguage([localStorage.getItem('language'), ...navigator.languages, site.language]));
  const calm = new Calm({ feed });
  const news = new News({ feed, isOwn: ({ actor }) => actor === me.get()?.actor });
  const toasts = new Toasts();
  const edits = new Edits({ feed, toasts });
  const selection = new Signal<ReadonlySet<number>>(new Set());
  const live = { feed, calm, news };
  createRoot(root).render(<App live={live} editing={{ edits, toasts, selection }} me={me} site={site} nonce={nonce} />);
}

const root = document.getElementById('app');
if (root) void start(root);

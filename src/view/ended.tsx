/** @jsxImportSource preact */
// The page of a link that has ended, or that never was: it says whom to ask, and nothing about what was behind it.
import { Entries } from './entries.tsx';
import { Contact } from './pieces.tsx';
import type { Actions, Ending, PageState, ShownSite } from './state.ts';
import { timesOf } from './times.ts';
import { wordsOf } from './words.ts';

export interface EndedProps {
  language: string;
  site: ShownSite;
  ending: Ending;
  /** What was still on its way when an open page was locked. */
  kept?: { state: PageState; actions: Actions };
}

export function Ended({ language, site, ending, kept }: EndedProps) {
  const words = wordsOf(language);
  const { title, text } = words.ended[ending];
  return (
    <div class="page ended">
      <header class="bar">
        <p class="site" dir="auto">
          {site.name}
        </p>
      </header>
      <main>
        <section class="message" role={kept ? 'alert' : undefined}>
          <h1>{title}</h1>
          <p>{text}</p>
          {ending !== 'trouble' && (
            <p>
              <strong>{words.askForNew}</strong>
            </p>
          )}
          {site.contact !== null && <Contact contact={site.contact} />}
        </section>
        {kept && kept.state.entries.length > 0 && <Kept {...kept} />}
      </main>
    </div>
  );
}

function Kept({ state, actions }: { state: PageState; actions: Actions }) {
  const words = wordsOf(state.language);
  const times = timesOf({ language: state.language, timezone: state.site.timezone, now: state.now });
  return (
    <section class="kept-entries">
      <h2>{words.keptTitle}</h2>
      <p>{words.keptHint}</p>
      <Entries state={state} words={words} times={times} actions={actions} entries={state.entries} isTitled />
    </section>
  );
}

/** @jsxImportSource preact */
// The employee's page: one function of its state, for the server's first paint and for the page itself.
import { Acknowledge } from './acknowledge.tsx';
import { Entries } from './entries.tsx';
import { openCount, shownTasks } from './model.ts';
import { Button, Contact, Said, type Surroundings } from './pieces.tsx';
import type { Actions, PageState } from './state.ts';
import { TaskCard } from './task-card.tsx';
import { type Times, timesOf } from './times.ts';
import { spoken, type Words, wordsOf } from './words.ts';

export interface PageProps {
  state: PageState;
  actions?: Actions | undefined;
}

export function Page({ state, actions }: PageProps) {
  const words = wordsOf(state.language);
  const times = timesOf({ language: state.language, timezone: state.site.timezone, now: state.now });
  const around: Surroundings = { state, words, times, actions };
  const tasks = shownTasks(state);
  const open = openCount(tasks);
  const { page, site } = state;
  return (
    <div class="page" data-freshness={state.freshness.level}>
      <Bar {...around} />
      <main>
        <header class="greeting">
          <p class="date">{times.day(state.now)}</p>
          <h1>{words.hello(page.employee.name)}</h1>
          {tasks.length > 0 && <p class="count">{words.count(tasks.length, open)}</p>}
        </header>
        <News {...around} />
        <Orphans {...around} />
        <Acknowledge {...around} open={open} />
        <noscript>
          <p class="message">{words.noScript}</p>
        </noscript>
        {tasks.length > 0 && (
          <ol class="tasks" aria-label={words.tasks}>
            {tasks.map((shown) => (
              <TaskCard key={shown.task.id} {...around} shown={shown} />
            ))}
          </ol>
        )}
      </main>
      <footer class="foot">
        {site.contact !== null && (
          <>
            <h2>{words.contact}</h2>
            <Contact contact={site.contact} />
          </>
        )}
        <p>{words.expires(times.moment(page.link.expires_at))}</p>
      </footer>
      <Enlarged {...around} />
      <p class="unseen" role="status" aria-live="polite">
        {state.announcement}
      </p>
    </div>
  );
}

function speak(actions: Actions, tag: string) {
  return (event: Event) => {
    event.preventDefault();
    actions.speak(tag);
  };
}

/** Which site this is, how fresh the page is, and the switch of languages. */
function Bar({ state, words, times, actions }: Surroundings) {
  return (
    <header class="bar">
      <p class="site" dir="auto">
        {state.site.name}
      </p>
      <nav class="languages" aria-label={words.language}>
        {spoken.map(({ tag, name }) => (
          <a
            key={tag}
            href={`${state.path}?lang=${tag}`}
            lang={tag}
            aria-current={tag === state.language ? 'true' : undefined}
            {...(actions ? { onClick: speak(actions, tag) } : {})}
          >
            {name}
          </a>
        ))}
      </nav>
      {state.freshness.level !== 'still' && (
        <p class="freshness">
          <span class="lamp" aria-hidden="true" />
          {freshnessWords(state, words, times)}
        </p>
      )}
    </header>
  );
}

export function freshnessWords({ freshness, now }: PageState, words: Words, times: Times): string {
  const { level, asOf } = freshness;
  if (level === 'stale') return words.stale(times.clock(asOf ?? now));
  return level === 'live' ? words.live : level === 'late' ? words.slow : words.connecting;
}

/** A word for each task that came or left while the page was open. */
function News({ state, words, actions }: Surroundings) {
  if (state.news.length === 0) return null;
  return (
    <ul class="news">
      {state.news.map(({ id, kind, title }) => (
        <li key={id} data-kind={kind}>
          <p>
            {kind === 'new' ? words.newTask : words.goneTask} <Said>{title}</Said>
          </p>
          <Button class="small" onPress={actions && (() => actions.dismiss(id))}>
            {words.ok}
          </Button>
        </li>
      ))}
    </ul>
  );
}

/** What was meant for tasks that have left: they have no card any more. */
function Orphans(around: Surroundings) {
  const { state, words } = around;
  const shown = new Set(state.page.tasks.map(({ id }) => id));
  const entries = state.entries.filter(
    ({ taskId, phase }) => taskId !== null && !shown.has(taskId) && phase !== 'sent',
  );
  if (entries.length === 0) return null;
  return (
    <section class="kept-entries">
      <h2>{words.keptTitle}</h2>
      <Entries {...around} entries={entries} isTitled />
    </section>
  );
}

function openDialog(dialog: HTMLDialogElement | null): void {
  if (dialog && !dialog.open) dialog.showModal();
}

function Enlarged({ state, words, actions }: Surroundings) {
  const { enlarged } = state;
  if (enlarged === undefined) return null;
  const close = () => actions?.enlarge(undefined);
  return (
    <dialog class="enlarged" aria-label={words.photos} onClose={close} ref={openDialog}>
      <img src={enlarged} alt="" />
      <Button class="strong" onPress={close}>
        {words.close}
      </Button>
    </dialog>
  );
}

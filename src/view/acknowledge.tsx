/** @jsxImportSource preact */
// The one big button for the link, and what stands in its place once nothing is left to say or to do.
import { waitingWords } from './entries.tsx';
import { receiptOf } from './model.ts';
import { Icon, type Surroundings } from './pieces.tsx';

export function Acknowledge({ open, ...around }: Surroundings & { open: number }) {
  const { state, words, times } = around;
  const receipt = receiptOf(state);
  const { page } = state;
  if (receipt !== 'given') return <GotIt {...around} receipt={receipt} />;
  return (
    <>
      {open === 0 && <AllDone {...around} />}
      {page.link.acknowledged_at !== null && page.tasks.length > 0 && (
        <p class="receipt">
          <Icon shape="check" /> {words.gotItSince(times.moment(page.link.acknowledged_at))}
        </p>
      )}
    </>
  );
}

// A form, so that it works before and without scripts.
function GotIt({ state, words, actions, receipt }: Surroundings & { receipt: 'owed' | 'owed again' | 'on its way' }) {
  const isOnItsWay = receipt === 'on its way';
  const entry = state.entries.find(({ kind }) => kind === 'acknowledge');
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isOnItsWay) actions?.acknowledge();
  };
  return (
    <form
      class="acknowledge"
      method="post"
      action={`${state.path}/acknowledge?lang=${state.language}`}
      {...(actions ? { onSubmit: submit } : {})}
    >
      <button type="submit" class="button strong huge" aria-disabled={isOnItsWay ? 'true' : undefined}>
        <Icon shape="check" /> {words.gotIt}
      </button>
      <p>
        {isOnItsWay ? (entry?.phase === 'sending' ? words.sending : waitingWords(state, words)) : hint(receipt, words)}
      </p>
    </form>
  );
}

function hint(receipt: string, words: Surroundings['words']): string {
  return receipt === 'owed again' ? words.gotItNew : words.gotItHint;
}

function AllDone({ state, words }: Surroundings) {
  const isEmpty = state.page.tasks.length === 0;
  return (
    <section class="all-done">
      <span class="seal" aria-hidden="true">
        <Icon shape="check" />
      </span>
      <h2>{isEmpty ? words.nothing : words.allDone(state.page.employee.name)}</h2>
      <p>{isEmpty ? words.nothingHint : words.allDoneHint}</p>
    </section>
  );
}

/** @jsxImportSource preact */
// One task: what, where, until when, what the office says, its photos, and what its employee can do.
import type { LinkedSystem } from '../protocol/link.ts';
import { Doings } from './doings.tsx';
import { Entries } from './entries.tsx';
import { dialable, isReported, type ShownTask } from './model.ts';
import { Icon, Lines, Said, type Surroundings } from './pieces.tsx';

type CardProps = Surroundings & { shown: ShownTask };

export function TaskCard({ shown, ...around }: CardProps) {
  const { task, status } = shown;
  const { state, words, times } = around;
  const change = state.changed[task.id];
  const fields = change ? [...new Set(change.fields.flatMap((field) => words.fields[field] ?? []))] : [];
  return (
    <li>
      <article
        class="task"
        tabIndex={-1}
        id={`task-${task.id}`}
        aria-labelledby={`title-${task.id}`}
        data-status={status}
        data-changed={change ? 'yes' : undefined}
      >
        <Head {...around} shown={shown} />
        {change && fields.length > 0 && (
          <p class="changed">{words.changedNow(fields.join(', '), times.clock(change.at))}</p>
        )}
        {isReported(task.status) ? (
          <details class="more">
            <summary>{words.details}</summary>
            <Body {...around} shown={shown} />
          </details>
        ) : (
          <Body {...around} shown={shown} />
        )}
        <Photos {...around} shown={shown} />
        <Entries {...around} entries={shown.entries} task={task} />
        <Doings {...around} shown={shown} />
      </article>
    </li>
  );
}

function Head({ shown: { task, status, entries }, words, times }: CardProps) {
  const isOnItsWay = entries.some(({ step, isOnTop, phase }) => step !== undefined && isOnTop && phase !== 'sent');
  const isLate = task.due_at !== null && !isReported(status) && times.isPast(task.due_at);
  return (
    <header>
      <p class="tags">
        {task.priority !== 'normal' && (
          <span class="tag" data-priority={task.priority}>
            {words.priority[task.priority]}
          </span>
        )}
        <span class="tag" data-status={status} data-on-its-way={isOnItsWay ? 'yes' : undefined}>
          {words.status[status]}
        </span>
      </p>
      <h2 id={`title-${task.id}`}>
        <Said>{task.title}</Said>
      </h2>
      {task.due_at !== null && (
        <p class="due" data-late={isLate ? 'yes' : undefined}>
          <Icon shape="clock" /> {words.due} {times.moment(task.due_at)}
          {isLate && <strong> · {words.late}</strong>}
        </p>
      )}
    </header>
  );
}

function Body({ shown: { task, note }, ...around }: CardProps) {
  const { state, words } = around;
  const system = state.page.systems.find(({ id }) => id === task.system_id);
  return (
    <div class="body">
      {task.system_name !== null && <Place {...around} system={system} name={task.system_name} />}
      {task.review_note && (
        <section class="review">
          <h3>{words.sentBack}</h3>
          <Lines>{task.review_note}</Lines>
        </section>
      )}
      {task.description && (
        <section>
          <h3>{words.fromOffice}</h3>
          <Lines>{task.description}</Lines>
        </section>
      )}
      {note && (
        <section class="note">
          <h3>{words.yourNote}</h3>
          <Lines>{note}</Lines>
        </section>
      )}
    </div>
  );
}

function Place({ system, name, words }: Surroundings & { system: LinkedSystem | undefined; name: string }) {
  const number = dialable(system?.phone ?? null);
  const who = system?.contact_name || name;
  return (
    <section class="place">
      <p>
        <Icon shape="place" /> <span class="unseen">{words.where}: </span>
        <strong>
          <Said>{name}</Said>
        </strong>
        {system?.location && (
          <>
            <br />
            <Said>{system.location}</Said>
          </>
        )}
      </p>
      {number !== undefined && (
        <a class="button call" href={`tel:${number}`}>
          <Icon shape="phone" />
          <span>
            {words.call(who)}
            <br />
            <bdi dir="ltr">{system?.phone}</bdi>
          </span>
        </a>
      )}
      {number === undefined && (system?.contact_name || system?.phone) && (
        <p>
          {words.contact}: <Said>{[system.contact_name, system.phone].filter(Boolean).join(', ')}</Said>
        </p>
      )}
    </section>
  );
}

function Photos({ shown: { task }, state, words, actions }: CardProps) {
  if (task.image_ids.length === 0) return null;
  return (
    <ul class="photos" aria-label={words.photos}>
      {task.image_ids.map((id, index) => (
        <li key={id}>
          <Photo
            address={`${state.api}/images/${id}`}
            label={words.photo(index + 1, task.title)}
            onEnlarge={actions && ((address) => actions.enlarge(address))}
          />
        </li>
      ))}
    </ul>
  );
}

interface PhotoProps {
  address: string;
  label: string;
  onEnlarge: ((address: string) => void) | undefined;
}

// A link, so that it can be seen large without scripts too, and where a browser has no dialogs.
function Photo({ address, label, onEnlarge }: PhotoProps) {
  const enlarge = (event: Event) => {
    if (typeof HTMLDialogElement === 'undefined') return;
    event.preventDefault();
    onEnlarge?.(address);
  };
  return (
    <a href={address} {...(onEnlarge ? { onClick: enlarge } : {})}>
      <img src={`${address}/thumbnail`} alt={label} width="96" height="96" loading="lazy" decoding="async" />
    </a>
  );
}

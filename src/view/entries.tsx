/** @jsxImportSource preact */
// What the employee did and how far it has come: waiting, sent, or refused with everything that was written kept.
import type { Task } from '../protocol/task.ts';
import { Button, Icon, Lines, Said, type Surroundings } from './pieces.tsx';
import type { PageState, ShownEntry } from './state.ts';
import type { Words } from './words.ts';

type EntryProps = Surroundings & { entry: ShownEntry };

interface EntriesProps extends Surroundings {
  entries: ShownEntry[];
  task?: Task;
  /** Say what each is about: they do not stand on their task's card. */
  isTitled?: boolean;
}

export function Entries({ entries, task, isTitled = false, ...around }: EntriesProps) {
  if (entries.length === 0) return null;
  return (
    <ul class="entries" aria-label={task?.title}>
      {entries.map((entry) => (
        <li key={entry.key} class="entry" data-kind={entry.kind} data-phase={entry.phase}>
          {entry.photo && <img src={entry.photo.url} alt={entry.photo.name} width="64" height="64" />}
          <div class="told">
            {isTitled && entry.taskTitle !== '' && (
              <h3>
                <Said>{entry.taskTitle}</Said>
              </h3>
            )}
            <p>
              <strong>{what(entry, around)}</strong> {progress(entry, around)}
            </p>
            {entry.phase === 'sending' && entry.progress !== undefined && (
              <progress value={entry.progress} max={1} aria-label={what(entry, around)} />
            )}
            {entry.phase === 'refused' && <Refused {...around} entry={entry} isOver={isTitled} />}
          </div>
          {(entry.phase === 'undoable' || (entry.phase === 'waiting' && entry.kind === 'photo')) && (
            <Button class="small" onPress={around.actions && (() => around.actions?.undo(entry.key))}>
              {entry.kind === 'photo' ? around.words.remove : around.words.undo}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function what({ kind, step }: ShownEntry, { words }: Surroundings): string {
  return step === undefined ? words.what[kind] : words.moved(words.status[step]);
}

function progress(entry: ShownEntry, { state, words, times }: Surroundings) {
  switch (entry.phase) {
    case 'undoable':
      return words.undoable(entry.secondsLeft ?? 0);
    case 'waiting':
      return waitingWords(state, words);
    case 'sending':
      return entry.progress === undefined ? words.sending : `${words.sending} ${Math.round(entry.progress * 100)} %`;
    case 'sent':
      return (
        <>
          <Icon shape="check" /> {words.sent(times.clock(entry.sentAt ?? 0))}
        </>
      );
    case 'refused':
      return words.notSent;
  }
}

export function waitingWords({ freshness }: PageState, words: Words): string {
  return freshness.level === 'stale' ? words.waiting : words.queued;
}

/** Why it was not taken, what was written, and the ways on. */
function Refused({ entry, isOver, words, actions }: EntryProps & { isOver: boolean }) {
  const refusal = entry.refusal ?? 'refused';
  const { text, photo, key } = entry;
  // A newer link shows its task again: then it can be sent through that one.
  const isLeftBehind = refusal === 'ended' && !isOver;
  const canRetry = isLeftBehind || ['changed', 'refused', 'full'].includes(refusal) || (refusal === 'closed' && text);
  return (
    <>
      <p>{words.refusal[refusal]}</p>
      {text && <Lines class="kept">{text}</Lines>}
      <div class="ways">
        {canRetry && (
          <Button class="small strong" onPress={actions && (() => actions.retry(key))}>
            {refusal === 'changed' ? words.sendAnyway : refusal === 'closed' ? words.sendText : words.retry}
          </Button>
        )}
        {text && (
          <Button class="small" onPress={actions && (() => actions.copy(text))}>
            {words.copy}
          </Button>
        )}
        {photo && (
          <a class="button small" href={photo.url} download={photo.name}>
            {words.download}
          </a>
        )}
        <Button class="small" onPress={actions && (() => actions.discard(key))}>
          {words.discard}
        </Button>
      </div>
    </>
  );
}

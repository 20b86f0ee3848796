/** @jsxImportSource preact */
// What the employee can do with a task: the legal next steps, a note, photos.
import type { TaskStatus } from '../protocol/task.ts';
import { isReported, type ShownTask } from './model.ts';
import { Button, Icon, type Surroundings } from './pieces.tsx';
import type { Editor } from './state.ts';
import type { Words } from './words.ts';

type DoingsProps = Surroundings & { shown: ShownTask };

export function Doings({ shown, ...around }: DoingsProps) {
  const { state, words, actions } = around;
  const { task, status } = shown;
  const editor = state.editor?.taskId === task.id ? state.editor : undefined;
  if (editor) return <EditorForm {...around} editor={editor} />;
  // Approved is the end: nothing more can be said about it from here.
  if (status === 'completed' || status === 'draft') return null;
  const press = (step: TaskStatus) => () => {
    if (step === 'not_completed') actions?.edit({ taskId: task.id, kind: 'cannot', text: '' });
    else actions?.step(task.id, step);
  };
  return (
    <div class="doings needs-script">
      <div class="steps">
        {shown.steps.map((step) => (
          <Button
            key={step}
            class={step === shown.steps[0] && !isReported(status) ? 'strong' : ''}
            onPress={actions && press(step)}
            describedBy={`title-${task.id}`}
          >
            {stepWords(step, status, words)}
          </Button>
        ))}
      </div>
      <div class="extras">
        <Button
          class="quiet"
          onPress={actions && (() => actions.edit({ taskId: task.id, kind: 'note', text: shown.note ?? '' }))}
          describedBy={`title-${task.id}`}
        >
          {shown.note ? words.changeNote : words.addNote}
        </Button>
        <PhotoInput {...around} taskId={task.id} isCamera />
        <PhotoInput {...around} taskId={task.id} isCamera={false} />
      </div>
    </div>
  );
}

function stepWords(step: TaskStatus, from: TaskStatus, words: Words): string {
  if (step === 'in_progress') return isReported(from) ? words.resume : words.start;
  return step === 'pending_approval' ? words.done : words.cannot;
}

// Two inputs: with `capture` a phone opens its camera and offers nothing else.
function PhotoInput({ taskId, isCamera, words, actions }: Surroundings & { taskId: number; isCamera: boolean }) {
  const pick = ({ currentTarget }: Event & { currentTarget: HTMLInputElement }) => {
    const files = Array.from(currentTarget.files ?? []);
    // Emptied, so that the same photo can be chosen again.
    currentTarget.value = '';
    if (files.length > 0) actions?.addPhotos(taskId, files);
  };
  return (
    <label class="button quiet" data-disabled={actions ? undefined : 'yes'}>
      <input
        type="file"
        class="unseen"
        accept="image/*"
        aria-describedby={`title-${taskId}`}
        disabled={!actions}
        {...(isCamera ? { capture: 'environment' as const } : { multiple: true })}
        {...(actions ? { onChange: pick } : {})}
      />
      <Icon shape={isCamera ? 'camera' : 'pictures'} /> {isCamera ? words.takePhoto : words.choosePhotos}
    </label>
  );
}

// One function for all renderings, so that it is called when the field appears and not with every letter.
function takeFocus(field: HTMLTextAreaElement | null): void {
  field?.focus();
}

function EditorForm({ editor, words, actions }: Surroundings & { editor: Editor }) {
  const { taskId, kind, text } = editor;
  const isCannot = kind === 'cannot';
  const id = `editor-${taskId}`;
  const submit = (event: Event) => {
    event.preventDefault();
    actions?.submitEditor();
  };
  return (
    <form class="editor" onSubmit={submit}>
      <label for={id}>{isCannot ? words.cannotLabel : words.noteLabel}</label>
      {isCannot && <p id={`${id}-hint`}>{words.cannotHint}</p>}
      <textarea
        id={id}
        dir="auto"
        rows={4}
        maxLength={10_000}
        required={isCannot}
        aria-describedby={isCannot ? `${id}-hint` : undefined}
        value={text}
        ref={takeFocus}
        onInput={({ currentTarget }) => actions?.edit({ ...editor, text: currentTarget.value })}
      />
      <div class="steps">
        <button type="submit" class="button strong">
          {isCannot ? words.send : words.save}
        </button>
        <Button onPress={() => actions?.edit(undefined)}>{words.cancel}</Button>
      </div>
    </form>
  );
}

/** @jsxImportSource preact */
// The page's state and what its buttons do. Everything that is shown is drawn from here, by src/view.
import { hydrate, render } from 'preact';
import type { LinkPage } from '../../protocol/link.ts';
import type { Task, TaskStatus } from '../../protocol/task.ts';
import { Ended } from '../../view/ended.tsx';
import { shownTasks } from '../../view/model.ts';
import { Page } from '../../view/page.tsx';
import type { Actions, Editor, Ending, PageState, ShownEntry, ShownFreshness } from '../../view/state.ts';
import { wordsOf } from '../../view/words.ts';
import { Courier, newKey } from './courier.ts';
import { differences, ofOthers, tell } from './news.ts';
import { type Answer, type Entry, undoMs } from './outbox.ts';
import type { OutboxStore, PhotoFile } from './outbox-store.ts';
import { PhotoAddresses } from './photos.ts';
import type { Send } from './send.ts';
import { type Sent, sentOf, shownEntries } from './shown.ts';
import { shrink } from './shrink.ts';

export interface AppOptions {
  root: HTMLElement;
  /** As the server drew it. */
  state: PageState;
  store: OutboxStore;
  send: Send;
  /** Now by the server's clock, ms. */
  serverNow: () => number;
}

export class App {
  readonly courier: Courier;
  readonly #options: AppOptions;
  readonly #photos = new PhotoAddresses();
  readonly #actions: Actions;
  #state: PageState;
  #ending: Ending | undefined;
  #sent: Sent[] = [];
  /** Tasks as an answer told them, until the feed has told the same. */
  readonly #answered = new Map<number, Task>();
  #isDrawDue = false;
  #lastOrder = 0;

  constructor(options: AppOptions) {
    this.#options = options;
    // Exactly what the server drew is taken over; what scripts can do more comes with the next drawing.
    hydrate(<Page state={options.state} />, options.root);
    this.#state = { ...options.state, freshness: { level: 'connecting' } };
    this.courier = new Courier({
      store: options.store,
      linkId: options.state.page.link.id,
      send: options.send,
      taskIds: () => this.#state.page.tasks.map(({ id }) => id),
      onChange: () => this.draw(),
      onConfirmed: (entry, answer) => {
        this.#sent.push(sentOf(entry, answer, this.#options.serverNow()));
        this.#adopt(answer);
        this.#announce(this.#words.announceSent(this.#nameOf(entry)));
      },
      onRefused: (entry) => this.#announce(this.#words.announceRefused(entry.taskTitle)),
      onEnded: (ending) => this.end(ending),
    });
    this.#actions = this.#makeActions();
  }

  /** The server's truth, newer than what is shown. */
  show(told: LinkPage): void {
    const page = { ...told, tasks: this.#notOlder(told.tasks) };
    const found = ofOthers(differences(this.#state.page, page), [
      ...this.courier.entries,
      ...this.#sent.map(({ entry }) => entry),
    ]);
    const now = this.#options.serverNow();
    this.#set({ page, ...tell(this.#state, found, now) });
    const { newTask, goneTask, announceChanged } = this.#words;
    for (const { kind, task } of found) {
      if (kind === 'changed') this.#announce(announceChanged(task.title));
      else this.#announce(`${kind === 'new' ? newTask : goneTask} ${task.title}`);
    }
  }

  showFreshness(freshness: ShownFreshness): void {
    const wasStale = this.#state.freshness.level === 'stale';
    this.#set({ freshness });
    if (wasStale && freshness.level === 'live') void this.courier.hurry();
  }

  /** Locks the page. What is in the outbox or was being written stays. */
  end(ending: Ending): void {
    if (this.#ending) return;
    this.#ending = ending;
    void this.courier.end();
    this.draw();
  }

  /** Soon, and once for all that happens until then. */
  draw(): void {
    if (this.#isDrawDue) return;
    this.#isDrawDue = true;
    queueMicrotask(() => {
      this.#isDrawDue = false;
      this.#drawNow();
    });
  }

  get isUndoable(): boolean {
    return this.#entries().some(({ phase }) => phase === 'undoable');
  }

  #drawNow(): void {
    const state = { ...this.#state, now: this.#options.serverNow(), entries: this.#entries() };
    this.#photos.keepOnly(new Set(state.entries.map(({ key }) => key)));
    const { root } = this.#options;
    const { language, site } = state;
    if (!this.#ending) {
      render(<Page state={state} actions={this.#actions} />, root);
      return;
    }
    const kept = { state: { ...state, entries: [...state.entries, ...this.#unsaved()] }, actions: this.#actions };
    render(<Ended language={language} site={site} ending={this.#ending} kept={kept} />, root);
  }

  #entries(): ShownEntry[] {
    const { courier } = this;
    const shown = shownEntries({
      entries: courier.entries,
      sent: this.#ending ? [] : this.#sent,
      tasks: this.#state.page.tasks,
      now: Date.now(),
      isOnItsWay: (key) => courier.isOnItsWay(key),
      progressOf: (key) => courier.progressOf(key),
      photoUrl: (key) => this.#photos.of(key, courier, () => this.draw()),
    });
    return shown;
  }

  /** A text that was being written when the link ended is shown like one that was not sent. */
  #unsaved(): ShownEntry[] {
    const { editor } = this.#state;
    if (!editor?.text) return [];
    const taskTitle = this.#task(editor.taskId)?.title ?? '';
    const { taskId, text } = editor;
    return [
      { key: 'editor', taskId, taskTitle, kind: 'note', text, isOnTop: false, phase: 'refused', refusal: 'ended' },
    ];
  }

  #makeActions(): Actions {
    const { courier } = this;
    return {
      acknowledge: () => void this.#add({ taskId: null, taskTitle: '', what: { kind: 'acknowledge' } }),
      step: (taskId, status) => void this.#update(taskId, { status }),
      edit: (editor) => this.#edit(editor),
      submitEditor: () => this.#submit(),
      addPhotos: (taskId, files) => void this.#addPhotos(taskId, files),
      undo: (key) => void courier.undo(key),
      retry: (key) => {
        const entry = courier.entries.find((one) => one.key === key);
        void courier.retry(key, this.#task(entry?.taskId ?? undefined));
      },
      discard: (key) => (key === 'editor' ? this.#set({ editor: undefined }) : void courier.discard(key)),
      copy: (text) => void this.#copy(text),
      dismiss: (id) => this.#set({ news: this.#state.news.filter((one) => one.id !== id) }),
      enlarge: (enlarged) => this.#set({ enlarged }),
      speak: (language) => this.#speak(language),
    };
  }

  #update(taskId: number, patch: { status?: TaskStatus; note?: string }): Promise<void> {
    const shown = shownTasks({ page: this.#state.page, entries: this.#entries() }).find(
      ({ task }) => task.id === taskId,
    );
    if (!shown) return Promise.resolve();
    const { task, status, note } = shown;
    const seen = { version: task.version, status, note };
    return this.#add({ taskId, taskTitle: task.title, what: { kind: 'update', patch, seen } });
  }

  #add(about: Pick<Entry, 'taskId' | 'taskTitle' | 'what'>, photo?: PhotoFile): Promise<void> {
    const now = Date.now();
    this.#lastOrder = Math.max(now, this.#lastOrder + 1);
    const notBefore = about.what.kind === 'update' ? now + undoMs : now;
    const { id } = this.#state.page.link;
    const entry = { ...about, key: newKey(), linkId: id, order: this.#lastOrder, notBefore, attempts: 0, retryAt: now };
    return this.courier.add(entry, photo);
  }

  async #addPhotos(taskId: number, files: File[]): Promise<void> {
    const taskTitle = this.#task(taskId)?.title ?? '';
    // One after the other: a phone may not hold several large pictures at once.
    for (const file of files) {
      const photo = await shrink(file);
      await this.#add({ taskId, taskTitle, what: { kind: 'photo', name: nameOf(file, photo) } }, photo);
    }
  }

  // The answer to "got it" says what is true now; the feed says the same a moment later.
  #adopt({ acknowledgedAt, tasks = [] }: Answer): void {
    if (acknowledgedAt === undefined) return;
    const { page } = this.#state;
    for (const task of tasks) this.#answered.set(task.id, task);
    const link = { ...page.link, acknowledged_at: page.link.acknowledged_at ?? acknowledgedAt };
    this.#set({ page: { ...page, link, tasks: this.#notOlder(page.tasks) } });
  }

  // The feed tells of the link first and of each of its tasks then: what an answer said already is not taken back meanwhile.
  #notOlder(tasks: readonly Task[]): Task[] {
    const isTold = new Map(tasks.map(({ id, version }) => [id, version]));
    for (const [id, { version }] of this.#answered) {
      if ((isTold.get(id) ?? version) >= version) this.#answered.delete(id);
    }
    return tasks.map((task) => this.#answered.get(task.id) ?? task);
  }

  #edit(editor: Editor | undefined): void {
    const before = this.#state.editor;
    this.#set({ editor });
    if (before && !editor) this.#focusTask(before.taskId);
  }

  #submit(): void {
    const { editor } = this.#state;
    if (!editor) return;
    const { taskId, kind } = editor;
    const text = editor.text.trim();
    const note = this.#task(taskId)?.note;
    if (kind === 'cannot') {
      // The reason joins what was noted before.
      const reason = note ? `${note}\n${text}` : text;
      if (text !== '') void this.#update(taskId, { status: 'not_completed', note: reason });
    } else if (text !== (note ?? '')) void this.#update(taskId, { note: text });
    this.#edit(undefined);
  }

  async #copy(text: string): Promise<void> {
    await copyText(text);
    this.#announce(this.#words.copied);
  }

  #speak(language: string): void {
    document.documentElement.lang = language;
    document.documentElement.dir = wordsOf(language).direction;
    document.title = `${wordsOf(language).title} · ${this.#state.site.name}`;
    // In the address, so that loading the page again speaks the same language.
    history.replaceState(null, '', `${this.#state.path}?lang=${language}`);
    this.#set({ language });
  }

  // The button that was pressed is gone; the next Tab should go on from its task.
  #focusTask(id: number): void {
    queueMicrotask(() => document.getElementById(`task-${id}`)?.focus({ preventScroll: true }));
  }

  #task(id: number | undefined): Task | undefined {
    return this.#state.page.tasks.find((task) => task.id === id);
  }

  #nameOf({ what }: Entry): string {
    const { words } = { words: this.#words };
    if (what.kind !== 'update') return words.what[what.kind];
    return what.patch.status === undefined ? words.what.note : words.moved(words.status[what.patch.status]);
  }

  get #words() {
    return wordsOf(this.#state.language);
  }

  #announce(announcement: string): void {
    this.#set({ announcement });
  }

  #set(change: Partial<PageState>): void {
    this.#state = { ...this.#state, ...change };
    this.draw();
  }
}

function nameOf(file: File, { type }: PhotoFile): string {
  const stem = file.name.replace(/\.[^.]*$/, '') || 'photo';
  return type === 'image/jpeg' ? `${stem}.jpg` : file.name || stem;
}

// The clipboard's own interface is missing on plain HTTP.
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return await navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

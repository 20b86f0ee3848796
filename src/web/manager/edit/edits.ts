// Everything that the person at this page does to tasks: shown at once, sent, taken back when asked, and explained when
// somebody else was faster.
import { type ListedTask, RequestError, type Taskfeed } from '../../../client/index.ts';
import { type Task, type TaskResult, task as taskSchema } from '../../../protocol/task.ts';
import type { CreateTask, TaskValues } from '../../../protocol/writes.ts';
import { Signal } from '../live/signal.ts';
import { OwnWrites, type Send } from './own-writes.ts';
import { inverseOf, type Names, patchOf, realChanges } from './patch.model.ts';
import type { Toasts } from './toasts.ts';

export interface Conflict {
  mine: TaskValues;
  base: Task;
  theirs: Task;
}

interface Undo {
  key: string;
  values: Record<string, unknown>;
  run: () => Promise<void>;
}

/** Above this a bulk change is shown when it has come back, not before: every row on its own would cost more than it saves. */
const mostAtOnce = 50;
const mostUndos = 30;

export class Edits {
  readonly conflict = new Signal<Conflict | undefined>(undefined);
  readonly undos = new Signal<readonly Undo[]>([]);
  readonly #feed: Taskfeed;
  readonly #toasts: Toasts;
  readonly #own = new OwnWrites();

  constructor({ feed, toasts }: { feed: Taskfeed; toasts: Toasts }) {
    this.#feed = feed;
    this.#toasts = toasts;
  }

  /** Writes fields of a task as the person saw it. False when it was not written. */
  async set(base: Task, values: TaskValues, { isUndo = false } = {}): Promise<boolean> {
    const changes = realChanges(values, base);
    if (Object.keys(changes).length === 0) return true;
    const send = (version: number) => this.#feed.request('PUT', `/api/tasks/${base.id}`, { ...changes, version });
    return await this.#write(base, changes, send, { isUndo });
  }

  /** "Keep mine": the same values on top of what is there now. */
  async keepMine({ mine, theirs }: Conflict): Promise<void> {
    this.conflict.set(undefined);
    await this.set(theirs, mine);
  }

  async approve(task: Task): Promise<boolean> {
    const send = (version: number) => this.#feed.request('POST', `/api/tasks/${task.id}/approve`, { version });
    return await this.#write(task, { status: 'completed' }, send);
  }

  async sendBack(task: Task, reason: string): Promise<boolean> {
    const send = (version: number) =>
      this.#feed.request('POST', `/api/tasks/${task.id}/send-back`, { reason, version });
    return await this.#write(task, { status: 'in_progress', review_note: reason }, send);
  }

  /** Creates all or none; the ids of the new tasks. */
  async create(tasks: CreateTask[]): Promise<number[]> {
    const created: number[] = [];
    await this.#try(async () => {
      for (let at = 0; at < tasks.length; at += 200) {
        const answer = (await this.#feed.request('POST', '/api/tasks', tasks.slice(at, at + 200))) as { tasks: Task[] };
        created.push(...answer.tasks.map(({ id }) => id));
      }
    });
    if (created.length > 0) {
      this.#remember('created', { count: created.length }, () => this.#delete(created));
    }
    return created;
  }

  async remove(tasks: readonly ListedTask[]): Promise<void> {
    const ids = tasks.map(({ id }) => id);
    await this.#delete(ids);
    this.#remember('deleted', { count: ids.length, title: tasks[0]?.title }, () => this.#restore(ids));
  }

  async restore(id: number): Promise<boolean> {
    return await this.#try(async () => {
      await this.#feed.request('POST', `/api/tasks/${id}/restore`);
      this.#toasts.show({ tone: 'done', key: 'toast.restored', values: { count: 1 } });
    });
  }

  /** The same values for many tasks, in one statement. */
  async setMany(tasks: readonly ListedTask[], values: TaskValues): Promise<void> {
    const changing = tasks.filter((task) => Object.keys(realChanges(values, task)).length > 0);
    if (changing.length === 0) return;
    const written: { before: Task; after: Task }[] = [];
    let refused = 0;
    await this.#try(async () => {
      for (let at = 0; at < changing.length; at += 1000) {
        const part = changing.slice(at, at + 1000);
        for (const { task, result } of await this.#patch(part, values)) {
          const before = part.find(({ id }) => id === task?.id);
          if (result === 'ok' && task && before) written.push({ before, after: task });
          else refused += 1;
        }
      }
    });
    if (written.length > 0) {
      this.#remember('changed', { count: written.length }, async () => {
        for (const { before, after } of written) await this.set(after, inverseOf(values, before), { isUndo: true });
      });
    }
    if (refused > 0) this.#toasts.show({ tone: 'trouble', key: 'toast.notAll', values: { count: refused } });
  }

  /** Takes back the last thing done here. */
  async undo(): Promise<void> {
    const last = this.undos.get().at(-1);
    if (!last) return;
    this.undos.change((undos) => undos.slice(0, -1));
    await this.#try(last.run);
  }

  async #patch(tasks: readonly ListedTask[], set: TaskValues): Promise<TaskResult[]> {
    const items = tasks.map(({ id, version }) => ({ id, version }));
    const sending = this.#feed.request('PATCH', '/api/tasks', { items, set }) as Promise<{ results: TaskResult[] }>;
    if (tasks.length <= mostAtOnce) {
      for (const { id } of tasks) {
        const own = async () => (await sending).results.find((result) => result.id === id);
        this.#feed.optimistic('task', id, patchOf(set, this.#names), own).catch(() => undefined);
      }
    }
    return (await sending).results;
  }

  async #write(base: Task, changes: TaskValues, send: Send, { isUndo = false } = {}): Promise<boolean> {
    try {
      const inTurn = () => this.#own.write(base, send);
      const answer = await this.#feed.optimistic('task', base.id, patchOf(changes, this.#names), inTurn);
      const after = taskSchema.parse((answer as { task: unknown }).task);
      if (!isUndo) {
        const undo = async () => void (await this.set(after, inverseOf(changes, base), { isUndo: true }));
        this.#remember('changed', { count: 1, title: after.title }, undo, { isQuiet: !('status' in changes) });
      }
      return true;
    } catch (error) {
      this.#explain(error, { mine: changes, base });
      return false;
    }
  }

  #explain(error: unknown, { mine, base }: Omit<Conflict, 'theirs'>): void {
    const isConflict = error instanceof RequestError && error.status === 409;
    const theirs = isConflict ? taskSchema.safeParse(error.body['task']) : undefined;
    if (theirs?.success) this.conflict.set({ mine, base, theirs: theirs.data });
    else this.#tell(error);
  }

  async #delete(ids: readonly number[]): Promise<void> {
    await this.#each(ids, (id) => {
      const send = () => this.#feed.request('DELETE', `/api/tasks/${id}`);
      return ids.length <= mostAtOnce ? this.#feed.optimistic('task', id, null, send) : send();
    });
  }

  async #restore(ids: readonly number[]): Promise<void> {
    await this.#each(ids, (id) => this.#feed.request('POST', `/api/tasks/${id}/restore`));
  }

  // A few at a time: a thousand deletions need not be a thousand open requests.
  async #each(ids: readonly number[], act: (id: number) => Promise<unknown>): Promise<void> {
    const waiting = [...ids];
    const work = async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift())
        await act(id).catch((error) => this.#tell(error));
    };
    await Promise.all(Array.from({ length: 6 }, work));
  }

  #remember(what: string, values: Record<string, unknown>, run: () => Promise<void>, { isQuiet = false } = {}): void {
    this.undos.change((undos) => [...undos, { key: what, values, run }].slice(-mostUndos));
    if (isQuiet) return;
    const action = { key: 'action.undo', run: () => void this.undo() };
    this.#toasts.show({ tone: 'done', key: `toast.${what}`, values, action });
  }

  get #names(): Names {
    return { systems: this.#feed.systems.rows, employees: this.#feed.employees.rows };
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.#tell(error);
      return false;
    }
  }

  #tell(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.#toasts.show({ tone: 'trouble', key: 'toast.failed', detail });
  }
}

// Everything that the person at this page does to tasks: shown at once, sent, taken back when asked, and explained when
// somebody else was faster.
import { type ListedTask, RequestError, type Taskfeed } from '../../../client/index.ts';
import { type Task, type TaskResult, task as taskSchema } from '../../../protocol/task.ts';
import type { CreateTask, TaskItem, TaskValues } from '../../../protocol/writes.ts';
import { Signal } from '../live/signal.ts';
import { OwnWrites, type Send } from './own-writes.ts';
import { clashesOf, inverseOf, type Names, patchOf, realChanges } from './patch.model.ts';
import type { Toasts } from './toasts.ts';

export interface Conflict {
  mine: TaskValues;
  base: Task;
  theirs: Task;
}

interface Undo {
  /** When it was answered. */
  isOver: Promise<unknown>;
  /** Undefined before that, and where nothing was done. */
  run?: () => Promise<void>;
  /** The message that offers it. */
  toastId?: number;
}

interface Done {
  /** What is said of it, a key under `toast`. */
  what: string;
  values: Record<string, unknown>;
  isQuiet?: boolean;
  takeBack: () => Promise<void>;
}

/** Above this a bulk change is shown when it has come back, not before: every row on its own would cost more than it saves. */
const mostAtOnce = 50;
/** What the server takes in one statement. */
const mostInOne = 1000;
const mostUndos = 30;

export class Edits {
  /** What the person has to decide, the oldest first. */
  readonly conflicts = new Signal<readonly Conflict[]>([]);
  readonly #feed: Taskfeed;
  readonly #toasts: Toasts;
  readonly #own = new OwnWrites();
  readonly #restoring = new Set<number>();
  #undos: readonly Undo[] = [];

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
  async keepMine(conflict: Conflict): Promise<void> {
    this.takeTheirs(conflict);
    await this.set(conflict.theirs, conflict.mine);
  }

  takeTheirs(conflict: Conflict): void {
    this.conflicts.change((conflicts) => conflicts.filter((one) => one !== conflict));
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
    const send = async () => {
      for (let at = 0; at < tasks.length; at += 200) {
        const answer = (await this.#feed.request('POST', '/api/tasks', tasks.slice(at, at + 200))) as { tasks: Task[] };
        created.push(...answer.tasks.map(({ id }) => id));
      }
    };
    await this.#undoable(async (done) => {
      await this.#try(send);
      if (created.length === 0) return;
      done({ what: 'created', values: { count: created.length }, takeBack: () => this.#delete(created) });
    });
    return created;
  }

  async remove(tasks: readonly ListedTask[]): Promise<void> {
    const ids = tasks.map(({ id }) => id);
    const values = { count: ids.length, title: tasks[0]?.title };
    await this.#undoable(async (done) => {
      await this.#delete(ids);
      done({ what: 'deleted', values, takeBack: () => this.#restore(ids) });
    });
  }

  async restore(id: number): Promise<boolean> {
    if (this.#restoring.has(id)) return false;
    this.#restoring.add(id);
    const isDone = await this.#try(async () => {
      await this.#feed.request('POST', `/api/tasks/${id}/restore`);
      this.#toasts.show({ tone: 'done', key: 'toast.restored', values: { count: 1 } });
    });
    this.#restoring.delete(id);
    return isDone;
  }

  /** The same values for many tasks, in one statement. */
  async setMany(tasks: readonly ListedTask[], values: TaskValues): Promise<void> {
    const changing = new Map(
      tasks.filter((task) => Object.keys(realChanges(values, task)).length > 0).map((task) => [task.id, task]),
    );
    if (changing.size === 0) return;
    const written: { before: Task; after: Task }[] = [];
    let refused = 0;
    const takeBack = async () => {
      for (const { before, after } of written) await this.set(after, inverseOf(values, before), { isUndo: true });
    };
    await this.#undoable(async (done) => {
      for (const { id, task, result } of await this.#patch(changing, values)) {
        const before = changing.get(id);
        if (result === 'ok' && task && before) written.push({ before, after: task });
        else refused += 1;
      }
      if (written.length > 0) done({ what: 'changed', values: { count: written.length }, takeBack });
    });
    if (refused > 0) this.#toasts.show({ tone: 'trouble', key: 'toast.notAll', values: { count: refused } });
  }

  /** Takes back the last thing done here, also if it is still on its way. */
  async undo(): Promise<void> {
    const last = this.#undos.at(-1);
    if (last) await this.#takeBack(last);
  }

  async #takeBack(undo: Undo): Promise<void> {
    if (!this.#undos.includes(undo)) return;
    this.#undos = this.#undos.filter((one) => one !== undo);
    await undo.isOver;
    if (undo.toastId !== undefined) this.#toasts.dismiss(undo.toastId);
    if (undo.run) await this.#try(undo.run);
  }

  async #patch(tasks: ReadonlyMap<number, ListedTask>, set: TaskValues): Promise<TaskResult[]> {
    const sending = this.#own.writeMany([...tasks.values()], async (items) => {
      const results = await this.#send(items, set);
      const again = results.flatMap(({ id, result, task }) => {
        const base = tasks.get(id);
        const isUnseen = result === 'stale_version' && task && base && clashesOf(set, base, task).length === 0;
        return isUnseen ? [{ id, version: task.version }] : [];
      });
      if (again.length === 0) return results;
      const second = new Map((await this.#send(again, set)).map((result) => [result.id, result]));
      return results.map((result) => second.get(result.id) ?? result);
    });
    if (tasks.size <= mostAtOnce) {
      for (const id of tasks.keys()) {
        const own = async () => {
          const result = (await sending).find((one) => one.id === id);
          if (!result) throw new Error(`Task ${id} was not written.`);
          return result;
        };
        this.#feed.optimistic('task', id, patchOf(set, this.#names), own).catch(() => undefined);
      }
    }
    return await sending;
  }

  // What was written before a failure counts.
  async #send(items: readonly TaskItem[], set: TaskValues): Promise<TaskResult[]> {
    const results: TaskResult[] = [];
    await this.#try(async () => {
      for (let at = 0; at < items.length; at += mostInOne) {
        const body = { items: items.slice(at, at + mostInOne), set };
        const answer = (await this.#feed.request('PATCH', '/api/tasks', body)) as { results: TaskResult[] };
        results.push(...answer.results);
      }
    });
    return results;
  }

  async #write(base: Task, changes: TaskValues, send: Send, { isUndo = false } = {}): Promise<boolean> {
    // Changed meanwhile, but what this person saw of the fields they write is still so: it goes on top of what is new.
    const persist = async (version: number) => {
      try {
        return await send(version);
      } catch (error) {
        const theirs = theirsIn(error);
        if (!theirs || theirs.version === version || clashesOf(changes, base, theirs).length > 0) throw error;
        return await send(theirs.version);
      }
    };
    const write = async (done?: (what: Done) => void) => {
      const inTurn = () => this.#own.write(base, persist);
      const answer = await this.#feed.optimistic('task', base.id, patchOf(changes, this.#names), inTurn);
      const after = taskSchema.parse((answer as { task: unknown }).task);
      const takeBack = async () => void (await this.set(after, inverseOf(changes, base), { isUndo: true }));
      done?.({ what: 'changed', values: { count: 1, title: after.title }, isQuiet: !('status' in changes), takeBack });
    };
    try {
      await (isUndo ? write() : this.#undoable(write));
      return true;
    } catch (error) {
      const theirs = theirsIn(error);
      if (theirs) this.conflicts.change((conflicts) => [...conflicts, { mine: changes, base, theirs }]);
      else this.#tell(error);
      return false;
    }
  }

  async #delete(ids: readonly number[]): Promise<void> {
    await this.#each(ids, (id) => {
      const send = () => this.#own.inTurn([id], () => this.#feed.request('DELETE', `/api/tasks/${id}`));
      return ids.length <= mostAtOnce ? this.#feed.optimistic('task', id, null, send) : send();
    });
  }

  async #restore(ids: readonly number[]): Promise<void> {
    await this.#each(ids, (id) => this.#own.inTurn([id], () => this.#feed.request('POST', `/api/tasks/${id}/restore`)));
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

  // Taken back in the order in which things were begun, whenever the server answers to each.
  async #undoable(act: (done: (what: Done) => void) => Promise<void>): Promise<void> {
    const undo: Undo = { isOver: Promise.resolve() };
    this.#undos = [...this.#undos, undo].slice(-mostUndos);
    const acting = act(({ what, values, isQuiet = false, takeBack }) => {
      undo.run = takeBack;
      if (isQuiet) return;
      // Of several messages, each takes back what it tells of.
      const action = { key: 'action.undo', run: () => void this.#takeBack(undo) };
      undo.toastId = this.#toasts.show({ tone: 'done', key: `toast.${what}`, values, action });
    });
    undo.isOver = acting.catch(() => undefined);
    try {
      await acting;
    } finally {
      if (!undo.run) this.#undos = this.#undos.filter((one) => one !== undo);
    }
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

function theirsIn(error: unknown): Task | undefined {
  if (!(error instanceof RequestError) || error.status !== 409) return undefined;
  return taskSchema.safeParse(error.body['task']).data;
}

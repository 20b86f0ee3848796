// One task as a table row. Cells are made once; afterwards only what differs is touched.
import type { ListedTask, TaskStatus } from '../../protocol/task.ts';
import type { BoardRow } from './board.ts';
import { element, giveRoles, setData, setText, userText } from './dom.ts';
import { ago, lateness, moment, parseTime } from './times.ts';
import { actorWords, type Notice, type Part, statusWords } from './wording.ts';

/** Steps of the way that are behind a task. */
const steps: Record<TaskStatus, number> = {
  draft: 0,
  sent: 1,
  received: 2,
  in_progress: 3,
  pending_approval: 4,
  completed: 5,
  not_completed: 4,
};
const allSteps = 5;

/** Times in words grow old this slowly, ms; in between a row whose task has not changed is left alone. */
const wordsAgeMs = 15_000;

export class Row {
  readonly element: HTMLTableRowElement;
  readonly #title = userText('', 'title-text');
  readonly #priority = element('span', 'mark');
  readonly #id = element('span', 'number');
  readonly #system = userText('');
  readonly #employee = userText('');
  readonly #track: HTMLElement;
  readonly #status = element('span', 'status-words');
  readonly #due = element('time');
  readonly #late = element('span', 'late');
  readonly #what = element('span', 'what');
  readonly #by = element('span', 'by');
  readonly #at = element('time', 'at');
  #task: ListedTask | undefined;
  #notice: Notice | undefined;
  #toldIn = Number.NaN;

  constructor(id: number) {
    this.#track = element('span', 'track', ...Array.from({ length: allSteps }, () => element('i')));
    this.#track.setAttribute('aria-hidden', 'true');
    setText(this.#id, `#${id}`);
    const title = element('th', 'title', this.#title, element('div', 'meta', this.#id, this.#priority));
    title.setAttribute('scope', 'row');
    this.element = element(
      'tr',
      'task',
      title,
      element('td', 'system', this.#system),
      element('td', 'employee', this.#employee),
      element('td', 'status', this.#status, this.#track),
      element('td', 'due', this.#due, this.#late),
      element('td', 'change', this.#what, ' ', this.#by, ' ', this.#at),
    );
    giveRoles(this.element);
    this.element.id = `task-${id}`;
  }

  draw({ task, notice, glow }: BoardRow, now: number): void {
    const isNew = task !== this.#task || notice !== this.#notice;
    if (task !== this.#task) this.#drawTask(task);
    if (isNew) this.#drawNotice(task, notice);
    this.#task = task;
    this.#notice = notice;
    const toldIn = Math.floor(now / wordsAgeMs);
    if (isNew || toldIn !== this.#toldIn) this.#drawTimes(task, notice, now);
    this.#toldIn = toldIn;
    // Two names in turn, so that a change during a glow starts it again.
    setData(this.element, 'glow', glow === 0 ? undefined : glow % 2 === 0 ? 'even' : 'odd');
  }

  #drawTask(task: ListedTask): void {
    setText(this.#title, task.title);
    setText(this.#priority, task.priority === 'normal' ? '' : task.priority);
    setText(this.#system, task.system_name ?? '');
    setText(this.#employee, task.employee_name ?? '');
    setText(this.#status, statusWords[task.status]);
    setData(this.element, 'status', task.status);
    setData(this.element, 'priority', task.priority);
    const behind = steps[task.status];
    Array.from(this.#track.children).forEach((step, index) => {
      step.className = index < behind ? 'done' : '';
    });
  }

  #drawNotice(task: ListedTask, notice: Notice | undefined): void {
    const by = notice?.by ?? (task.last_change && actorWords(task.last_change));
    this.#what.replaceChildren(
      ...(notice ? told(notice).map((part) => element('span', 'part', ...part)) : ['Changed']),
    );
    this.#by.replaceChildren(...(by ? ['by ', userText(by), ','] : []));
  }

  #drawTimes(task: ListedTask, notice: Notice | undefined, now: number): void {
    const due = parseTime(task.due_at);
    const isLate = task.status !== 'completed' && due !== undefined && due < now;
    setTime(this.#due, task.due_at, moment(task.due_at, now));
    setText(this.#late, isLate ? lateness(due, now) : '');
    setData(this.element, 'late', isLate ? 'yes' : undefined);
    const at = notice?.at ?? task.updated_at;
    setTime(this.#at, at, ago(at, now));
  }
}

/** "Status: sent → completed" for each part, with the texts of users kept apart. */
export function told({ verb, parts }: Notice): (Node | string)[][] {
  return parts.length === 0 ? [[verb]] : parts.map(toldPart);
}

function toldPart({ field, from, to }: Part): (Node | string)[] {
  if (from === undefined || to === undefined) return [`${field} changed`];
  const arrow = element('span', 'arrow', '→');
  return [`${field}: `, userText(from, 'old'), ' ', arrow, ' ', userText(to, 'new')];
}

function setTime(target: HTMLTimeElement, time: string | null, text: string): void {
  setText(target, text);
  if (target.dateTime !== (time ?? '')) target.dateTime = time ?? '';
}

// What surrounds the list: how fresh it is, the counts, the last change, and the page without a list.
import type { BoardView } from './board.ts';
import { byId, element, setData, setText, userText } from './dom.ts';
import type { FreshnessWords } from './freshness.ts';
import { told } from './row.ts';
import { TaskTable } from './table.ts';
import { ago } from './times.ts';
import type { Notice } from './wording.ts';

export class Page {
  readonly #table = new TaskTable(byId('tasks') as HTMLTableElement);
  readonly #latestAt = element('time');
  #latest: Notice | undefined;

  /** Calls back when the person wants to try again at once. */
  onRetry(retry: () => void): void {
    byId('retry').addEventListener('click', retry);
  }

  drawFreshness({ level, label, detail }: FreshnessWords): void {
    setData(document.documentElement, 'freshness', level);
    setText(byId('freshness-label'), label);
    setText(byId('freshness-detail'), detail);
    document.title = level === 'stale' ? `(stale) Taskfeed` : 'Taskfeed';
  }

  /** The first load has failed, or fails no more. */
  drawTrouble(trouble: string | undefined): void {
    byId('trouble').hidden = trouble === undefined;
    setText(byId('trouble-reason'), trouble ?? '');
    if (trouble !== undefined) byId('loading').hidden = true;
  }

  drawBoard(view: BoardView, now: number): void {
    const isEmpty = view.groups.length === 0;
    byId('loading').hidden = true;
    byId('trouble').hidden = true;
    byId('board').hidden = false;
    byId('empty').hidden = !isEmpty;
    byId('tasks').hidden = isEmpty;
    for (const name of ['overdue', 'open', 'done'] as const) {
      setText(byId(`count-${name}`), String(view.counts[name]));
    }
    setData(byId('counts'), 'overdue', view.counts.overdue > 0 ? 'yes' : undefined);
    this.#drawLatest(view.latest, now);
    this.#table.draw(view, now);
  }

  #drawLatest(latest: BoardView['latest'], now: number): void {
    const line = byId('latest');
    line.hidden = latest === undefined;
    if (!latest) return;
    const { task, notice } = latest;
    if (notice !== this.#latest) {
      this.#latest = notice;
      const what = told(notice).flatMap((part, index) => [...(index > 0 ? ['; '] : []), ...part]);
      line.replaceChildren(
        element('span', 'latest-title', userText(task.title)),
        element('span', 'latest-what', ...what, ', by ', userText(notice.by), ', ', this.#latestAt),
      );
    }
    setText(this.#latestAt, ago(notice.at, now));
  }
}

// Which columns of the board are open and which are folded to a strip, so that the board fits its window. Pure.
import type { TaskStatus } from '../../../protocol/task.ts';

/** What a person has done to a column; a column that is not named folds when there is no room. */
export type Choices = Readonly<Partial<Record<TaskStatus, 'open' | 'folded'>>>;

/** As board.css has them, px. */
export const openWidth = 176;
export const foldedWidth = 44;
export const columnGap = 8;

/** Who gives way first: what asks nothing of a manager. Never what waits for an answer, nor what is under way. */
const givesWay: readonly TaskStatus[] = ['completed', 'received', 'draft', 'not_completed'];

export interface FoldOptions {
  columns: readonly TaskStatus[];
  width: number;
  choices: Choices;
}

export function foldedColumns({ columns, width, choices }: FoldOptions): ReadonlySet<TaskStatus> {
  const folded = new Set(columns.filter((status) => choices[status] === 'folded'));
  const need = () =>
    (columns.length - folded.size) * openWidth + folded.size * foldedWidth + (columns.length - 1) * columnGap;
  for (const status of givesWay) {
    if (need() <= width) break;
    if (columns.includes(status) && choices[status] !== 'open') folded.add(status);
  }
  return folded;
}

/** What was remembered, whatever is found there. */
export function parseChoices(text: string | null, columns: readonly TaskStatus[]): Choices {
  const choices: Partial<Record<TaskStatus, 'open' | 'folded'>> = {};
  for (const part of (text ?? '').split(' ')) {
    const status = columns.find((one) => part === `${one}:open` || part === `${one}:folded`);
    if (status) choices[status] = part.endsWith(':open') ? 'open' : 'folded';
  }
  return choices;
}

export function choicesText(choices: Choices): string {
  return Object.entries(choices)
    .map(([status, choice]) => `${status}:${choice}`)
    .join(' ');
}

// Which columns of the board are open and which are folded to a strip, so that the board fits its window. Pure.
import type { TaskStatus } from '../../../protocol/task.ts';

/** What a person has done to a column; a column that is not named folds when there is no room. */
export type Choices = Readonly<Partial<Record<TaskStatus, 'open' | 'folded'>>>;

/** As board.css has them, px: a column as it should be, and at its narrowest. */
export const openWidth = 176;
export const narrowWidth = 152;
export const foldedWidth = 40;
export const columnGap = 8;

/**
 * Who gives way first: what asks nothing of a manager, so that the others have room. What a manager has still to do only
 * where they would not fit at their narrowest; never what waits for an answer, nor what is under way.
 */
const givesWay: readonly { status: TaskStatus; toHave: number }[] = [
  { status: 'completed', toHave: openWidth },
  { status: 'received', toHave: openWidth },
  { status: 'draft', toHave: narrowWidth },
  { status: 'not_completed', toHave: narrowWidth },
];

export interface FoldOptions {
  columns: readonly TaskStatus[];
  width: number;
  choices: Choices;
}

export function foldedColumns({ columns, width, choices }: FoldOptions): ReadonlySet<TaskStatus> {
  const folded = new Set(columns.filter((status) => choices[status] === 'folded'));
  const need = (open: number) =>
    (columns.length - folded.size) * open + folded.size * foldedWidth + (columns.length - 1) * columnGap;
  for (const { status, toHave } of givesWay) {
    if (need(toHave) <= width) break;
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

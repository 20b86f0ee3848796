// New tasks from lines of text. Pure.
import type { CreateTask } from '../../../protocol/writes.ts';
import { type Line, type LineOptions, readLine } from './line.model.ts';

export interface Draft {
  lines: Line[];
  /** Number of the first line whose title is too long, or that has none, from 1. */
  tooLong: number | undefined;
  untitled: number | undefined;
}

const longest = 200;

/** One task a line; marks of lists (-, *, •, 1., [ ]) are no part of a title. What a line says comes before `rest`. */
export function linesIn(text: string, rest: Omit<CreateTask, 'title'>, options: LineOptions): Draft {
  const draft: Draft = { lines: [], tooLong: undefined, untitled: undefined };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const plain = line.replace(/^\s*(?:[-*•]\s+|\d{1,3}[.)]\s+)?(?:\[[ xX]?\]\s+)?/, '').trim();
    if (plain === '') continue;
    const { task, unclear } = readLine(plain, options);
    if (task.title === '') draft.untitled ??= index + 1;
    if ([...task.title].length > longest) draft.tooLong ??= index + 1;
    draft.lines.push({ task: { ...rest, ...task }, unclear });
  }
  return draft;
}

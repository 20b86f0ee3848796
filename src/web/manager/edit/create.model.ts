// New tasks from lines of text. Pure.
import type { CreateTask } from '../../../protocol/writes.ts';

export interface Draft {
  tasks: CreateTask[];
  /** Number of the first line that cannot be a title, from 1. */
  tooLong: number | undefined;
}

const longest = 200;

/** One task a line; marks of lists (-, *, •, 1., [ ]) are no part of a title. */
export function tasksIn(text: string, rest: Omit<CreateTask, 'title'>): Draft {
  const lines = text.split(/\r?\n/);
  const tasks: CreateTask[] = [];
  let tooLong: number | undefined;
  for (const [index, line] of lines.entries()) {
    const title = line.replace(/^\s*(?:[-*•]\s+|\d{1,3}[.)]\s+)?(?:\[[ xX]?\]\s+)?/, '').trim();
    if (title === '') continue;
    if ([...title].length > longest) tooLong ??= index + 1;
    tasks.push({ title, ...rest });
  }
  return { tasks, tooLong };
}

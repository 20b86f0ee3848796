// What is carried from column to column.
import type { ListedTask } from '../../../client/index.ts';

const mark = Symbol('task');

export function carry(task: ListedTask): Record<string | symbol, unknown> {
  return { [mark]: task };
}

export function draggedTask(data: Record<string | symbol, unknown>): ListedTask | undefined {
  return data[mark] as ListedTask | undefined;
}

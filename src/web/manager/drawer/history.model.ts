// The history of a task as the drawer tells it. Pure.
import type { TaskChange } from '../../../protocol/task.ts';
import { type Part, partOf, type Words } from '../task/told.model.ts';

export interface TaskHistory {
  changes: TaskChange[];
  complete_since: string | null;
  next: string | null;
}

// Told by other fields, or of no interest to people.
const silent = new Set(['id', 'version', 'created_at', 'updated_at', 'sent_at', 'acknowledged_at', 'completed_at']);

/** What a change did, with the names behind ids where they are known. */
export function historyParts(
  change: Pick<TaskChange, 'fields'>,
  words: Words,
  nameOf: (field: string, value: unknown) => unknown,
): Part[] {
  return Object.entries(change.fields)
    .filter(([field]) => !silent.has(field))
    .map(([field, { from, to }]) => {
      const shown = field.replace(/^(employee|system)_id$/, '$1_name');
      return partOf(shown, nameOf(field, from), nameOf(field, to), words);
    });
}

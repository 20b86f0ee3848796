// What a change was, in parts: "Status: sent → completed". The words come from outside, so that the drawing can keep
// texts of people apart from ours, whatever direction they are written in. Pure.
import type { Change } from '../../../client/index.ts';
import type { Employee } from '../../../protocol/employee.ts';
import type { System } from '../../../protocol/system.ts';
import type { ListedTask } from '../../../protocol/task.ts';

export interface Part {
  /** A key of the words under `field.`. */
  field: string;
  /** Without both only that it changed; without the first, several that came from different places. */
  from?: string;
  to?: string;
}

export interface Words {
  status(value: unknown): string;
  priority(value: unknown): string;
  moment(value: string | null): string;
  none: string;
  /** For a name that is not known any more. */
  unknown: string;
  yes: string;
  no: string;
}

type Row = ListedTask | System | Employee;
type Values = Readonly<Record<string, unknown>>;

// In the order in which a person wants to know.
const order = [
  'status',
  'employee_id',
  'employee_name',
  'due_at',
  'priority',
  'title',
  'system_id',
  'system_name',
  'name',
  'active',
  'note',
  'review_note',
  'description',
  'image_ids',
  'location',
  'contact_name',
  'phone',
  'email',
  'position',
  'language',
];

const long = new Set(['note', 'review_note', 'description', 'image_ids']);
const alias: Record<string, string> = { employee_id: 'employee_name', system_id: 'system_name' };

/** The parts of an updated row, from what the event says of before and from the row as it is. */
export function partsOf(change: Pick<Change, 'changed' | 'before'>, row: Row, words: Words): Part[] {
  const was = change.before ?? {};
  const is: Values = { ...row };
  const told = new Map<string, Part>();
  for (const name of order) {
    if (!change.changed.includes(name)) continue;
    const shown = alias[name] ?? name;
    if (told.has(shown)) continue;
    told.set(
      shown,
      partOf(shown, shown in was ? was[shown] : shown === name ? was[name] : undefined, is[shown], words),
    );
  }
  return [...told.values()];
}

export function partOf(field: string, from: unknown, to: unknown, words: Words): Part {
  if (long.has(field)) return { field };
  return { field, from: from === undefined ? words.unknown : wordOf(field, from, words), to: wordOf(field, to, words) };
}

function wordOf(field: string, value: unknown, words: Words): string {
  if (value === null || value === undefined || value === '') return words.none;
  if (field === 'status') return words.status(value);
  if (field === 'priority') return words.priority(value);
  if (field.endsWith('_at')) return words.moment(String(value)) || words.none;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  return String(value);
}

type Say = (key: string, values?: Record<string, unknown>) => string;
type Actor = Pick<Change, 'actor' | 'actor_name'>;

const direct = /^db:(.*) \((.*)\)$/;

/** Who did it, for people: a name where there is one, else what the journal says. */
export function actorText({ actor, actor_name }: Actor, say: Say): string {
  const [, who, program] = direct.exec(actor) ?? [];
  if (who !== undefined) return say('actor.database', { who, program: program || '?' });
  if (actor.startsWith('link:') && actor_name !== null) return say('actor.link', { name: actor_name });
  if (actor_name !== null) return actor_name;
  return actor === 'local' ? say('actor.local') : actor;
}

/** The same within a sentence: "by Dana", "in the database by alice via psql". */
export function byText(change: Actor, say: Say): string {
  const [, who, program] = direct.exec(change.actor) ?? [];
  if (who !== undefined) return say('actor.byDatabase', { who, program: program || '?' });
  return say('actor.by', { who: actorText(change, say) });
}

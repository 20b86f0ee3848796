// One line as one task: "Check valve @dana #boiler tomorrow 14:00 !". Names may stand anywhere; times and the mark of
// urgency are taken from the line's end only, so that a title may speak of Monday. Pure.
import type { CreateTask } from '../../../protocol/writes.ts';
import { joints } from './day-words.ts';
import { type Mention, mentionAt, type Named } from './names.model.ts';
import { type Calendar, momentOf, type When, whenOf } from './when.model.ts';

export interface LineNames {
  employees: readonly Named[];
  systems: readonly Named[];
}

export interface Line {
  task: CreateTask;
  /** Names that stand for nobody, or for more than one; they stay in the title. */
  unclear: (Mention & { kind: 'employee' | 'system' })[];
}

export interface LineOptions extends Calendar {
  names: LineNames;
}

const kinds = { '@': 'employee', '#': 'system' } as const;

export function readLine(text: string, options: LineOptions): Line {
  const { rest, ids, unclear } = takeNames(text, options.names);
  const { title, when, isUrgent } = takeEnd(rest, options);
  const due = momentOf(when, options);
  return {
    task: {
      title,
      ...ids,
      ...(due === undefined ? {} : { due_at: new Date(due).toISOString() }),
      ...(isUrgent ? { priority: 'urgent' as const } : {}),
    },
    unclear,
  };
}

/** The line without the names that are clear. */
function takeNames(text: string, { employees, systems }: LineNames) {
  const ids: { employee_id?: number; system_id?: number } = {};
  const unclear: Line['unclear'] = [];
  let rest = text;
  // From the end, so that what is cut out moves nothing that comes next.
  for (const { index } of [...text.matchAll(/(?<=^|\s)[@#](?=\S)/g)].reverse()) {
    const kind = kinds[text[index] as '@' | '#'];
    const mention = mentionAt(text, index, kind === 'employee' ? employees : systems);
    const [only, ...more] = mention.found;
    if (only && more.length === 0) {
      ids[`${kind}_id`] = only.id;
      rest = rest.slice(0, index) + rest.slice(index + mention.text.length);
    } else if (!/^#\d*$/.test(mention.text)) unclear.unshift({ ...mention, kind });
  }
  return { rest, ids, unclear };
}

/** Title, and what the words at its end say of time and urgency. */
function takeEnd(text: string, calendar: Calendar): { title: string; when: When; isUrgent: boolean } {
  const words = text.split(/\s+/).filter(Boolean);
  const when: When = {};
  let isUrgent = false;
  let hasTime = false;
  for (let last = words.at(-1); last !== undefined; last = words.at(-1)) {
    const said = whenOf(last, calendar);
    const isNew = said && !(('day' in said && 'day' in when) || ('minutes' in said && 'minutes' in when));
    if (isNew) Object.assign(when, said);
    else if (last === '!' && !isUrgent) isUrgent = true;
    else if (!(hasTime && joints.has(last.toLowerCase()))) break;
    hasTime ||= isNew === true;
    words.pop();
  }
  return { title: words.join(' '), when, isUrgent };
}

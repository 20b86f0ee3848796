// Lists of tasks: what a query asks for, as SQL. Days are days at the site: a due time belongs to the calendar day that
// a clock on the site's wall shows, so days of 23 and 25 hours need no special case.
import type { Knex } from 'knex';
import type { Due, TaskQuery } from '../protocol/http.ts';
import type { Task } from '../protocol/task.ts';
import { type Page, readPage } from './database.ts';
import { actorName } from './topics.ts';

export interface TaskListOptions {
  /** IANA name of the site's time zone. */
  timezone: string;
  now?: Date;
}

/** Tasks in the order of ids, with the cursor of the snapshot. */
export function listTasks(knex: Knex, query: TaskQuery, options: TaskListOptions): Promise<Page<Task>> {
  const { timezone, now = new Date() } = options;
  const rows = knex('public.task_details');
  if (query.scope === 'live') rows.whereRaw(isLive, [now]);
  if (query.status) rows.whereRaw('status = any (?::text[])', [query.status]);
  if (query.priority) rows.whereRaw('priority = any (?::text[])', [query.priority]);
  refersTo(rows, 'employee_id', query.employee_id);
  refersTo(rows, 'system_id', query.system_id);
  if (query.due) isDue(rows, query.due, { timezone, now });
  if (query.q !== undefined) contains(rows, query.q);
  if (query.include) rows.select('task_details.*', knex.raw(lastChange));
  return readPage<Task>(knex, rows, query);
}

// A rename of what a task shows is no change of the task itself, so it is not looked for here.
const lastChange = `(
  select json_build_object('actor', c.actor, 'actor_name', ${actorName}, 'at', c.at)
  from taskfeed.change_journal c where c.topic = 'task' and c.row_id = task_details.id order by c.seq desc limit 1
) as last_change`;

// What a board loads: a task that was completed by hand may lack the time.
const isLive = `(status <> 'completed' or coalesce(completed_at, updated_at) >= ?::timestamptz - interval '30 days')`;

function refersTo(rows: Knex.QueryBuilder, column: string, wanted: number | 'none' | undefined): void {
  if (wanted === 'none') rows.whereNull(column);
  else if (wanted !== undefined) rows.where(column, wanted);
}

// Days from today at the site to the due day; null for times far off, some of which have no local form at all.
const daysAhead = `case when due_at between ?::timestamptz - interval '3 days' and ?::timestamptz + interval '10 days'
  then (due_at at time zone ?)::date - (?::timestamptz at time zone ?)::date end`;

const days = { today: [0, 0], tomorrow: [1, 1], week: [0, 6] } as const;

function isDue(rows: Knex.QueryBuilder, due: Due, { timezone, now }: Required<TaskListOptions>): void {
  if (due === 'none') rows.whereNull('due_at');
  else if (due === 'overdue') rows.whereRaw(`due_at < ?::timestamptz and status <> 'completed'`, [now]);
  else rows.whereRaw(`${daysAhead} between ? and ?`, [now, now, timezone, now, timezone, ...days[due]]);
}

const searched = ['title', 'description', 'note', 'system_name', 'employee_name'];

function contains(rows: Knex.QueryBuilder, text: string): void {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  rows.where((any) => {
    for (const column of searched) any.orWhereRaw('?? ilike ?', [column, pattern]);
  });
}

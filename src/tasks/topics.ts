// This application's topics: which of its tables are in the feed, and what their rows show of each other.
import { showsColumn, showsMembers, type Topic } from '../feed/topics.ts';

const systemName = `(select to_jsonb(s.name) from public.systems s where s.id = (gone ->> 'system_id')::integer)`;
const employeeName = `(select to_jsonb(e.name) from public.employees e where e.id = (gone ->> 'employee_id')::integer)`;

export const topics: Topic[] = [
  {
    name: 'task',
    source: 'public.task_details',
    gone: `gone || jsonb_build_object('system_name', ${systemName}, 'employee_name', ${employeeName}, 'image_ids', '[]'::jsonb)`,
    // A link's holder sees a task while it is in the link and still assigned to the link's employee.
    audience: `array(select l.id from public.link_tasks lt join public.links l on l.id = lt.link_id
      where lt.task_id = d.id and l.employee_id = d.employee_id)`,
    shows: [
      showsColumn({
        of: 'system',
        field: 'system_name',
        table: 'public.systems',
        column: 'name',
        rows: 'public.tasks',
        by: 'system_id',
      }),
      showsColumn({
        of: 'employee',
        field: 'employee_name',
        table: 'public.employees',
        column: 'name',
        rows: 'public.tasks',
        by: 'employee_id',
      }),
      showsMembers({ of: 'task_image', field: 'image_ids', table: 'public.task_images', by: 'task_id' }),
      showsMembers({ of: 'link_task', field: 'links', table: 'public.link_tasks', by: 'task_id', isAudience: true }),
      showsColumn({
        of: 'link',
        field: 'links',
        table: 'public.links',
        column: 'employee_id',
        rows: 'public.link_tasks',
        by: 'link_id',
        key: 'task_id',
        isAudience: true,
      }),
    ],
  },
  { name: 'system', source: 'public.systems', gone: 'gone', shows: [] },
  { name: 'employee', source: 'public.employees', gone: 'gone', shows: [] },
  {
    name: 'link',
    source: 'public.link_details',
    gone: `gone || jsonb_build_object('employee_name', ${employeeName}, 'task_ids', '[]'::jsonb)`,
    shows: [
      showsColumn({
        of: 'employee',
        field: 'employee_name',
        table: 'public.employees',
        column: 'name',
        rows: 'public.links',
        by: 'employee_id',
      }),
      showsMembers({ of: 'link_task', field: 'task_ids', table: 'public.link_tasks', by: 'link_id' }),
    ],
  },
  // Who may be connected. What ends that is journaled, and cuts sockets wherever they are.
  ...[
    { name: 'manager', source: '(select m.id, m.disabled_at from public.managers m)' },
    { name: 'session', source: '(select s.id from public.sessions s)' },
    { name: 'api_token', source: '(select t.id, t.revoked_at from public.api_tokens t)' },
  ].map((topic) => ({ ...topic, gone: 'gone', shows: [], isInternal: true })),
];

/**
 * The name behind an actor, as SQL over the journal row `c`: a manager's, or that of the employee a link acts for. Direct
 * SQL has none, and is spared the two patterns.
 */
export const actorName = `
  case when c.actor like 'db:%' then null when c.actor ~ '^manager:[0-9]{1,9}$' then (
    select m.name from public.managers m where m.id = substr(c.actor, 9)::integer
  ) when c.actor ~ '^link:[0-9]{1,9}$' then (
    select e.name from public.links l join public.employees e on e.id = l.employee_id
    where l.id = substr(c.actor, 6)::integer
  ) end`;

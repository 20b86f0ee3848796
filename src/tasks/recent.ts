// The newest changes of all tasks, read from the journal: what happened before a page was opened.
import type { Knex } from 'knex';
import type { RecentQuery } from '../protocol/http.ts';
import type { ToldChange } from '../protocol/task.ts';
import { fieldsOfChange } from './history.ts';
import { actorName } from './topics.ts';

/** Newest first. */
export async function recentChanges(knex: Knex, { limit }: RecentQuery): Promise<{ changes: ToldChange[] }> {
  const { rows } = await knex.raw<{ rows: { told: ToldChange }[] }>(statement, [limit]);
  return { changes: rows.map(({ told }) => told) };
}

// By transaction, as the journal's key has it, so the newest are found without an index of their own. Whatever came after
// one of them is among them too: what a change led to is the next older version seen there, or the live row.
const statement = `
with c0 as (
  select j.seq, j.xid, j.at, j.actor, j.row_id, j.op, j.before, (j.before ->> 'version')::bigint as version
  from taskfeed.change_journal j
  where j.topic = 'task' and j.op <> 'truncate'
  order by j.xid desc, j.seq desc limit ?
), c as (
  select c0.*, case c0.op
      when 'update' then coalesce(
        (select n.before from c0 n where n.row_id = c0.row_id and n.xid >= c0.xid and n.version > c0.version
         order by n.version, n.xid limit 1),
        taskfeed.task_now(c0.row_id))
      when 'insert' then coalesce(
        (select n.before from c0 n where n.row_id = c0.row_id and n.xid >= c0.xid and n.version is not null
         order by n.xid, n.version limit 1),
        taskfeed.task_now(c0.row_id))
    end as after
  from c0
)
select json_build_object('seq', c.seq::text, 'at', c.at, 'actor', c.actor, 'actor_name', ${actorName}, 'op', c.op,
         'fields', f.fields,
         'task', json_build_object('id', c.row_id, 'title', coalesce(c.after ->> 'title', c.before ->> 'title', ''))) as told
from c
cross join lateral (${fieldsOfChange}) f
order by c.xid desc, c.version desc nulls last, c.seq desc`;

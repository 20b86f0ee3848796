// How large the journal is and what of it has not been told yet.
import type { Knex } from 'knex';
import { parseCursor } from '../protocol/cursor.ts';
import type { FeedReport } from '../protocol/feed-report.ts';

export type JournalState = FeedReport['journal'];

// Counting millions of rows takes seconds; the planner's own estimate costs nothing. The oldest row is the first of the
// primary key, which begins with the transaction.
const journal = `taskfeed.change_journal`;
const statement = `
  select case when pg_relation_size('${journal}') < 32 * 1024 * 1024 then (select count(*) from ${journal})
              else (select greatest(c.reltuples, 0)::bigint from pg_class c where c.oid = '${journal}'::regclass)
         end::float8 as rows,
         pg_total_relation_size('${journal}')::float8 as bytes,
         to_json((select j.at from ${journal} j order by j.xid, j.seq limit 1)) as oldest_at,
         (select count(*) from (
            select from ${journal} j where j.xid >= pg_snapshot_xmax(?::pg_snapshot)
            union all
            select from ${journal} j where j.xid = any (array(select pg_snapshot_xip(?::pg_snapshot)))
            limit 10000) b)::float8 as backlog`;

/** Bytes with indexes; `backlog` is what was committed after `cursor`. */
export async function readJournalState(knex: Knex, cursor: string | undefined): Promise<JournalState> {
  const { snapshot } = (cursor === undefined ? undefined : parseCursor(cursor)) ?? { snapshot: '1:1:' };
  const { rows } = await knex.raw<{ rows: [JournalState] }>(statement, [snapshot, snapshot]);
  return rows[0];
}

// The drain's one statement: everything that was committed between a reader's cursor and now.
//
//      cursor = the snapshot a reader has seen            now = the snapshot of this very statement
//
//   xid ──────┬───────────┬──────────────┬───────────────────────────┬────────▶
//         seen│  running  │   seen       │ xmax of the cursor        │ xmax of now
//             │  (in xip) │              │                           │
//             └───────────┘              └───────────────────────────┘
//              b) xid = any(xip)          a) xid >= xmax
//
// A journal row is new to the reader exactly if its transaction was not visible in the cursor's snapshot and is visible
// now. "Not visible then" is (a) began after the snapshot, or (b) was running during it: two index scans. "Visible now"
// is what any statement sees anyway. A transaction that stays open for an hour delays only its own rows.
//
// Two wrong ways look right. `seq > last seen` loses rows: sequence numbers are handed out before commit, so a slow
// transaction's rows appear below the mark. "Wait until nothing older runs" (the xmin horizon) loses nothing but lets
// one long writer stop every screen. And a LIMIT on the rows with a new cursor would lose the rest, so what is over the
// limit is not cut but answered with a reset.
//
// Rows, expansion, hydration and the new cursor come from one statement: between two statements a rename or a delete
// could slip in that neither the events nor the cursor would show.
import type { Topic } from './topics.ts';

/** Journal rows read per allowed event, before a drain gives up and asks for a reset. */
export const changesPerRow = 10;

/**
 * Parameters: $1 pg_snapshot and $2 epoch of the cursor, $3 most rows to hydrate, $4 most journal rows to read.
 * Answers one row with `state` (see `drainState`), then one row per changed row (see `drainedRow`).
 */
export function drainStatement(topics: Topic[], actorName: string): string {
  return `
with
state as materialized (
  select pg_current_snapshot() as snapshot, taskfeed.current_epoch() as epoch, pg_is_in_recovery() as standby,
         taskfeed.current_horizon() as horizon
),
slice as materialized (
  select * from (
    select j.* from taskfeed.change_journal j where j.xid >= pg_snapshot_xmax($1::pg_snapshot)
    union all
    select j.* from taskfeed.change_journal j where j.xid = any (array(select pg_snapshot_xip($1::pg_snapshot)))
  ) s
  where (select epoch = $2::uuid and not standby from state)
  limit $4::bigint + 1
),
shown as materialized (
  ${shownRows(topics)}
),
keys as materialized (
  select k.topic, k.row_id, max(k.seq) as seq
  from (
    select s.topic, s.row_id, s.seq from slice s where s.topic in (${names(topics)}) and s.op <> 'truncate'
    union all
    select s.topic, s.row_id, s.seq from shown s
  ) k
  group by k.topic, k.row_id
),
verdict as materialized (
  select (select count(*) from keys) as rows,
         (select count(*) from slice) > $4::bigint as overrun,
         exists (select from slice where op = 'truncate') as truncated
),
${ordered}
select jsonb_build_object('snapshot', s.snapshot::text, 'epoch', s.epoch, 'standby', s.standby, 'rows', v.rows,
         'overrun', v.overrun, 'truncated', v.truncated, 'horizon', s.horizon::text)::json as state,
       null as topic, null as row_id, null as seq, null as count, null as inserted, null as before, null as actor,
       null as actor_name, null as at, null as row, null as gone, null as was,
       null::integer[] as audience, false as unseen
from state s, verdict v
union all
select null, k.topic, k.row_id::text, k.seq::text, coalesce(f.count, 0), coalesce(f.inserted, false), f.before::json,
       c.actor, ${actorName}, to_json(c.at) #>> '{}', live.row,
       case when live.row is null then (${goneRows(topics)}) end::json, w.was::json,
       live.audience, f.place is null and w.was is null
from keys k
join slice c on c.seq = k.seq
left join ranked f on f.topic = k.topic and f.row_id = k.row_id and f.place = 1
left join ranked l on l.topic = k.topic and l.row_id = k.row_id and l.place = l.count
left join (
  select s.topic, s.row_id, jsonb_object_agg(s.field, s.was) as was from shown s
  where not s.is_audience group by s.topic, s.row_id
) w on w.topic = k.topic and w.row_id = k.row_id
cross join lateral (select * from (${liveRows(topics)}) as live offset 0) live
where (select rows <= $3::bigint and not overrun and not truncated from verdict)`;
}

// Changes of one row in the order in which they happened. A trigger that updates the row again journals its change
// before the statement that fired it does, so within a transaction `seq` can be reversed and the row's own version
// decides; a row deleted and inserted again in one transaction begins a new life.
const ordered = `
placed as (
  select s.seq, s.topic, s.row_id, s.op, s.before,
         min(s.seq) over (partition by s.topic, s.row_id, s.xid) as first_seq,
         count(*) filter (where s.op = 'delete') over (partition by s.topic, s.row_id, s.xid order by s.seq
           rows between unbounded preceding and 1 preceding) as lives
  from slice s
  where (select rows <= $3::bigint and not overrun and not truncated from verdict)
),
ranked as (
  select p.topic, p.row_id, p.before,
         row_number() over (partition by p.topic, p.row_id
           order by p.first_seq, p.lives, (p.before ->> 'version')::bigint nulls first, p.seq) as place,
         count(*) over (partition by p.topic, p.row_id)::integer as count,
         bool_or(p.op = 'insert') over (partition by p.topic, p.row_id) as inserted
  from placed p
)`;

function shownRows(topics: Topic[]): string {
  const parts = topics.flatMap((topic) =>
    topic.shows.map(
      (shown) =>
        `select '${topic.name}'::text as topic, x.row_id, x.seq, '${shown.field}'::text as field, x.was,
   ${shown.isAudience === true} as is_audience from (${shown.rows}) x`,
    ),
  );
  const nothing =
    'select null::text as topic, null::bigint as row_id, null::bigint as seq, null::text as field, null::jsonb as was, false as is_audience where false';
  return [nothing, ...parts].join('\n  union all\n  ');
}

// Exactly one row, whether the changed row exists or not; the branch of another topic is not run.
function liveRows(topics: Topic[]): string {
  const row = perTopic(topics, ({ source }) => `(select to_json(d) from ${source} d where d.id = k.row_id)`);
  const audience = perTopic(topics, (topic) =>
    topic.audience ? `(select ${topic.audience} from ${topic.source} d where d.id = k.row_id)` : 'null::integer[]',
  );
  return `select ${row} as row, ${audience} as audience`;
}

function goneRows(topics: Topic[]): string {
  const cases = perTopic(topics, (topic) => `(${topic.gone})`);
  return `select ${cases} from (select coalesce(l.before, jsonb_build_object('id', k.row_id)) as gone) g`;
}

function perTopic(topics: Topic[], expression: (topic: Topic) => string): string {
  return `case k.topic ${topics.map((topic) => `when '${topic.name}' then ${expression(topic)}`).join(' ')} end`;
}

function names(topics: Topic[]): string {
  return topics.map((topic) => `'${topic.name}'`).join(', ');
}

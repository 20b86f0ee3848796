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
import type { Shown, Topic } from './topics.ts';

/** Journal rows read per allowed event, before a drain gives up and asks for a reset. */
export const changesPerRow = 10;

/**
 * Parameters: $1 pg_snapshot and $2 epoch of the cursor, $3 most rows to hydrate, $4 most journal rows to read.
 * Answers one row with `state` (see `drainState`), then one row per changed row (see `drainedRow`).
 */
export function drainStatement(topics: Topic[], actorName: string): string {
  const internal = `array[${names(topics.filter(({ isInternal }) => isInternal))}]::text[]`;
  return `
with
state as materialized (
  select pg_current_snapshot() as snapshot, taskfeed.current_epoch() as epoch, pg_is_in_recovery() as standby,
         taskfeed.current_horizon() as horizon
),
public_slice as materialized (
  ${newRows(`j.topic <> all (${internal})`)} limit $4::bigint + 1
),
-- What happens to internal topics is nobody else's business: however much it is, it is no reason to reset a reader. They
-- are few among many: where there are too many rows to tell, looking for these would be a walk through the whole journal.
internal_slice as materialized (
  ${newRows(`j.topic = any (${internal})`)} and (select count(*) <= $4::bigint from public_slice) limit $3::bigint + 1
),
slice as materialized (
  select * from public_slice union all select * from internal_slice
),
shown as materialized (
  ${shownRows(topics)}
),
keys as materialized (
  select k.topic, k.row_id
  from (
    select s.topic, s.row_id from slice s where s.topic in (${names(topics)}) and s.op <> 'truncate'
    union all
    select s.topic, s.row_id from shown s
  ) k
  group by k.topic, k.row_id
),
verdict as materialized (
  select (select count(*) from keys where topic <> all (${internal})) as rows,
         (select count(*) from public_slice) > $4::bigint as overrun,
         exists (select from public_slice where op = 'truncate') as truncated,
         (select count(*) from public_slice) > $4::bigint or (select count(*) from internal_slice) > $3::bigint
           or exists (select from internal_slice where op = 'truncate') as internal_overrun
),
${folded(internal)}
select jsonb_build_object('snapshot', s.snapshot::text, 'epoch', s.epoch, 'standby', s.standby, 'rows', v.rows,
         'overrun', v.overrun, 'truncated', v.truncated, 'internal_overrun', v.internal_overrun, 'horizon', s.horizon::text)::json as state,
       null as topic, null as row_id, null as seq, null as count, null as inserted, null as before, null as actor,
       null as actor_name, null as at, null as row, null as gone, null as was,
       null::integer[] as audience, false as unseen
from state s, verdict v
union all
select null, c.topic, c.row_id::text, c.seq::text, c.count, c.inserted, c.before::json,
       c.actor, ${actorName}, to_json(c.at) #>> '{}', live.row,
       case when live.row is null then (${goneRows(topics)}) end::json,
       case when live.row is not null and not c.inserted then (${oldFields(topics)}) end::json,
       live.audience, c.count = 0 and c.fields is null
from folded c
cross join lateral (select * from (${liveRows(topics)}) as live offset 0) live
where c.topic in (${names(topics)})`;
}

// All that is known of one row, folded into one. Its own changes are put in the order in which they happened: a trigger
// that updates the row again journals its change before the statement that fired it does, so within a transaction `seq`
// can be reversed and the row's own stamps decide (version, else updated_at); a row deleted and inserted again in one
// transaction begins a new life.
//
// These rows are never joined with each other. Nobody can estimate how many there are, and a nested loop over a few
// thousand takes longer than a drain may; sorting and grouping take what they take.
const folded = (internal: string) => `
placed as (
  select s.topic, s.row_id, s.seq, s.op, s.before, s.actor, s.at, null as field,
         min(s.seq) over (partition by s.topic, s.row_id, s.xid) as first_seq,
         count(*) filter (where s.op = 'delete') over (partition by s.topic, s.row_id, s.xid order by s.seq
           rows between unbounded preceding and 1 preceding) as lives
  from slice s
  where (select rows <= $3::bigint and not overrun and not truncated
           and not (internal_overrun and s.topic = any (${internal})) from verdict)
  union all
  select s.topic, s.row_id, s.seq, null, null, s.actor, s.at, case when not s.is_audience then s.field end, null, null
  from shown s
  where (select rows <= $3::bigint and not overrun and not truncated from verdict)
),
ranked as (
  select p.topic, p.row_id, p.seq, p.op, p.before, p.actor, p.at, p.field,
         row_number() over (partition by p.topic, p.row_id order by p.first_seq, p.lives,
           (p.before ->> 'version')::bigint nulls first, (p.before ->> 'updated_at')::timestamptz nulls first, p.seq
         ) as place,
         p.seq = max(p.seq) over (partition by p.topic, p.row_id) as is_last
  from placed p
),
folded as materialized (
  select r.topic, r.row_id, max(r.seq) as seq, count(r.op)::integer as count,
         coalesce(bool_or(r.op = 'insert'), false) as inserted,
         (array_agg(r.before) filter (where r.place = 1))[1] as before,
         (array_agg(r.before order by r.place desc) filter (where r.op = 'delete'))[1] as last,
         (array_agg(r.actor) filter (where r.is_last))[1] as actor,
         (array_agg(r.at) filter (where r.is_last))[1] as at,
         array_agg(r.field) filter (where r.field is not null) as fields
  from ranked r
  group by r.topic, r.row_id
)`;

// Not visible at the cursor, and `such`.
function newRows(such: string): string {
  return `
  select * from (
    select j.* from taskfeed.change_journal j where j.xid >= pg_snapshot_xmax($1::pg_snapshot) and ${such}
    union all
    select j.* from taskfeed.change_journal j
    where j.xid = any (array(select pg_snapshot_xip($1::pg_snapshot))) and ${such}
  ) s
  where (select epoch = $2::uuid and not standby from state)`;
}

function shownRows(topics: Topic[]): string {
  const parts = topics.flatMap((topic) =>
    topic.shows.map(
      ({ field, isAudience = false, rows }) =>
        `select '${topic.name}'::text as topic, x.row_id, x.seq, x.actor, x.at, '${field}'::text as field,
   ${isAudience} as is_audience from (${rows}) x`,
    ),
  );
  const nothing = `select null::text as topic, null::bigint as row_id, null::bigint as seq, null::text as actor,
   null::timestamptz as at, null::text as field, false as is_audience where false`;
  return [nothing, ...parts].join('\n  union all\n  ');
}

// The old values of fields that come from elsewhere: those that changed there, and those of a reference that changed
// here. The referenced row as it was at the cursor is its own first `before`, or the live row if it did not change.
function oldFields(topics: Topic[]): string {
  return perTopic(topics, (topic) => {
    const parts = topic.shows.filter(({ isAudience }) => !isAudience).map(oldField);
    return ["'{}'::jsonb", ...parts.map((part) => `coalesce(${part}, '{}')`)].join(' || ');
  });
}

function oldField({ of, field, reference }: Shown): string {
  if (!reference) return `case when '${field}' = any (c.fields) then jsonb_build_object('${field}', null) end`;
  const { by, table, column } = reference;
  const old = `(case when c.count > 0 then c.before ->> '${by}' else live.row ->> '${by}' end)`;
  const changed = `(select jsonb_object_agg(f.row_id, f.before -> '${column}') from folded f where f.topic = '${of}' and f.count > 0)`;
  const unchanged = `(select to_jsonb(l.${column}) from ${table} l where l.id = ${old}::bigint)`;
  return `
    case when '${field}' = any (c.fields) or c.before ->> '${by}' is distinct from live.row ->> '${by}' and c.count > 0
      then jsonb_build_object('${field}', coalesce(${changed} -> ${old}, ${unchanged})) end`;
}

// Exactly one row, whether the changed row exists or not; the branch of another topic is not run.
function liveRows(topics: Topic[]): string {
  const row = perTopic(topics, ({ source }) => `(select to_json(d) from ${source} d where d.id = c.row_id)`);
  const audience = perTopic(topics, (topic) =>
    topic.audience ? `(select ${topic.audience} from ${topic.source} d where d.id = c.row_id)` : 'null::integer[]',
  );
  return `select ${row} as row, ${audience} as audience`;
}

function goneRows(topics: Topic[]): string {
  const cases = perTopic(topics, (topic) => `(${topic.gone})`);
  return `select ${cases} from (select coalesce(c.last, jsonb_build_object('id', c.row_id)) as gone) g`;
}

function perTopic(topics: Topic[], expression: (topic: Topic) => string): string {
  return `case c.topic ${topics.map((topic) => `when '${topic.name}' then ${expression(topic)}`).join(' ')} end`;
}

function names(topics: Topic[]): string {
  return topics.map((topic) => `'${topic.name}'`).join(', ');
}

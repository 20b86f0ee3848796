// The short way of a drain. Nearly always a slice has nothing but inserted and updated rows that no other row shows, as
// tasks are. Such a slice needs none of what makes the drain's statement (journal.ts) long: nothing is expanded, nothing
// is gone, no old name is looked up. A long statement costs even if it finds nothing, since the server sets up all of it
// every time: two thirds of a millisecond.
//
// The statement here reads the same slice by the same rule, in one snapshot with rows and cursor, and says whether the
// slice is plain. If it is not, its answer is thrown away and the long statement is asked from the same cursor: a drain
// changes nothing, so it can be asked twice. Changes of one row are folded here, in the order that journal.ts tells.
import * as z from 'zod/mini';
import { type DrainedRow, jsonObject } from './conflate.ts';
import type { Cells } from './text-query.ts';
import type { Topic } from './topics.ts';

/** Topics whose rows no other topic shows: their changes are events of their own rows only. Internal ones are rare. */
export function plainTopics(topics: Topic[]): Topic[] {
  const shown = new Set(topics.flatMap(({ shows }) => shows.map(({ of }) => of)));
  return topics.filter(({ name, isInternal }) => !isInternal && !shown.has(name));
}

/**
 * Parameters: $1 xmax and $2 xip (xid8[]) of the cursor, $3 most journal rows, $4 system identifier and $5 oid of the
 * database. Answers one row with the state, then, if the slice is plain, its journal rows as they are: `plainColumns`.
 */
export function plainStatement(topics: Topic[], actorName: string): string {
  const plain = plainTopics(topics);
  const names = plain.map(({ name }) => `'${name}'`).join(', ') || 'null';
  return `
with slice as materialized (
  select * from (
    select j.seq, j.xid, j.topic, j.row_id, j.op, j.before, j.actor, j.at
    from taskfeed.change_journal j where j.xid >= $1::xid8
    union all
    select j.seq, j.xid, j.topic, j.row_id, j.op, j.before, j.actor, j.at
    from taskfeed.change_journal j where j.xid = any ($2::xid8[])
  ) j
  limit $3::bigint + 1
),
verdict as materialized (
  select count(*) <= $3::bigint
         and coalesce(bool_and(s.topic in (${names}) and s.op in ('insert', 'update')), true) as is_plain
  from slice s
)
select pg_current_snapshot()::text as snapshot, e.id as epoch, pg_is_in_recovery() as standby, h.snapshot::text as horizon,
       v.is_plain, null as topic, null as seq, null as xid, null as row_id, null as op, null as before, null as actor,
       null as actor_name, null as at, null as row, null as audience
from verdict v
left join taskfeed.epoch e on e.only_row and e.system_identifier = $4::bigint and e.database_id = $5::oid
left join taskfeed.horizon h on h.only_row and h.epoch = e.id
union all
select null, null, null, null, null, c.topic, c.seq::text, c.xid::text, c.row_id::text, c.op, c.before::text, c.actor,
       ${actorName}, to_json(c.at), live.row, live.audience
from slice c
cross join lateral (${plain.length > 0 ? live(plain) : 'select null::json as row, null::json as audience'}) live
where (select is_plain from verdict)`;
}

// offset 0 keeps the planner from joining: it cannot know how few rows a slice has.
function live(plain: Topic[]): string {
  const parts = plain.map(
    ({ name, source, audience }) => `
  select to_json(d) as row, ${audience ? `to_json(${audience})` : 'null::json'} as audience
  from ${source} d where d.id = c.row_id and c.topic = '${name}' offset 0`,
  );
  return `select l.row, l.audience from (values (1)) one left join lateral (${parts.map((part) => `(${part})`).join(' union all ')}) l on true`;
}

/** What the statement answers, in this order; the first five belong to the first row alone. */
export const plainColumns = [
  ...['snapshot', 'epoch', 'standby', 'horizon', 'is_plain'],
  ...['topic', 'seq', 'xid', 'row_id', 'op', 'before', 'actor', 'actor_name', 'at', 'row', 'audience'],
] as const;

const plainState = z.object({
  snapshot: z.string(),
  epoch: z.nullable(z.string()),
  standby: z.enum(['t', 'f']),
  horizon: z.nullable(z.string()),
  is_plain: z.enum(['t', 'f']),
});

/** The first row of the answer. */
export function readPlainState(cells: Cells | undefined): z.infer<typeof plainState> {
  const [snapshot, epoch, standby, horizon, is_plain] = cells ?? [];
  return plainState.parse({ snapshot, epoch, standby, horizon, is_plain });
}

/** Every other row: text as the server writes it; JSON is parsed where it is folded, once. */
interface PlainRow {
  topic: string;
  seq: string;
  xid: string;
  row_id: string;
  op: 'insert' | 'update';
  before: string | null;
  actor: string;
  actor_name: string | null;
  at: string;
  row: string | null;
  audience: string | null;
}

// By hand, not by a schema: it runs for every change of every row, and all there is to ask of text is whether it is
// there. What the text holds is asked when it is parsed.
function readPlainRow(cells: Cells): PlainRow {
  const [, , , , , topic, seq, xid, row_id, op, before, actor, actor_name, at, row, audience] = cells;
  if (cells.length !== plainColumns.length) throw new Error(`A drained row has ${cells.length} columns.`);
  if (!topic || !seq || !xid || !row_id || !actor || !at || (op !== 'insert' && op !== 'update')) {
    throw new Error(
      `A drained row lacks what every change has: ${JSON.stringify({ topic, seq, xid, row_id, op, actor, at })}`,
    );
  }
  const optional = {
    before: before ?? null,
    actor_name: actor_name ?? null,
    row: row ?? null,
    audience: audience ?? null,
  };
  return { topic, seq, xid, row_id, op, actor, at, ...optional };
}

// Made once: zod takes longer to make a schema than to ask it.
const audience = z.array(z.number());
const time = z.string();

/** What an event has beside the row and the old values. */
const changeBytes = 250;

interface Change extends PlainRow {
  old: Record<string, unknown> | null;
}

/** By plain topic: the columns by which its rows show others. */
export type References = ReadonlyMap<string, string[]>;

export function referencesOf(topics: Topic[]): References {
  return new Map(
    plainTopics(topics).map(({ name, shows }) => [
      name,
      shows.flatMap(({ reference, isAudience }) => (reference && !isAudience ? [reference.by] : [])),
    ]),
  );
}

/** The slice with every row's changes folded into one, or undefined where it turns out not to be plain. */
export function foldPlain(rows: readonly Cells[], references: References): DrainedRow[] | undefined {
  const changes = new Map<string, Change[]>();
  for (const cells of rows) {
    const row = readPlainRow(cells);
    if (row.row === null) return undefined;
    const change: Change = Object.assign(row, { old: object(row.before) });
    const key = `${row.topic} ${row.row_id}`;
    const others = changes.get(key);
    if (others) others.push(change);
    else changes.set(key, [change]);
  }
  const folded: DrainedRow[] = [];
  for (const ofOneRow of changes.values()) {
    const drained = fold(inOrder(ofOneRow));
    const names = references.get(drained.topic) ?? [];
    // What the old reference showed must be looked up.
    if (!drained.inserted && names.some((name) => drained.before?.[name] !== drained.row?.[name])) return undefined;
    folded.push(drained);
  }
  return folded;
}

function object(json: string | null): Record<string, unknown> | null {
  return json === null ? null : jsonObject.parse(JSON.parse(json));
}

function fold(changes: Change[]): DrainedRow {
  const [first] = changes as [Change, ...Change[]];
  const last = changes.reduce((a, b) => (isLater(b.seq, a.seq) ? b : a));
  return {
    topic: first.topic,
    row_id: first.row_id,
    seq: last.seq,
    count: changes.length,
    inserted: changes.some(({ op }) => op === 'insert'),
    before: first.old,
    actor: last.actor,
    actor_name: last.actor_name,
    at: time.parse(JSON.parse(last.at)),
    row: object(last.row),
    gone: null,
    was: null,
    audience: last.audience === null ? null : audience.parse(JSON.parse(last.audience)),
    unseen: false,
    bytes: (last.row?.length ?? 0) + (first.before?.length ?? 0) + changeBytes,
  };
}

// Transactions in the order in which they first touched the row; within one the row's own stamps decide, since a
// trigger that updates the row again journals its change before the statement that fired it does.
function inOrder(changes: Change[]): Change[] {
  if (changes.length === 1) return changes;
  const firsts = new Map<string, string>();
  for (const { xid, seq } of changes) {
    const first = firsts.get(xid);
    if (first === undefined || isLater(first, seq)) firsts.set(xid, seq);
  }
  const of = (change: Change, field: string) => change.old?.[field];
  return changes.toSorted(
    (a, b) =>
      compareSeq(firsts.get(a.xid) ?? '', firsts.get(b.xid) ?? '') ||
      compareStamp(of(a, 'version'), of(b, 'version')) ||
      compareStamp(of(a, 'updated_at'), of(b, 'updated_at')) ||
      compareSeq(a.seq, b.seq),
  );
}

function compareStamp(a: unknown, b: unknown): number {
  const [x, y] = [a ?? null, b ?? null];
  if (x === y) return 0;
  if (x === null || y === null) return x === null ? -1 : 1;
  return x < y ? -1 : 1;
}

/** Decimal strings without leading zeros. */
function compareSeq(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}

function isLater(a: string, b: string): boolean {
  return compareSeq(a, b) > 0;
}

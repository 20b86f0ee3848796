// What a topic is: a watched table, the source of its full row, and what its rows show of other tables. The drain's
// statement is put together from these definitions; the feed itself knows no table by name.

/** Fields of a topic's full row that come from elsewhere, so that a change there is an event here. */
export interface Shown {
  /** Journal topic whose changes are seen. */
  of: string;
  /** Name of the field in the full row. */
  field: string;
  /**
   * A SELECT over the CTE `slice` (seq, topic, row_id, op, before, actor, at, …) that finds the rows which show a change:
   * columns row_id, and seq, actor, at of the cause.
   */
  rows: string;
  /** The column behind the field and the reference that leads to it. Without it old values are not known: null. */
  reference?: { by: string; table: string; column: string };
  /** The field decides only who may see the row; a change of it alone is no event for those who see everything. */
  isAudience?: boolean;
}

export interface Topic {
  /** Name in the journal and on the wire. */
  name: string;
  /** View or table with the full row and the key `id`. */
  source: string;
  /** SQL expression for the full row of a deleted row, made of its last journaled contents `gone` (jsonb). */
  gone: string;
  /** SQL expression over the full row `d`: ids of the limited audiences that may see it, integer[]. None if not given. */
  audience?: string;
  shows: Shown[];
  /** For this process alone: its events reach the listener's subscribers and no reader. */
  isInternal?: boolean;
}

/** One column of a referenced row shown under a name of its own, as a task shows the name of its system. */
export function showsColumn(options: {
  of: string;
  field: string;
  /** The referenced table and its column. */
  table: string;
  column: string;
  /** The table of this topic and its reference. */
  rows: string;
  by: string;
  /** Column of `rows` that names the row of this topic, where it is not the key. */
  key?: string;
  isAudience?: boolean;
}): Shown {
  const { of, field, table, column, rows, by, key = 'id', isAudience = false } = options;
  // Every state that some reader may have seen counts: a rename there and back is still an event for the reader who
  // loaded in between. The befores and the live value are all of these states.
  return {
    of,
    field,
    isAudience,
    reference: { by, table, column },
    rows: `
      select r.${key}::bigint as row_id, s.seq, s.actor, s.at
      from slice s
      left join ${table} l on l.id = s.row_id
      join ${rows} r on r.${by} = s.row_id
      where s.topic = '${of}' and s.op <> 'truncate' and s.before ->> '${column}' is distinct from l.${column}::text`,
  };
}

/** A list of the rows that refer to this one, as a task shows the ids of its images. */
export function showsMembers(options: {
  of: string;
  field: string;
  /** The referring table and its reference. */
  table: string;
  by: string;
  isAudience?: boolean;
}): Shown {
  const { of, field, table, by, isAudience = false } = options;
  return {
    of,
    field,
    isAudience,
    rows: `
      select m.owner as row_id, s.seq, s.actor, s.at
      from slice s
      cross join lateral (
        select (s.before ->> '${by}')::bigint as owner where s.before is not null
        union
        select l.${by}::bigint from ${table} l where l.id = s.row_id
      ) m
      where s.topic = '${of}' and s.op <> 'truncate'`,
  };
}

// What the drain's long statement reads of the journal, when a reader comes from far back and when much of what was
// journaled is nobody's business.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { DrainSession } from '../../src/feed/drain-session.ts';
import { changesPerRow } from '../../src/feed/journal.ts';
import { type Cursor, parseCursor } from '../../src/protocol/cursor.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
const bulkLimit = 5;
const mostRows = bulkLimit * changesPerRow;
let psql: pg.Client;
let session: DrainSession;
let cursor: Cursor;

beforeEach(async () => {
  const database = await scope.database();
  psql = await scope.sql(database.url);
  const connection = { connectionString: database.appUrl };
  session = new DrainSession({
    connection,
    topics,
    actorName,
    bulkLimit,
    applicationName: 'drain',
    onlyLong: true,
  });
  await session.open();
  scope.add(() => session.close());
  cursor = await session.here();
});

const tasks = (count: number) =>
  psql.query(`insert into tasks (title) select 'x' from generate_series(1, $1)`, [count]);
/** Makes managers, which nobody need hear of, and takes them away, which who serves their sockets must. */
const departures = async (count: number) => {
  const insert = `insert into managers (email, name) select 'm' || n || '@site', 'M' from generate_series(1, $1::int) n`;
  await psql.query(insert, [count]);
  await psql.query(`delete from managers where name = 'M'`);
};

interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** Journal rows that a drain from the cursor looks at. */
async function looks(): Promise<number> {
  const { epoch, snapshot } = parseCursor(cursor) ?? {};
  const call = `drain('${snapshot}', '${epoch}', ${bulkLimit}, ${mostRows})`;
  const answer = (await session.value(`explain (analyze, format json) execute ${call}`)) as [{ Plan: PlanNode }];
  return count(answer[0].Plan);
}

function count(node: PlanNode): number {
  const own = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  const below = (node.Plans ?? []).reduce((sum, one) => sum + count(one), 0);
  return below + (node['Relation Name'] === 'change_journal' ? own : 0);
}

describe('the long statement', () => {
  it('looks at no more of the journal than it may, from however far back', async () => {
    await tasks(20 * mostRows);
    expect(await session.drain(cursor)).toMatchObject({ reset: { reason: 'bulk' }, isInternalOverrun: true });
    expect(await looks()).toBe(mostRows + 1);
  });

  it('tells what everybody sees beside more of internal topics than it may tell', async () => {
    await departures(3 * mostRows);
    await tasks(1);
    const { events, reset, isInternalOverrun } = await session.drain(cursor);
    expect({ topics: events.map(({ topic }) => topic), reset, isInternalOverrun }).toEqual({
      topics: ['task'],
      reset: undefined,
      isInternalOverrun: true,
    });
  });

  it('tells of internal topics what it may', async () => {
    await departures(bulkLimit);
    const { events, isInternalOverrun } = await session.drain(cursor);
    expect({ topics: events.map(({ topic }) => topic), isInternalOverrun }).toEqual({
      topics: Array(bulkLimit).fill('manager'),
      isInternalOverrun: undefined,
    });
  });
});

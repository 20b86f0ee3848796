// Replays of those who come back over a while from the same place.
import { expect, it } from '@jest/globals';
import { Feed } from '../../src/feed/feed.ts';
import { longestSpreadMs } from '../../src/protocol/feed.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

it('cost one query over all the time that a herd was asked to take', async () => {
  const database = await scope.database();
  const psql = await scope.sql(database.url);
  await psql.query('select taskfeed.begin_epoch()');
  const { rows } = await psql.query('select taskfeed.current_cursor() as since');
  await psql.query(`insert into tasks (title) values ('missed')`);
  let now = 0;
  const feed = new Feed({
    connection: { connectionString: database.appUrl },
    topics,
    actorName,
    bulkLimit: 5_000,
    safetyPollMs: 0,
    retentionMs: 3_600_000,
    historyMs: 3_600_000,
    now: () => now,
  });
  scope.add(() => feed.stop());
  await feed.start();
  for (now of [0, longestSpreadMs / 2, longestSpreadMs]) {
    const titles: unknown[] = [];
    await feed.catchUp(rows[0].since, (caughtUp) => {
      const batches = caughtUp.reset ? [] : caughtUp.batches;
      titles.push(...batches.flatMap(({ events }) => events.map(({ row }) => row['title'])));
    });
    expect(titles).toEqual(['missed']);
  }
  expect(feed.replayQueries).toBe(1);
});

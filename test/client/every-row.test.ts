// The client beside the table, on a real server: whatever ids an administrator has written, all rows are shown.
import { expect, it } from '@jest/globals';
import { createTaskfeed } from '../../src/client/taskfeed.ts';
import { eventually } from '../support/eventually.ts';
import { testManager } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

it('shows rows with ids below 1 that were there before it came, more than one page of them, and new ones', async () => {
  const database = await scope.database();
  const psql = await scope.sql(database.url);
  await psql.query(`
    insert into tasks (id, title) select id, id from generate_series(-1200, 2) id;
    insert into tasks (id, title) values (-2147483648, 'the lowest');
    insert into systems (id, name) values (0, 'none'), (-3, 'below');`);
  const server = await scope.server(database);
  const feed = createTaskfeed({ url: server.url, token: testManager.token });
  scope.add(async () => feed.stop());
  feed.start();
  await eventually('live', () => feed.freshness.get().state === 'live');
  const ids = Array.from({ length: 1_203 }, (_, index) => index - 1_200);
  const shown = () => [...feed.tasks.rows.keys()].sort((a, b) => a - b);
  expect(shown()).toEqual([-2_147_483_648, ...ids]);
  expect([...feed.systems.rows.keys()].sort()).toEqual([-3, 0]);
  await psql.query(`insert into tasks (id, title) values (-5000, 'new')`);
  await eventually('the new one', () => feed.tasks.get(-5_000)?.title === 'new');
});

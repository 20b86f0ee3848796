// A server that is started while somebody holds what the feed begins with: it is up and says that it is behind.
import { expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

it('is up and behind while the journal is held, and takes readers once it is let go', async () => {
  const database = await scope.database();
  const administrator = await scope.sql(database.url);
  await administrator.query('begin; lock table taskfeed.change_journal in access exclusive mode');
  const server = await scope.server(database);
  expect((await server.http('GET', '/healthz')).status).toBe(200);
  const { status, body } = await server.http('GET', '/readyz');
  expect(status).toBe(503);
  expect(body['reasons']).toEqual(expect.arrayContaining(['the first drain is not done', 'the feed is behind']));
  // From where this one is told of changes is not known yet.
  await expect(scope.client(server.url)).rejects.toMatchObject({ data: { code: 'unavailable', retry: true } });
  await administrator.query('commit');
  await eventually('it is ready', async () => (await server.http('GET', '/readyz')).status === 200);
  const client = await scope.client(server.url);
  await administrator.query(`insert into tasks (title) values ('afterwards')`);
  expect((await client.next('task:created')).task.title).toBe('afterwards');
});

// A committed row is on every socket: the whole path with a real server, real PostgreSQL and plain clients.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let server: RunningServer;
let psql: pg.Client;

beforeEach(async () => {
  database = await scope.database();
  server = await scope.server(database);
  psql = await scope.sql(database.url);
  await psql.query(`
    insert into systems (name) values ('Boiler 2');
    insert into employees (name) values ('Dana Levi');
    insert into tasks (title, status, system_id, employee_id) values ('Sweep chimney', 'sent', 1, 1);`);
});

describe('an edit in psql', () => {
  it('reaches single and batch clients with the full task, what changed and who did it', async () => {
    const single = await scope.client(server.url);
    const batch = await scope.client(server.url, { batch: true });
    await psql.query(`update tasks set status = 'completed' where id = 1`);

    const event = await single.next('task:updated');
    expect(event.task).toMatchObject({
      id: 1,
      title: 'Sweep chimney',
      status: 'completed',
      version: 2,
      system_name: 'Boiler 2',
      employee_name: 'Dana Levi',
      image_ids: [],
    });
    expect(event.change).toMatchObject({
      changed: ['status', 'completed_at'],
      before: { status: 'sent', completed_at: null },
      actor: expect.stringMatching(/^db:.+ \(psql\)$/),
      actor_name: null,
      count: 1,
    });
    expect(event.as_of).toHaveLength(2);

    const packet = await batch.next('feed:batch');
    expect(packet.events).toEqual([{ event: 'task:updated', task: event.task, change: event.change }]);
    expect(packet.to).toBe(event.cursor);
    expect(packet.as_of).toEqual(event.as_of);
    expect(batch.events).toEqual([]);
  });

  it('shows a rename on every task that shows the name', async () => {
    const client = await scope.client(server.url);
    await psql.query(`update systems set name = 'Boiler 3' where id = 1`);
    const event = await client.next('task:updated');
    expect(event.task).toMatchObject({ id: 1, version: 1, system_name: 'Boiler 3' });
    expect(event.change).toMatchObject({ changed: ['system_name'], before: { system_name: 'Boiler 2' }, count: 0 });
    const names = client.events.map(({ name }) => name);
    expect(names.sort()).toEqual(['system:updated', 'task:updated']);
  });
});

describe('an edit through the API', () => {
  it('is journaled as made by the route, and emitted by nobody but the feed', async () => {
    const client = await scope.client(server.url);
    const created = await server.http('POST', '/api/tasks', { title: ' Paint the door ', employee_id: 1 });
    expect(created.status).toBe(201);
    expect(created.body['task']).toMatchObject({
      id: 2,
      title: 'Paint the door',
      employee_name: 'Dana Levi',
      version: 1,
    });
    expect((await client.next('task:created')).task).toEqual(created.body['task']);

    const updated = await server.http('PUT', '/api/tasks/2', { priority: 'urgent', version: 1 });
    expect(updated.status).toBe(200);
    const event = await client.next('task:updated');
    expect(event.task).toEqual(updated.body['task']);
    expect(event.change).toMatchObject({
      actor: 'manager:1',
      actor_name: 'Test Manager',
      changed: ['priority'],
      before: { priority: 'normal' },
    });

    expect((await server.http('DELETE', '/api/tasks/2')).status).toBe(204);
    const deleted = await client.next('task:deleted');
    expect(deleted.task).toEqual(updated.body['task']);
    expect(client.events.map(({ name }) => name)).toEqual(['task:created', 'task:updated', 'task:deleted']);
  });
});

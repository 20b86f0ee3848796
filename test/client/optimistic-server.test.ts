// Optimistic changes against the real server: what an answer and an event say of the same change must fit together.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createTaskfeed, type Taskfeed } from '../../src/client/taskfeed.ts';
import { eventually } from '../support/eventually.ts';
import { testManager } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let feed: Taskfeed;
let psql: pg.Client;

beforeEach(async () => {
  const database = await scope.database();
  psql = await scope.sql(database.url);
  await psql.query(`
    insert into systems (name) values ('Boiler');
    insert into employees (name) values ('Dana');
    insert into tasks (title, system_id, employee_id) values ('Sweep', 1, 1);`);
  const server = await scope.server(database);
  feed = createTaskfeed({ url: server.url, token: testManager.token });
  scope.add(async () => feed.stop());
  feed.start();
  await eventually('live', () => feed.freshness.get().state === 'live');
});

describe('an optimistic change of', () => {
  it.each([
    ['task', 'tasks', 'title', { title: 'Mine' }],
    ['system', 'systems', 'name', { name: 'Mine' }],
    ['employee', 'employees', 'name', { name: 'Mine' }],
  ] as const)('a %s stays until the event that contains it, and no longer', async (topic, topics, field, patch) => {
    const store = feed[topics];
    const shown: unknown[] = [];
    const look = () => shown.push(Reflect.get(store.get(1) ?? {}, field));
    store.subscribe(look);
    const done = feed.optimistic(topic, 1, patch, () => feed.request('PUT', `/api/${topics}/1`, patch));
    expect(shown).toEqual(['Mine']);
    await done;
    await psql.query(`update ${topics} set ${field} = 'Theirs' where id = 1`);
    await eventually('what came after it', () => shown.at(-1) === 'Theirs');
    expect(new Set(shown)).toEqual(new Set(['Mine', 'Theirs']));
  });

  it.each(['system', 'employee'] as const)('a %s that is deleted hides it until it is', async (topic) => {
    const store = feed[`${topic}s`];
    const sizes: number[] = [];
    store.subscribe(() => sizes.push(store.rows.size));
    await feed.optimistic(topic, 1, null, () => feed.request('DELETE', `/api/${topic}s/1`));
    await eventually('the event', () => feed.tasks.get(1)?.[`${topic}_id`] === null);
    expect(new Set(sizes)).toEqual(new Set([0]));
  });

  it('a system that is refused is taken back', async () => {
    const change = feed.optimistic('system', 1, { name: '' }, () =>
      feed.request('PUT', '/api/systems/1', { name: '' }),
    );
    expect(feed.systems.get(1)?.name).toBe('');
    await expect(change).rejects.toMatchObject({ status: 400, code: 'invalid_request' });
    expect(feed.systems.get(1)?.name).toBe('Boiler');
  });
});

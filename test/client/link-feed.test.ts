// The client of a confirmation link against the real server.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { createLinkFeed, type LinkFeed } from '../../src/client/link-feed.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';

const scope = createScope();
let database: TestDatabase;
let server: RunningServer;
let psql: pg.Client;
let token: string;

beforeEach(async () => {
  database = await scope.database();
  server = await scope.server(database);
  psql = await scope.sql(database.url);
  await psql.query(`
    insert into systems (name, phone) values ('Boiler 2', '1'), ('Intake pump', '2');
    insert into employees (name) values ('Dana Levi');
    insert into tasks (title, status, system_id, employee_id) values
      ('Sweep chimney', 'sent', 1, 1), ('Check valve', 'sent', 1, 1), ('Not mine', 'sent', 1, null);`);
  const { body } = await server.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1, 2] });
  token = String(body['token']);
});

function follow(url = server.url, ofToken = token): LinkFeed {
  const feed = createLinkFeed({ url, token: ofToken });
  scope.add(async () => feed.stop());
  feed.start();
  return feed;
}

const isLive = (feed: LinkFeed) => eventually('live', () => feed.freshness.get().state === 'live');
const titles = (feed: LinkFeed) => feed.page.get()?.tasks.map(({ title }) => title);
const shows = (feed: LinkFeed, ...wanted: string[]) =>
  eventually(wanted.join(), () => JSON.stringify(titles(feed)) === JSON.stringify(wanted));

describe("a link's client", () => {
  it('shows the tasks of the link and follows them as they change, come and go', async () => {
    const feed = follow();
    await isLive(feed);
    expect(titles(feed)).toEqual(['Sweep chimney', 'Check valve']);
    await psql.query(`update tasks set title = 'Sweep it' where id = 1`);
    await shows(feed, 'Sweep it', 'Check valve');
    await psql.query('update tasks set employee_id = null where id = 2');
    await shows(feed, 'Sweep it');
    await psql.query('update tasks set employee_id = 1 where id = 2');
    await shows(feed, 'Sweep it', 'Check valve');
  });

  it('knows where each task is, also when that is elsewhere now', async () => {
    const feed = follow();
    await isLive(feed);
    await psql.query(`update systems set phone = '3' where id = 1`);
    await eventually('the new number', () => feed.page.get()?.systems[0]?.phone === '3');
    await psql.query('update tasks set system_id = 2 where id = 1');
    await eventually('the other system', () => feed.page.get()?.systems.some(({ name }) => name === 'Intake pump'));
    await isLive(feed);
  });

  it('comes back after the server was gone, with what was missed', async () => {
    const proxy = await openTcpProxy(server.server.port);
    scope.add(() => proxy.close());
    const feed = follow(proxy.url);
    await isLive(feed);
    await server.stop();
    await eventually('stale', () => feed.freshness.get().state === 'stale');
    await psql.query(`update tasks set title = 'Changed meanwhile' where id = 1`);
    proxy.pointAt((await scope.server(database)).server.port);
    await shows(feed, 'Changed meanwhile', 'Check valve');
    await isLive(feed);
  });

  it('survives what is too much to be told row by row', async () => {
    await server.stop();
    const small = await scope.server(database, { bulkLimit: 10 });
    const feed = follow(small.url);
    await isLive(feed);
    await psql.query(`insert into tasks (title) select 'bulk' from generate_series(1, 30);
      update tasks set title = 'After the flood' where id = 1`);
    await shows(feed, 'After the flood', 'Check valve');
    await isLive(feed);
  });

  it('ends, with the reason, when the link is revoked, expires or was never there', async () => {
    const feed = follow();
    await isLive(feed);
    await psql.query('update links set revoked_at = now()');
    await eventually('the end', () => feed.freshness.get().state === 'ended');
    expect(feed.freshness.get()).toMatchObject({ code: 'revoked' });
    const later = follow();
    await eventually('the end', () => later.freshness.get().state === 'ended');
    expect(later.freshness.get()).toMatchObject({ code: 'link_revoked' });
    const unknown = follow(server.url, 'A'.repeat(43));
    await eventually('the end', () => unknown.freshness.get().state === 'ended');
    expect(unknown.freshness.get()).toMatchObject({ code: 'link_unknown' });
  });

  it('asks again when somebody looks, and is live all the same', async () => {
    const feed = follow();
    await isLive(feed);
    let told = 0;
    feed.page.subscribe(() => {
      told += 1;
    });
    feed.checkNow();
    await eventually('the page, loaded again', () => told > 0);
    await isLive(feed);
  });
});

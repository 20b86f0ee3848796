// How often links may be used, and what marks them as used.
import { beforeEach, expect, it } from '@jest/globals';
import type pg from 'pg';
import { eventually } from '../support/eventually.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { fingerprint } from './routes-support.ts';

const scope = createScope();
let server: RunningServer;
let psql: pg.Client;
const tokens: string[] = [];

beforeEach(async () => {
  const database = await scope.database();
  server = await scope.server(database, { trustProxy: 1, linkLimits: { perAddress: 12, perLink: 8 } });
  psql = await scope.sql(database.url);
  await psql.query(`insert into employees (name) values ('Dana');
    insert into tasks (title, status, employee_id) values ('x', 'sent', 1);`);
  tokens.length = 0;
  for (const _ of [1, 2]) {
    const { body } = await server.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] });
    tokens.push(String(body['token']));
  }
});

const ask = async (path: string, address: string, method = 'GET') =>
  await server.http(method, path, undefined, { 'x-forwarded-for': address });

async function ends(times: number, one: (count: number) => Promise<{ status: number }>): Promise<number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < times; count += 1) statuses.push((await one(count)).status);
  return statuses;
}

it('are bounded per link, wherever it is used from, and other links are not concerned', async () => {
  const [mine, other] = tokens;
  const everywhere = (count: number) => ask(`/api/confirm/${mine}`, `192.0.2.${count}`);
  expect(await ends(9, everywhere)).toEqual([...Array(8).fill(200), 429]);
  const refused = await everywhere(99);
  expect(refused.body).toMatchObject({ code: 'too_many_requests', status: 429 });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.text).not.toContain(String(mine));
  expect((await ask(`/api/confirm/${mine}/acknowledge`, '192.0.2.99', 'POST')).status).toBe(429);
  expect((await ask(`/c/${mine}`, '192.0.2.99')).status).toBe(429);
  expect((await ask(`/api/confirm/${other}`, '192.0.2.1')).status).toBe(200);
});

it('are bounded per address, also for tokens that nobody knows, and other addresses are not concerned', async () => {
  const guessing = (count: number) => ask(`/api/confirm/${String(count).padEnd(43, 'A')}`, '2001:db8::7');
  expect(await ends(12, guessing)).toEqual(Array(12).fill(404));
  expect(await ends(2, guessing)).toEqual([429, 429]);
  // The same network of 64 bits is the same client.
  expect((await ask('/c/short', '2001:db8::ffff:8')).status).toBe(429);
  expect((await ask(`/api/confirm/${tokens[0]}`, '2001:db8:0:1::7')).status).toBe(200);
  expect((await ask('/api/tasks', '2001:db8::7')).status).toBe(200);
});

it('are marked as opened by the socket of the page, never by a look at it', async () => {
  const [token] = tokens;
  const before = await fingerprint(psql);
  for (const method of ['GET', 'HEAD']) {
    for (const path of [`/c/${token}`, `/api/confirm/${token}`, '/c/unknown', `/api/confirm/${token}/images/1`]) {
      await ask(path, '192.0.2.1', method);
    }
  }
  expect(await fingerprint(psql)).toBe(before);
  const marked = async () => {
    const { rows } = await psql.query('select opened_at, last_used_at from links order by id');
    return rows.map(({ opened_at, last_used_at }) => opened_at !== null && last_used_at !== null);
  };
  expect(await marked()).toEqual([false, false]);
  await scope.client(server.url, { link: String(token) });
  await eventually('the first link is marked', async () => (await marked())[0]);
  expect(await marked()).toEqual([true, false]);
  const { rows } = await psql.query(`select actor from taskfeed.change_journal where topic = 'link' order by seq desc`);
  expect(rows[0]).toEqual({ actor: 'link:1' });
});

// The log names routes, never URLs, and errors without the values they were about.
import { expect, it } from '@jest/globals';
import { createLogger } from '../../src/logger.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { eventually } from '../support/eventually.ts';
import type { RunningServerOptions } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

it('names the route of every answer by its template, also of errors and of what is nowhere', async () => {
  const lines: Record<string, unknown>[] = [];
  const server = await scope.server(await scope.database(), { log: (line) => lines.push(JSON.parse(line)) });
  const asked: [string, string, string][] = [
    ['GET', '/healthz', '/healthz'],
    ['GET', '/api/tasks?q=canary', '/api/tasks'],
    ['GET', '/api/tasks/4711', '/api/tasks/:id'],
    ['GET', '/api/tasks/canary', '/api/tasks/:id'],
    ['GET', '/api/confirm/canary-token', '/api/confirm/:token'],
    ['PUT', '/api/confirm/canary-token/task/1', '/api/confirm/:token/task/:taskId'],
    ['GET', '/c/canary-token', '/c/:token'],
    ['POST', '/c/canary-token/acknowledge', '/c/:token/acknowledge'],
    ['GET', '/c/%ZZcanary', '(none)'],
    ['GET', '/canary', '(none)'],
  ];
  for (const [method, path, route] of asked) {
    lines.length = 0;
    await server.http(method, path);
    const line = await eventually('a line', () => lines.find(({ msg }) => msg === 'request'));
    expect([path, line['route'], line['method']]).toEqual([path, route, method]);
    expect(JSON.stringify(lines)).not.toContain('canary');
  }
});

it('writes the cause of an error and none of the values it was about', async () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } });
  const database = await scope.database();
  const knex = createPool({ url: database.appUrl });
  scope.add(() => knex.destroy());
  const attempts = [
    knex.raw('insert into public.systems (name) values (?), (?)', ['canary', 'canary'.repeat(100)]),
    knex.raw('insert into public.tasks (title, version) values (?, null)', ['canary']),
  ];
  for (const attempt of attempts) {
    const error: unknown = await attempt.catch((reason: unknown) => reason);
    expect(JSON.stringify(error)).toContain('canary');
    logger.error({ err: error }, 'failed');
    logger.error({ err: new Error('wrapped', { cause: error }) }, 'failed');
  }
  expect(lines.join('')).toContain('systems_name_length');
  expect(lines).toHaveLength(4);
  expect(lines.join('')).not.toContain('canary');
});

it('takes out what is named like a secret, should anybody hand it over', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } });
  logger.info({ token: 'canary', req: { headers: { cookie: 'canary', authorization: 'canary' } } }, 'told');
  logger.info({ auth: { link: 'canary', password: 'canary' }, seen: 'kept' }, 'told');
  expect(lines.join('')).not.toContain('canary');
  expect(lines.join('')).toContain('kept');
});

it('says once that there seems to be a proxy, where nobody said whether there is one', async () => {
  const database = await scope.database();
  const warnings = async (options: RunningServerOptions, headers: Record<string, string>) => {
    const lines: string[] = [];
    const server = await scope.server(database, { ...options, log: (line) => lines.push(line) });
    for (let count = 0; count < 2; count += 1) await server.http('GET', '/healthz', undefined, headers);
    return lines.filter((line) => line.includes('TRUST_PROXY is not set')).map((line) => JSON.parse(line).header);
  };
  const forwarded = { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' };
  expect(await warnings({}, forwarded)).toEqual(['x-forwarded-for']);
  expect(await warnings({}, { forwarded: 'for=192.0.2.1' })).toEqual(['forwarded']);
  expect(await warnings({}, {})).toEqual([]);
  expect(await warnings({ trustProxy: 1 }, forwarded)).toEqual([]);
  expect(await warnings({ trustProxy: 0 }, forwarded)).toEqual([]);
});

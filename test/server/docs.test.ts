// The documents of the API: no route is missing, none is invented, and real answers and events look as they say.
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import express, { Router } from 'express';
import * as z from 'zod';
import { createAsyncapi } from '../../src/server/docs/asyncapi.ts';
import type { JsonSchema } from '../../src/server/docs/json-schema.ts';
import { braced, createOpenapi } from '../../src/server/docs/openapi.ts';
import { type Operation, problemsOf } from '../../src/server/docs/operation.ts';
import { groups } from '../../src/server/docs/operations.ts';
import { testManager } from '../support/identity.ts';
import type { Answer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { photo, send } from './pictures.ts';
import { routesOf } from './route-walk.ts';
import { bodyOf, useSite } from './routes-support.ts';

const scope = createScope();
const site = useSite();
const openapi = createOpenapi();
const asyncapi = createAsyncapi({ host: 'board.example' });
const operations = groups.flatMap((group) => group.operations);

/** A schema of a document, as strict as can be: fields that it does not name are errors. */
function strict(schema: JsonSchema, schemas: Record<string, JsonSchema>): z.ZodType {
  const close = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(close);
    if (typeof part !== 'object' || part === null) return part;
    const entries = Object.entries(part).map(([key, value]) =>
      key === '$ref' ? [key, String(value).replace('#/components/schemas/', '#/$defs/')] : [key, close(value)],
    );
    const closed = Object.fromEntries(entries) as JsonSchema;
    const isObject = closed.type === 'object' && closed.properties !== undefined;
    return isObject && closed.additionalProperties === undefined ? { ...closed, additionalProperties: false } : closed;
  };
  return z.fromJSONSchema({ ...(close(schema) as object), $defs: close(schemas) as never });
}

function expectFit(what: string, schema: JsonSchema, schemas: Record<string, JsonSchema>, value: unknown): void {
  const parsed = strict(schema, schemas).safeParse(value);
  expect([what, parsed.error?.issues ?? []]).toEqual([what, []]);
}

it('walks into every router', () => {
  const app = express();
  const inner = Router().get('/', () => undefined);
  inner
    .route('/:id')
    .put(() => undefined)
    .delete(() => undefined);
  app.use(
    '/a',
    (_request, _response, next) => next(),
    Router()
      .use('/b', inner)
      .get(['/x', '/y'], () => undefined),
  );
  app.post('/last', () => undefined);
  expect(routesOf(app).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /a/b',
    'PUT /a/b/:id',
    'DELETE /a/b/:id',
    'GET /a/x',
    'GET /a/y',
    'POST /last',
  ]);
});

it('documents every route that is mounted, and no other', () => {
  const mounted = routesOf(site.server.server.app).map(({ method, path }) => `${method} ${braced(path)}`);
  const documented = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(mounted).toContain('PUT /api/confirm/{token}/task/{taskId}');
  expect(documented.sort()).toEqual([...new Set(mounted)].sort());
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
});

it('shows only schemas that exist, and examples that fit', () => {
  for (const document of [openapi, asyncapi]) {
    const text = JSON.stringify(document);
    const wanted = [...text.matchAll(/#\/components\/(schemas|messages)\/([\w.-]+)/g)];
    expect(wanted.length).toBeGreaterThan(20);
    const { components } = document as { components: Record<string, Record<string, unknown>> };
    for (const [, kind = '', name = ''] of wanted)
      expect([name, components[kind]?.[name] !== undefined]).toEqual([name, true]);
    expect(text).not.toMatch(/\$defs|"\$schema"|undefined/);
  }
  const examples = operations.filter(({ example }) => example !== undefined);
  expect(examples.length).toBeGreaterThan(5);
  for (const { id, body, example } of examples) {
    const parsed = (body as z.ZodType).safeParse(example);
    expect([id, parsed.error?.issues ?? []]).toEqual([id, []]);
  }
});

describe('real answers', () => {
  const exercised = new Set<string>();
  let token: string;

  beforeAll(() => exercised.clear());
  beforeEach(async () => {
    const link = { employee_id: 1, task_ids: [1, 2] };
    token = bodyOf(await site.http('POST', '/api/confirm/generate', link)).token;
  });

  /** Asks, and holds the answer against the documents. */
  async function ask(
    id: string,
    path: string,
    { body, status }: { body?: unknown; status?: number } = {},
  ): Promise<Answer> {
    const operation = operations.find((one) => one.id === id) as Operation;
    const url = path.replace(':token', token);
    const isFiles = Array.isArray(body) && body.every((file) => Buffer.isBuffer(file));
    const answer = isFiles
      ? await send({ url: `${site.server.url}${url}`, files: body })
      : await site.http(operation.method.toUpperCase(), url, body);
    expect([id, answer.status]).toEqual([id, status ?? operation.answers[0]?.status]);
    expectDocumented(operation, answer);
    if (answer.status < 400) exercised.add(id);
    return answer;
  }

  function expectDocumented(operation: Operation, { status, body, headers }: Answer): void {
    type Responses = Record<string, { content?: Record<string, { schema?: JsonSchema }> }>;
    const described = openapi.paths[braced(operation.path)]?.[operation.method];
    const { responses } = (described ?? { responses: {} }) as { responses: Responses };
    const documented = responses[status];
    expect([operation.id, status, documented !== undefined]).toEqual([operation.id, status, true]);
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    const content = documented?.content ?? {};
    if (status === 204 || status === 303) expect(content).toEqual({});
    else expect([operation.id, Object.keys(content)]).toEqual([operation.id, [type]]);
    if (type === 'application/problem+json') {
      expect([operation.id, problemsOf(operation)]).toEqual([operation.id, expect.arrayContaining([body['code']])]);
    }
    const { schema } = content[type] ?? {};
    if (schema) expectFit(`${operation.id} ${status}`, schema, openapi.components.schemas, body);
  }

  it('fit what is documented, of every route', async () => {
    await site.psql.query(`update tasks set due_at = now() where id = 3; delete from tasks where id = 4`);
    await ask('listTasks', '/api/tasks?include=last_change&scope=live');
    await ask('listTasksToday', '/api/tasks/today');
    await ask('listTasksOverdue', '/api/tasks/overdue');
    await ask('listRecentChanges', '/api/tasks/changes');
    await ask('listDeletedTasks', '/api/tasks/deleted');
    await ask('readTask', '/api/tasks/1');
    await ask('readTask', '/api/tasks/99', { status: 404 });
    await ask('readTask', '/api/tasks/x', { status: 400 });
    await ask('createTask', '/api/tasks', { body: { title: 'New' } });
    await ask('createTask', '/api/tasks', { body: [{ title: 'New' }, { title: 'Newer' }] });
    await ask('createTask', '/api/tasks', { body: '{', status: 400 });
    await ask('createTask', '/api/tasks', { body: { title: 'x', status: 'received' }, status: 409 });
    await ask('patchTasks', '/api/tasks', { body: { items: [{ id: 1 }, { id: 99 }], set: { note: 'x' } } });
    await ask('updateTask', '/api/tasks/1', { body: { note: 'y' } });
    await ask('updateTask', '/api/tasks/1', { body: { note: 'z', version: 1 }, status: 409 });
    await ask('setTaskStatus', '/api/tasks/1/status', { body: { status: 'pending_approval' } });
    await ask('sendBackTask', '/api/tasks/1/send-back', { body: { reason: 'Again' } });
    await ask('approveTask', '/api/tasks/2/approve', { status: 409 });
    await site.psql.query(`update tasks set status = 'pending_approval' where id = 2`);
    await ask('approveTask', '/api/tasks/2/approve');
    await ask('readTaskHistory', '/api/tasks/1/history');
    await ask('deleteTask', '/api/tasks/3');
    await ask('restoreTask', '/api/tasks/3/restore');
    await ask('restoreTask', '/api/tasks/3/restore', { status: 409 });

    await ask('addTaskImages', '/api/tasks/1/images', { body: [await photo()] });
    await ask('addTaskImages', '/api/tasks/1/images', { body: [Buffer.from('x')], status: 415 });
    await ask('listTaskImages', '/api/tasks/1/images');
    await ask('readImage', '/api/images/1');
    await ask('readThumbnail', '/api/images/1/thumbnail');

    for (const [name, path] of [
      ['System', 'systems'],
      ['Employee', 'employees'],
    ]) {
      await ask(`list${name}s`, `/api/${path}`);
      await ask(`create${name}`, `/api/${path}`, { body: { name: 'New' } });
      await ask(`read${name}`, `/api/${path}/1`);
      await ask(`update${name}`, `/api/${path}/1`, { body: { name: 'Other' } });
      await ask(`delete${name}`, `/api/${path}/3`);
      await ask(`delete${name}`, `/api/${path}/3`, { status: 404 });
    }

    await ask('readLink', '/api/confirm/:token');
    await ask('acknowledgeLink', '/api/confirm/:token/acknowledge');
    await ask('updateLinkedTask', '/api/confirm/:token/task/1', { body: { note: 'Done' } });
    await ask('updateLinkedTask', '/api/confirm/:token/task/3', { body: { note: 'Done' }, status: 403 });
    await ask('addLinkedImages', '/api/confirm/:token/task/1/images', { body: [await photo(50, 50)] });
    await ask('listLinkedImages', '/api/confirm/:token/task/1/images');
    await ask('readLinkedImage', '/api/confirm/:token/images/1');
    await ask('readLinkedThumbnail', '/api/confirm/:token/images/1/thumbnail');
    await ask('deleteLinkedImage', '/api/confirm/:token/images/2');
    await ask('showLinkPage', '/c/:token');
    await ask('deleteImage', '/api/images/1');
    await ask('listLinks', '/api/links');
    await ask('generateLink', '/api/confirm/generate', { body: { employee_id: 1, task_ids: [1] } });
    await ask('generateLink', '/api/confirm/generate', { body: { employee_id: 2, task_ids: [1] }, status: 409 });
    await ask('renewLink', '/api/links/2/renew');
    await ask('revokeLink', '/api/links/1');
    await ask('readLink', '/api/confirm/:token', { status: 410 });
    await ask('readLink', '/api/confirm/short', { status: 404 });

    const { email, password } = testManager;
    await ask('signIn', '/api/session', { body: { email, password } });
    await ask('signIn', '/api/session', { body: { email, password: 'wrong' }, status: 401 });
    await ask('readSession', '/api/session');
    await ask('signOut', '/api/session');

    await ask('readFeedReport', '/api/feed');
    await ask('readSite', '/api/site');
    for (const [id, path] of [
      ['isAlive', '/healthz'],
      ['isReady', '/readyz'],
      ['readMetrics', '/metrics'],
      ['showDocs', '/docs'],
      ['readOpenapi', '/docs/openapi.json'],
      ['readAsyncapi', '/docs/asyncapi.json'],
    ] as const)
      await ask(id, path);

    // A redirect is followed by whoever asks, so it is not asked for here.
    const missing = operations.map(({ id }) => id).filter((id) => !exercised.has(id));
    expect(missing).toEqual(['acknowledgeByForm']);
  });

  it('that do not fit would be seen', () => {
    const schema = { $ref: '#/components/schemas/System' };
    const system = {
      id: 1,
      name: 'x',
      description: null,
      location: null,
      contact_name: null,
      phone: null,
      email: null,
    };
    const times = { created_at: 'now', updated_at: 'now' };
    expectFit('a whole one', schema, openapi.components.schemas, { ...system, ...times });
    for (const wrong of [system, { ...system, ...times, extra: 1 }, { ...system, ...times, name: null }])
      expect(strict(schema, openapi.components.schemas).safeParse(wrong).success).toBe(false);
  });
});

it('events look as they are documented, for managers and for links', async () => {
  const { token } = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] }));
  const clients = {
    managers: [await scope.client(site.server.url), await scope.client(site.server.url, { batch: true })],
    links: [await scope.client(site.server.url, { link: token })],
  };
  await site.psql.query(`
    update tasks set note = 'x'; update systems set phone = '1'; update employees set name = 'Dana';
    insert into tasks (title) values ('New'); delete from tasks where id = 2`);
  await site.http('POST', `/api/confirm/${token}/acknowledge`);
  await clients.links[0]?.next('link:updated');
  await site.psql.query('truncate task_images');
  await clients.managers[0]?.next('feed:reset');
  await clients.managers[1]?.next('feed:reset');
  await clients.links[0]?.next('feed:reset');
  const { schemas, messages } = asyncapi.components;
  const seen = new Set<string>();
  for (const [channel, all] of Object.entries(clients)) {
    for (const { name, data } of all.flatMap(({ packets }) => packets)) {
      const key = `${channel}.${name.replace(':', '.')}`;
      const message = messages[key] as { payload: JsonSchema } | undefined;
      expect([key, message !== undefined]).toEqual([key, true]);
      expectFit(key, message?.payload ?? {}, schemas, data);
      seen.add(key);
    }
  }
  for (const key of ['managers.task.updated', 'managers.task.deleted', 'managers.feed.batch', 'managers.link.updated'])
    expect(seen).toContain(key);
  for (const key of ['links.task.updated', 'links.system.updated', 'links.link.updated', 'links.feed.pulse'])
    expect(seen).toContain(key);
});

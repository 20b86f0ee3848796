// /api/tasks. Routes parse, call the domain and answer; they emit nothing.
import { type Request, Router } from 'express';
import type { Knex } from 'knex';
import { deleteQuery, historyQuery, listQuery, nothing, pathId, recentQuery, taskQuery } from '../../protocol/http.ts';
import {
  approveTask as approveBody,
  createTask as createBody,
  createTasks as createManyBody,
  patchTasks as patchBody,
  sendBackTask as sendBackBody,
  setStatus as statusBody,
  type TaskItem,
  updateTask as updateBody,
} from '../../protocol/writes.ts';
import { deletedTasks } from '../../tasks/deleted.ts';
import { taskHistory } from '../../tasks/history.ts';
import { recentChanges } from '../../tasks/recent.ts';
import { restoreTask } from '../../tasks/restore.ts';
import { listTasks } from '../../tasks/task-list.ts';
import {
  approveTask,
  createTasks,
  deleteTask,
  getTask,
  patchTasks,
  sendBackTask,
  updateTask,
} from '../../tasks/tasks.ts';
import { actorOf } from '../actor.ts';
import { parse } from '../problem.ts';
import { SharedLists } from '../shared-lists.ts';
import { write } from './write.ts';

export interface TaskRoutesOptions {
  knex: Knex;
  /** The site's time zone: what "today" means. */
  timezone: string;
}

export function taskRoutes({ knex, timezone }: TaskRoutesOptions): Router {
  const router = Router();
  readRoutes(router, knex, timezone);
  writeRoutes(router, knex);
  stepRoutes(router, knex);
  return router;
}

function readRoutes(router: Router, knex: Knex, timezone: string): void {
  const lists = new SharedLists();

  router.get('/', async (request, response) => {
    const query = parse(taskQuery, request.query);
    await lists.send(response, { name: 'tasks', query, read: () => listTasks(knex, query, { timezone }) });
  });

  for (const due of ['today', 'overdue'] as const) {
    router.get(`/${due}`, async (request, response) => {
      const query = { ...parse(listQuery, request.query), due };
      await lists.send(response, { name: 'tasks', query, read: () => listTasks(knex, query, { timezone }) });
    });
  }

  router.get('/changes', async (request, response) => {
    response.json(await recentChanges(knex, parse(recentQuery, request.query)));
  });

  router.get('/deleted', async (request, response) => {
    response.json(await deletedTasks(knex, parse(historyQuery, request.query)));
  });

  router.get('/:id', async (request, response) => {
    response.json({ task: await getTask(knex, idOf(request)) });
  });

  router.get('/:id/history', async (request, response) => {
    response.json(await taskHistory(knex, idOf(request), parse(historyQuery, request.query)));
  });
}

function writeRoutes(router: Router, knex: Knex): void {
  router.post(
    '/',
    write(knex, async (db, request) => {
      if (Array.isArray(request.body)) {
        const tasks = await createTasks(db, actorOf(request), parse(createManyBody, request.body));
        return { status: 201, body: { tasks } };
      }
      const [task] = await createTasks(db, actorOf(request), [parse(createBody, request.body)]);
      return { status: 201, location: `/api/tasks/${task?.id}`, body: { task } };
    }),
  );

  router.patch(
    '/',
    write(knex, async (db, request) => {
      const { items, set } = parse(patchBody, request.body);
      return { status: 200, body: { results: await patchTasks(db, actorOf(request), items, set) } };
    }),
  );

  router.put(
    '/:id',
    write(knex, async (db, request) => {
      const id = idOf(request);
      const { version, ...values } = parse(updateBody, request.body);
      return { status: 200, body: { task: await updateTask(db, actorOf(request), item(id, version), values) } };
    }),
  );

  router.delete(
    '/:id',
    write(knex, async (db, request) => {
      const id = idOf(request);
      const { version } = parse(deleteQuery, request.query);
      await deleteTask(db, actorOf(request), item(id, version));
      return { status: 204 };
    }),
  );
}

function stepRoutes(router: Router, knex: Knex): void {
  router.put(
    '/:id/status',
    write(knex, async (db, request) => {
      const id = idOf(request);
      const { status, version } = parse(statusBody, request.body);
      return { status: 200, body: { task: await updateTask(db, actorOf(request), item(id, version), { status }) } };
    }),
  );

  router.post(
    '/:id/approve',
    write(knex, async (db, request) => {
      const id = idOf(request);
      const { version } = parse(approveBody, request.body ?? {});
      return { status: 200, body: { task: await approveTask(db, actorOf(request), item(id, version)) } };
    }),
  );

  router.post(
    '/:id/send-back',
    write(knex, async (db, request) => {
      const id = idOf(request);
      const { reason, version } = parse(sendBackBody, request.body);
      return { status: 200, body: { task: await sendBackTask(db, actorOf(request), item(id, version), reason) } };
    }),
  );

  router.post(
    '/:id/restore',
    write(knex, async (db, request) => {
      const id = idOf(request);
      parse(nothing, request.body ?? {});
      return { status: 200, body: { task: await restoreTask(db, actorOf(request), id) } };
    }),
  );
}

function idOf(request: Request): number {
  return parse(pathId, request.params['id']);
}

function item(id: number, version: number | undefined): TaskItem {
  return { id, ...(version === undefined ? {} : { version }) };
}

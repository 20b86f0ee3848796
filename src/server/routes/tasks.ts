// /api/tasks. Routes parse, call the domain and answer; they emit nothing.
import { Router } from 'express';
import type { Knex } from 'knex';
import { listQuery, pathId } from '../../protocol/http.ts';
import { createTask as createTaskBody, updateTask as updateTaskBody } from '../../protocol/task.ts';
import { createTask, deleteTask, getTask, listTasks, updateTask } from '../../tasks/tasks.ts';
import { actorOf } from '../actor.ts';
import { parse } from '../problem.ts';

export function taskRoutes(knex: Knex): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { rows, cursor, next } = await listTasks(knex, parse(listQuery, request.query));
    response.json({ tasks: rows, cursor, next });
  });

  router.get('/:id', async (request, response) => {
    response.json({ task: await getTask(knex, parse(pathId, request.params.id)) });
  });

  router.post('/', async (request, response) => {
    const task = await createTask(knex, actorOf(request), parse(createTaskBody, request.body));
    response.status(201).location(`/api/tasks/${task.id}`).json({ task });
  });

  router.put('/:id', async (request, response) => {
    const id = parse(pathId, request.params.id);
    response.json({ task: await updateTask(knex, actorOf(request), id, parse(updateTaskBody, request.body)) });
  });

  router.delete('/:id', async (request, response) => {
    await deleteTask(knex, actorOf(request), parse(pathId, request.params.id));
    response.status(204).end();
  });

  return router;
}

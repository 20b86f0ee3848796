// /api/systems and /api/employees.
import { Router } from 'express';
import type { Knex } from 'knex';
import type * as z from 'zod/mini';
import { listQuery, pathId } from '../../protocol/http.ts';
import type { Directory } from '../../tasks/directory.ts';
import { actorOf } from '../actor.ts';
import { parse } from '../problem.ts';
import { SharedLists } from '../shared-lists.ts';

export interface DirectoryRoutesOptions<Row extends { id: number }> {
  knex: Knex;
  directory: Directory<Row>;
  /** Names of the JSON members and of the path: `system`, `systems`. */
  one: string;
  many: string;
  createBody: z.ZodMiniType<object>;
  updateBody: z.ZodMiniType<object>;
}

export function directoryRoutes<Row extends { id: number }>(options: DirectoryRoutesOptions<Row>): Router {
  const { knex, directory, one, many, createBody, updateBody } = options;
  const router = Router();
  const lists = new SharedLists();

  router.get('/', async (request, response) => {
    const query = parse(listQuery, request.query);
    await lists.send(response, { name: many, query, read: () => directory.list(knex, query) });
  });

  router.get('/:id', async (request, response) => {
    response.json({ [one]: await directory.get(knex, parse(pathId, request.params.id)) });
  });

  router.post('/', async (request, response) => {
    const row = await directory.create(knex, actorOf(request), parse(createBody, request.body));
    response
      .status(201)
      .location(`/api/${many}/${row.id}`)
      .json({ [one]: row });
  });

  router.put('/:id', async (request, response) => {
    const id = parse(pathId, request.params.id);
    const row = await directory.update(knex, actorOf(request), id, parse(updateBody, request.body));
    response.json({ [one]: row });
  });

  router.delete('/:id', async (request, response) => {
    await directory.remove(knex, actorOf(request), parse(pathId, request.params.id));
    response.status(204).end();
  });

  return router;
}

// /api/systems and /api/employees.
import { Router } from 'express';
import type { Knex } from 'knex';
import type * as z from 'zod/mini';
import { listQuery, pathId } from '../../protocol/http.ts';
import type { Directory } from '../../tasks/directory.ts';
import { actorOf } from '../actor.ts';
import { parse } from '../problem.ts';
import { SharedLists } from '../shared-lists.ts';
import { write } from './write.ts';

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

  router.post(
    '/',
    write(knex, async (db, request) => {
      const row = await directory.create(db, actorOf(request), parse(createBody, request.body));
      return { status: 201, location: `/api/${many}/${row.id}`, body: { [one]: row } };
    }),
  );

  router.put(
    '/:id',
    write(knex, async (db, request) => {
      const id = parse(pathId, request.params['id']);
      const row = await directory.update(db, actorOf(request), id, parse(updateBody, request.body));
      return { status: 200, body: { [one]: row } };
    }),
  );

  router.delete(
    '/:id',
    write(knex, async (db, request) => {
      await directory.remove(db, actorOf(request), parse(pathId, request.params['id']));
      return { status: 204 };
    }),
  );

  return router;
}

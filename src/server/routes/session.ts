// /api/session: sign in, who is signed in, sign out.
import { Router } from 'express';
import type { Knex } from 'knex';
import { TaskfeedError } from '../../protocol/errors.ts';
import { signIn as signInBody } from '../../protocol/manager.ts';
import { authenticate } from '../../tasks/managers.ts';
import { identityOf } from '../identity.ts';
import { parse } from '../problem.ts';
import { cookieName, type Doors } from '../session.ts';

export interface SessionRoutesOptions {
  knex: Knex;
  doors: Doors;
}

export function sessionRoutes({ knex, doors }: SessionRoutesOptions): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  router.post('/', async (request, response) => {
    const body = parse(signInBody, request.body);
    const manager = await authenticate(knex, body);
    if (!manager) throw new TaskfeedError('wrong_credentials');
    await doors.signIn(request, manager);
    response.json({ manager });
  });

  router.get('/', doors.requireManager, (request, response) => {
    response.json({ manager: identityOf(request).manager });
  });

  router.delete('/', async (request, response) => {
    await doors.signOut(request);
    response.clearCookie(cookieName, { path: '/' });
    response.status(204).end();
  });

  return router;
}

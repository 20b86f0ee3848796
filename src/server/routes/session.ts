// /api/session: sign in, who is signed in, sign out.
import { Router } from 'express';
import { signIn as signInBody } from '../../protocol/manager.ts';
import { identityOf } from '../identity.ts';
import { parse } from '../problem.ts';
import { cookieName, type Doors } from '../session.ts';
import type { SignInFunction } from '../sign-in.ts';

export interface SessionRoutesOptions {
  doors: Doors;
  signIn: SignInFunction;
}

export function sessionRoutes({ doors, signIn }: SessionRoutesOptions): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  router.post('/', async (request, response) => {
    response.json({ manager: await signIn(request, parse(signInBody, request.body)) });
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

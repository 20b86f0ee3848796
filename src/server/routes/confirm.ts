// /api/confirm/:token and the form post of /c/:token: what the holder of a confirmation link may do. The token is the
// only credential here and appears in no answer, problem or log line.
import { type ErrorRequestHandler, type Request, Router } from 'express';
import type { Knex } from 'knex';
import { idempotencyKey, nothing, pathId } from '../../protocol/http.ts';
import { updateLinkedTask as updateBody } from '../../protocol/writes.ts';
import {
  acknowledgeLink,
  type LinkCall,
  type LinkSite,
  readLink,
  unknownLink,
  updateLinkedTask,
} from '../../tasks/link-holder.ts';
import { parse } from '../problem.ts';
import type { Uploads } from '../uploads.ts';
import { linkedImageRoutes } from './images.ts';

export interface ConfirmRoutesOptions {
  knex: Knex;
  site: LinkSite;
}

export function confirmRoutes({ knex, site, uploads }: ConfirmRoutesOptions & { uploads: Uploads }): Router {
  const router = Router();
  const callOf = (request: Request): LinkCall => ({ token: String(request.params['token']), site });
  router.get('/:token', async (request, response) => {
    parse(nothing, request.query);
    response.json(await readLink(knex, callOf(request)));
  });

  router.post('/:token/acknowledge', async (request, response) => {
    parse(nothing, request.body ?? {});
    response.json(await acknowledgeLink(knex, callOf(request)));
  });

  router.put('/:token/task/:taskId', async (request, response) => {
    const id = parse(pathId, request.params.taskId);
    const update = parse(updateBody, request.body);
    const key = request.get('Idempotency-Key');
    const task = await updateLinkedTask(knex, callOf(request), {
      id,
      update,
      idempotencyKey: key === undefined ? undefined : parse(idempotencyKey, key),
    });
    response.json({ task });
  });

  router.use(linkedImageRoutes({ knex, site, uploads }));
  router.use(badPath);
  return router;
}

/** For pages without JavaScript: acknowledge, then see the page again. The body is not read. */
export function linkFormRoutes({ knex, site }: ConfirmRoutesOptions): Router {
  const router = Router();
  router.post('/:token/acknowledge', async (request, response) => {
    const { token } = request.params as { token: string };
    await acknowledgeLink(knex, { token, site });
    const { lang } = request.query;
    const query = typeof lang === 'string' ? `?lang=${encodeURIComponent(lang)}` : '';
    response.redirect(303, `/c/${token}${query}`);
  });
  router.use(badPath);
  return router;
}

// A path that cannot be decoded is a malformed token, and is answered like one.
const badPath: ErrorRequestHandler = (error, _request, _response, next) => {
  next((error as Error).name === 'URIError' ? unknownLink() : error);
};

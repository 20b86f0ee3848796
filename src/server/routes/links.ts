// /api/links and POST /api/confirm/generate: managers issue, see, revoke and renew confirmation links. The token is in
// the answers that create it and nowhere else.
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Knex } from 'knex';
import { TaskfeedError } from '../../protocol/errors.ts';
import { listQuery, nothing, pathId } from '../../protocol/http.ts';
import type { IssuedLink } from '../../protocol/link.ts';
import { generateLink as generateBody, renewLink as renewBody } from '../../protocol/writes.ts';
import { generateLink, listLinks, renewLink, revokeLink } from '../../tasks/links.ts';
import { actorOf } from '../actor.ts';
import { parse } from '../problem.ts';

export interface LinkRoutesOptions {
  knex: Knex;
  /** Where people reach this server; the host of the request if unset. */
  publicUrl: string | undefined;
}

export function linkRoutes({ knex, publicUrl }: LinkRoutesOptions): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { rows, cursor, next } = await listLinks(knex, parse(listQuery, request.query));
    response.json({ links: rows, cursor, next });
  });

  router.delete('/:id', async (request, response) => {
    const id = parse(pathId, request.params.id);
    parse(nothing, request.query);
    await revokeLink(knex, actorOf(request), id);
    response.status(204).end();
  });

  router.post('/:id/renew', async (request, response) => {
    refuseKey(request);
    const id = parse(pathId, request.params.id);
    const { expires_in_hours } = parse(renewBody, request.body ?? {});
    show(request, response, await renewLink(knex, actorOf(request), id, expires_in_hours), publicUrl);
  });

  return router;
}

export function generateRoute({ knex, publicUrl }: LinkRoutesOptions): RequestHandler {
  return async (request, response) => {
    refuseKey(request);
    const issued = await generateLink(knex, actorOf(request), parse(generateBody, request.body));
    show(request, response, issued, publicUrl);
  };
}

// Kept for a repetition, the token would be in the database. Silence would promise what is not done: two links instead of one.
function refuseKey(request: Request): void {
  if (request.get('Idempotency-Key') === undefined) return;
  const detail =
    'Idempotency-Key is not taken here: the answer holds the token, which is kept nowhere. Ask without it; a link whose answer was lost can be revoked.';
  throw new TaskfeedError('invalid_request', { detail });
}

function show(request: Request, response: Response, issued: IssuedLink, publicUrl: string | undefined): void {
  const { id, token, expires_at } = issued;
  const url = `${(publicUrl ?? hostOf(request)).replace(/(?<!\/)\/+$/, '')}/c/${token}`;
  response.status(201).set('Cache-Control', 'no-store').json({ id, token, url, expires_at });
}

// The header comes from the client; what is no host is replaced by the address it has reached.
function hostOf(request: Request): string {
  const url = `${request.protocol}://${request.headers.host}`;
  if (request.headers.host && URL.canParse(url)) return new URL(url).origin;
  const { localAddress, localPort } = request.socket;
  return `${request.protocol}://${localAddress?.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}

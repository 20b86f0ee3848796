// Writes of managers: what is to be answered, and once per Idempotency-Key.
import type { Request, RequestHandler } from 'express';
import type { Knex } from 'knex';
import { idempotencyKey } from '../../protocol/http.ts';
import { onceByManager } from '../../tasks/idempotency.ts';
import { identityOf } from '../identity.ts';
import { parse } from '../problem.ts';

interface Reply {
  status: 200 | 201 | 204;
  /** The path of what was made. */
  location?: string;
  body?: object;
}

/** Does `work` with what it is given for a database: the pool, or the transaction in which the answer is kept. */
export function write(knex: Knex, work: (db: Knex, request: Request) => Promise<Reply>): RequestHandler {
  return async (request, response) => {
    const { method, originalUrl, body } = request;
    const given = request.get('Idempotency-Key');
    const key = given === undefined ? undefined : parse(idempotencyKey, given);
    const wanted = { managerId: identityOf(request).manager.id, key, request: [method, originalUrl, body ?? null] };
    const reply = await onceByManager(knex, wanted, (db) => work(db, request));
    response.status(reply.status);
    if (reply.location !== undefined) response.location(reply.location);
    if (reply.body === undefined) response.end();
    else response.json(reply.body);
  };
}

// Errors on their way out: RFC 9457 problem documents for what is ours to tell, `internal` for the rest, whose detail
// goes to the log and never on the wire.
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import * as z from 'zod/mini';
import type { Logger } from '../logger.ts';
import { type Problem, type ProblemCode, problems, TaskfeedError } from '../protocol/errors.ts';
import { fromDatabaseError } from '../tasks/database.ts';
import type { ShowFailure } from './failure-pages.ts';
import { routeOf } from './request-log.ts';

// zod/mini has no texts of its own. They are for the server's answers only; a page would have to load them.
const { localeError } = z.locales.en();

// A body can be wrong in a hundred thousand places; the answer stays small.
const mostIssues = 20;
const longestMessage = 300;

/** Parses with `schema`, or throws `invalid_request` naming each field that is wrong. */
export function parse<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const parsed = z.safeParse(schema, value, { error: localeError });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.slice(0, mostIssues).map(({ path, message }) => ({
    path: maskWords(path.join('.')),
    message: maskWords(message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message),
  }));
  throw new TaskfeedError('invalid_request', {
    detail: 'Some values are missing, unknown or not allowed.',
    members: { errors },
  });
}

function toProblem(error: TaskfeedError): Problem {
  const { status, title } = problems[error.code];
  const detail = error.detail === undefined ? {} : { detail: error.detail };
  return { type: 'about:blank', title, status, code: error.code, ...detail, ...error.members };
}

export const unknownRoute: RequestHandler = (request) => {
  const path = maskPath(`${request.baseUrl}${request.path}`);
  throw new TaskfeedError('not_found', { detail: `There is nothing at ${request.method} ${path}.` });
};

/**
 * A path as it may be shown and logged. What could be a link's token is left out: all that follows /c/ or /confirm/,
 * however it is spelt, and anything long enough.
 */
function maskPath(path: string): string {
  return path
    .replace(/((?:^|\/|%2f)(?:c|confirm)(?:\/|%2f))[\s\S]*/i, '$1…')
    .replace(/[^/]{20,}/g, '…')
    .slice(0, 200);
}

/** Names of unknown fields come from the request; none of ours is as long as a token. */
function maskWords(text: string): string {
  return text.replace(/[\w%-]{24,}/g, '…');
}

/** The last handler: answers with a problem document. */
export function problemHandler(logger: Logger, show: ShowFailure): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const known = asTaskfeedError(error);
    if (!known || known.code === 'internal') {
      logger.error({ err: error, method: request.method, route: routeOf(request) }, 'request failed');
    } else if (problems[known.code].status >= 500) {
      logger.warn({ code: known.code, cause: String(known.cause ?? '') }, 'request could not be served');
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const told = known ?? new TaskfeedError('internal');
    const { status } = problems[told.code];
    if (status === 503) response.set('Retry-After', '1');
    if (status < 500 || !show(request, response, status)) sendProblem(response, told);
  };
}

function sendProblem(response: Response, error: TaskfeedError): void {
  const problem = toProblem(error);
  if (error.members['retry_after'] !== undefined) response.set('Retry-After', String(error.members['retry_after']));
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

// body-parser and Express's router mark their errors with a type or a status.
const byType: Record<string, ProblemCode> = {
  'entity.parse.failed': 'malformed_json',
  'entity.too.large': 'too_large',
  'encoding.unsupported': 'unsupported_media_type',
  'charset.unsupported': 'unsupported_media_type',
  'request.size.invalid': 'malformed_json',
  'entity.verify.failed': 'malformed_json',
  'stream.encoding.set': 'internal',
};

function asTaskfeedError(error: unknown): TaskfeedError | undefined {
  if (error instanceof TaskfeedError) return error;
  const fromDatabase = fromDatabaseError(error);
  if (fromDatabase) return fromDatabase;
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (typeof type === 'string' && byType[type]) return new TaskfeedError(byType[type]);
  if (typeof status === 'number' && status >= 400 && status < 500) return new TaskfeedError('invalid_request');
  return undefined;
}

// One line per answered request, with the route's template in place of its URL: a link's token is in the URL, and what
// is not written down cannot leak. Reads are for `debug`, what changes something or fails is for everybody.
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from '../logger.ts';

const templates = new WeakMap<Request, string>();

/** `/api/confirm/:token/task/:taskId`, or `(none)` where no route was found. Never a part of the URL. */
export function routeOf(request: Request): string {
  return templates.get(request) ?? '(none)';
}

/** Notes which route answers. It comes before all routes. */
export const noteRoute: RequestHandler = (request, _response, next) => {
  let route = request.route;
  // Express sets the route when it has found it, while `baseUrl` is still that of the router it is in; after an error
  // the one is left and the other is not.
  Object.defineProperty(request, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set(found: { path?: unknown } | undefined) {
      route = found;
      if (found?.path === undefined) return;
      // The case of a path and its last slash are the client's choice. A route of many paths goes by its first.
      const template = `${staticPath(request.baseUrl.toLowerCase())}${String([found.path].flat()[0])}`;
      templates.set(request, template.replace(/(?!^)\/$/, ''));
    },
  });
  next();
};

export function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    response.once('close', () => {
      const ms = Number((performance.now() - began).toFixed(1));
      const line = { method: request.method, route: routeOf(request), status: response.statusCode, ms };
      const end = response.writableFinished ? {} : { isCut: true };
      logger[levelOf(request, response)]({ ...line, ...end, address: request.ip }, 'request');
    });
    next();
  };
}

function levelOf({ method }: Request, { statusCode }: Response): 'warn' | 'info' | 'debug' {
  if (statusCode >= 500) return 'warn';
  const isRead = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return isRead && statusCode < 400 ? 'debug' : 'info';
}

// Routers are mounted at fixed paths. Should one ever be mounted at a parameter, its value is not for the log.
function staticPath(baseUrl: string): string {
  return /^(?:\/[a-z-]{1,20})*$/.test(baseUrl) ? baseUrl : '/…';
}

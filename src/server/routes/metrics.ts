// GET /metrics, for managers and programs with a token, and for a program on this very machine: Prometheus often runs
// beside the server and has no account. That last door is closed where a proxy is in front, since everybody comes from
// this machine then.
import type { IncomingMessage } from 'node:http';
import { type RequestHandler, Router } from 'express';
import type { Rendered } from '../metrics.ts';

export interface MetricsRoutesOptions {
  render: () => Promise<Rendered>;
  /** Lets managers through. */
  requireManager: RequestHandler[];
  /** Whether the settings say that a proxy is in front. */
  isProxied: boolean;
}

export function metricsRoutes({ render, requireManager, isProxied }: MetricsRoutesOptions): Router {
  const router = Router();
  const unlessLocal = requireManager.map((handler): RequestHandler => {
    return (request, response, next) => {
      return !isProxied && isLocalProgram(request) ? next() : handler(request, response, next);
    };
  });
  router.get('/metrics', ...unlessLocal, async (_request, response) => {
    const { contentType, text } = await render();
    response.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store' }).send(text);
  });
  return router;
}

const marksOfProxies = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];
const local = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** From this machine, through no proxy that says so, by the machine's own name, and by no page of another site. */
export function isLocalProgram({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  if (address !== '::1' && !address.startsWith('127.')) return false;
  if (marksOfProxies.some((name) => headers[name] !== undefined)) return false;
  return local.test(headers.host ?? '') && headers['sec-fetch-site'] === undefined;
}

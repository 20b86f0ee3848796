// Every route that an Express application has, found by walking its routers: a list by hand would miss the one that
// somebody forgets.
import type { Express } from 'express';

export interface MountedRoute {
  /** In capitals. */
  method: string;
  /** `/api/tasks/:id` */
  path: string;
}

interface Layer {
  /** Where a router is mounted, or `/`. */
  rawPath: string | string[];
  route?: { path: string | string[]; stack: { method?: string }[] };
  handle: { stack?: Layer[] };
}

export function routesOf(app: Express): MountedRoute[] {
  return walk((app.router as unknown as { stack: Layer[] }).stack, '');
}

function walk(stack: Layer[], mount: string): MountedRoute[] {
  return stack.flatMap((layer) => {
    if (layer.route) return routeOf(layer.route, mount);
    const prefixes = [layer.rawPath].flat().map((path) => `${mount}${path === '/' ? '' : path}`);
    return prefixes.flatMap((prefix) => walk(layer.handle.stack ?? [], prefix));
  });
}

function routeOf({ path, stack }: NonNullable<Layer['route']>, mount: string): MountedRoute[] {
  const methods = new Set(stack.map(({ method }) => (method ?? 'all').toUpperCase()));
  const paths = [path].flat().map((one) => `${mount}${one}`.replace(/(?!^)\/$/, ''));
  return paths.flatMap((one) => [...methods].map((method) => ({ method, path: one })));
}

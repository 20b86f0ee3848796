// Finds every route and every socket event that the server really has. Express keeps no paths of mounted routers, so they
// are noted as the routers are put together: `watchRoutes` comes before the server is made.
import { Router } from 'express';
import { Socket } from 'socket.io';

interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

export interface Found {
  /** `PUT /api/confirm/:token/task/:taskId` of the server that was made since. */
  routes: () => string[];
  /** Names of events for which sockets have a handler. */
  events: () => string[];
}

// What Socket.IO itself tells of a socket; a client cannot send these.
const reserved = new Set(['disconnect', 'disconnecting', 'error']);

export function watchRoutes(): Found & { restore: () => void } {
  const paths = new WeakMap<Layer, string[]>();
  const made = new Set<{ stack: Layer[] }>();
  const mounted = new Set<unknown>();
  const events = new Set<string>();
  const { use } = Router.prototype;
  const { on } = Socket.prototype;
  Router.prototype.use = function (this: { stack: Layer[] }, ...args: unknown[]) {
    const before = this.stack.length;
    use.apply(this, args);
    made.add(this);
    const first = args[0];
    // Without a path, and from the application, it is `/`: no part of the path.
    const at = typeof first === 'string' && first !== '/' ? [first] : isPaths(first) ? first : [''];
    for (const layer of this.stack.slice(before)) {
      paths.set(layer, at);
      mounted.add(layer.handle);
    }
    return this;
  };
  Socket.prototype.on = function (this: Socket, name: string, handler: (...args: unknown[]) => void) {
    if (!reserved.has(name)) events.add(name);
    return on.call(this, name, handler);
  } as typeof on;

  function walk(stack: Layer[], prefix: string): string[] {
    return stack.flatMap((layer) => {
      const { route, handle } = layer;
      if (route) return templatesOf(route).map(([method, path]) => `${method} ${prefix}${path}`);
      return (paths.get(layer) ?? ['']).flatMap((path) => walk(handle.stack ?? [], `${prefix}${path}`));
    });
  }
  return {
    routes: () =>
      [...new Set([...made].filter((router) => !mounted.has(router)).flatMap(({ stack }) => walk(stack, '')))].sort(),
    events: () => [...events].sort(),
    restore: () => {
      Router.prototype.use = use;
      Socket.prototype.on = on;
    },
  };
}

function templatesOf({ path, methods }: NonNullable<Layer['route']>): [method: string, path: string][] {
  const names = Object.keys(methods).map((method) => method.toUpperCase());
  return [path].flat().flatMap((one) => names.map((method): [string, string] => [method, one]));
}

function isPaths(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

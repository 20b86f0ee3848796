// One documented route: what openapi.ts and page.ts are made from. A test walks the router and finds each route here.
import type * as z from 'zod/mini';
import type { ProblemCode } from '../../protocol/errors.ts';

export type Schema = z.ZodMiniType<unknown>;

/** anyone; a manager (cookie or token); whoever has a link; local: a manager, or a program on the server's machine. */
export type Who = 'anyone' | 'manager' | 'link' | 'local';

export interface Answer {
  status: number;
  what: string;
  /** A schema for JSON, a media type for the rest; nothing for an empty answer. */
  body?: Schema | string;
}

export interface Operation {
  id: string;
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As the router has it: `/api/tasks/:id`. */
  path: string;
  summary: string;
  /** More about it, in whole sentences. */
  notes?: string;
  who: Who;
  query?: Schema;
  body?: Schema;
  /** Pictures, as multipart/form-data. */
  isUpload?: true;
  /** May be repeated safely with the header Idempotency-Key. */
  isOnce?: true;
  example?: unknown;
  answers: Answer[];
  /** Beside those that every route of its kind has. */
  problems?: ProblemCode[];
}

export interface Group {
  id: string;
  title: string;
  about: string;
  operations: Operation[];
}

/** Refusals that need not be listed with each route. */
export function problemsOf({ who, path, query, body, method, problems = [] }: Operation): ProblemCode[] {
  const isApi = path.startsWith('/api/') || path.startsWith('/c/');
  const hasInput = query !== undefined || body !== undefined || path.includes(':');
  const common: [boolean, ProblemCode][] = [
    [hasInput, 'invalid_request'],
    [body !== undefined, 'malformed_json'],
    [body !== undefined, 'unsupported_media_type'],
    [isApi && method !== 'get', 'forbidden_origin'],
    [who === 'manager' || who === 'local', 'unauthenticated'],
    [who === 'link', 'not_found'],
    [who === 'link', 'link_gone'],
    [who === 'link', 'too_many_requests'],
    [isApi, 'unavailable'],
  ];
  const codes = common.filter(([applies]) => applies).map(([, code]) => code);
  return [...new Set([...codes, ...problems])];
}

// Every error that crosses a border, in one table: its code, HTTP status and title, and what a client should do.
import * as z from 'zod/mini';
import { int } from './fields.ts';

/** retry: the same request later. resync: load the current state, then decide. stop: the request will not succeed. */
type Action = 'retry' | 'resync' | 'stop';

export const problems = {
  malformed_json: { status: 400, title: 'The body is not valid JSON', action: 'stop' },
  invalid_request: { status: 400, title: 'The request is not valid', action: 'stop' },
  unauthenticated: { status: 401, title: 'Sign in first', action: 'stop' },
  wrong_credentials: { status: 401, title: 'The e-mail address or the password is not right', action: 'stop' },
  forbidden_origin: { status: 403, title: 'Requests from this origin are not accepted', action: 'stop' },
  forbidden: { status: 403, title: 'This is not open to you', action: 'resync' },
  not_found: { status: 404, title: 'There is no such thing here', action: 'resync' },
  method_not_allowed: { status: 405, title: 'This method is not offered here', action: 'stop' },
  stale_version: { status: 409, title: 'Changed meanwhile by somebody else', action: 'resync' },
  illegal_transition: { status: 409, title: 'This step is not possible from the current status', action: 'resync' },
  not_assigned: { status: 409, title: 'The task is not assigned to this employee', action: 'resync' },
  idempotency_conflict: { status: 409, title: 'This Idempotency-Key was used for another request', action: 'stop' },
  conflict: { status: 409, title: 'The change contradicts the current data', action: 'resync' },
  too_many_images: { status: 409, title: 'This task has all the pictures that it can hold', action: 'stop' },
  link_gone: { status: 410, title: 'This link has ended', action: 'stop' },
  too_large: { status: 413, title: 'The body is too large', action: 'stop' },
  image_too_large: { status: 413, title: 'This picture is too large', action: 'stop' },
  too_many_files: { status: 413, title: 'These are too many files at once', action: 'stop' },
  unsupported_media_type: { status: 415, title: 'The body is not of a kind that is read here', action: 'stop' },
  image_type: { status: 415, title: 'Pictures of this kind cannot be read', action: 'stop' },
  image_broken: { status: 422, title: 'This picture is damaged', action: 'stop' },
  image_pixels: { status: 422, title: 'This picture has too many pixels', action: 'stop' },
  too_many_requests: { status: 429, title: 'Too many requests', action: 'retry' },
  internal: { status: 500, title: 'Something went wrong here', action: 'retry' },
  images_unsupported: { status: 501, title: 'Pictures cannot be read on this machine', action: 'stop' },
  busy: { status: 503, title: 'Too much is being done at once', action: 'retry' },
  unavailable: { status: 503, title: 'The database cannot be reached', action: 'retry' },
} as const satisfies Record<string, { status: number; title: string; action: Action }>;

export type ProblemCode = keyof typeof problems;

/** RFC 9457 problem document, `application/problem+json`. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: int,
  code: z.string(),
  detail: z.optional(z.string()),
  errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});
export type Problem = z.infer<typeof problem>;

export interface TaskfeedErrorOptions {
  detail?: string;
  /** Further members of the problem document: the invalid fields, the current task. */
  members?: Record<string, unknown>;
  cause?: unknown;
}

/** The one error class that may cross a border; anything else becomes `internal` there. */
export class TaskfeedError extends Error {
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly members: Record<string, unknown>;

  constructor(code: ProblemCode, options: TaskfeedErrorOptions = {}) {
    super(options.detail ?? problems[code].title, { cause: options.cause });
    this.name = 'TaskfeedError';
    this.code = code;
    this.detail = options.detail;
    this.members = options.members ?? {};
  }
}

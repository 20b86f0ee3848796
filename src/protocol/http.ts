// What HTTP requests may carry beside a body.
import * as z from 'zod/mini';
import { id, text, version } from './input-fields.ts';
import { taskPriority, taskStatus } from './task.ts';

const digits = z.pipe(
  z.string().check(z.regex(/^-?\d{1,10}$/, 'must be a whole number')),
  z.transform((value: string) => Number(value)),
);

/** `:id` of a path. */
export const pathId = z.pipe(digits, id);

/** The number of rows on a page. */
const limit = z._default(z.pipe(digits, z.int().check(z.minimum(1), z.maximum(1000))), 1000);

/** `?limit&after` of every list: pages in the order of ids, from the lowest. */
const page = { limit, after: z.optional(pathId) };
export const listQuery = z.strictObject(page);
export type ListQuery = z.infer<typeof listQuery>;

/** One of several: `?status=sent,received` or `?status=sent&status=received`. */
function listOf<T extends z.ZodMiniType<unknown, string>>(item: T) {
  return z.pipe(
    z.pipe(
      z.union([z.string(), z.array(z.string())]),
      z.transform((value: string | string[]) => [value].flat().flatMap((part) => part.split(','))),
    ),
    z.array(item),
  );
}

const idOrNone = z.union([z.literal('none'), pathId], 'must be an id or none');

/** Relative to now at the site: the calendar day there, and for `overdue` the moment itself. */
const due = z.enum(['overdue', 'today', 'tomorrow', 'week', 'none']);
export type Due = z.infer<typeof due>;

export const taskQuery = z.strictObject({
  ...page,
  scope: z.optional(z.enum(['live'])),
  include: z.optional(z.enum(['last_change'])),
  status: z.optional(listOf(taskStatus)),
  priority: z.optional(listOf(taskPriority)),
  employee_id: z.optional(idOrNone),
  system_id: z.optional(idOrNone),
  due: z.optional(due),
  q: z.optional(text(200, 1)),
});
export type TaskQuery = z.infer<typeof taskQuery>;

/** The history, and the list of deleted tasks, goes backwards: `after` is the `seq` of the last change of the page before. */
export const historyQuery = z.strictObject({
  limit,
  after: z.optional(z.string().check(z.regex(/^\d{1,18}$/, 'must be the number of a change'))),
});
export type HistoryQuery = z.infer<typeof historyQuery>;

/** `GET /api/tasks/changes`: the newest ones only. */
export const recentQuery = z.strictObject({
  limit: z._default(z.pipe(digits, z.int().check(z.minimum(1), z.maximum(200))), 50),
});
export type RecentQuery = z.infer<typeof recentQuery>;

/** `DELETE /api/tasks/:id?version=`. */
export const deleteQuery = z.strictObject({ version: z.optional(z.pipe(digits, version)) });

/** For routes that take no query or no body. */
export const nothing = z.strictObject({});

/** The header Idempotency-Key: visible ASCII. */
export const idempotencyKey = z.string().check(z.regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible characters'));

// What HTTP requests may carry beside a body.
import * as z from 'zod/mini';
import { id } from './fields.ts';

const digits = z.pipe(
  z.string().check(z.regex(/^\d{1,10}$/)),
  z.transform((value: string) => Number(value)),
);

/** `:id` of a path. */
export const pathId = z.pipe(digits, id);

/** `?limit&after` of every list: pages in the order of ids. */
export const page = {
  limit: z._default(z.pipe(digits, z.int().check(z.minimum(1), z.maximum(1000))), 1000),
  after: z.optional(z.pipe(digits, z.int().check(z.minimum(0), z.maximum(2_147_483_647)))),
};
export const listQuery = z.strictObject(page);
export type ListQuery = z.infer<typeof listQuery>;

// Pictures of tasks: what is known of one beside its bytes, and what may be sent.
import * as z from 'zod/mini';
import { id, time } from './fields.ts';

/** What one request and one task may hold. Sizes in bytes, as sent. */
export const imageLimits = {
  filesPerRequest: 5,
  bytesPerFile: 10 * 1024 * 1024,
  perTask: 30,
  /** Of the picture as sent: about 8,000 × 8,000. */
  pixels: 64_000_000,
} as const;

const described = {
  id,
  task_id: id,
  content_type: z.string(),
  bytes: z.int(),
  width: z.nullable(z.int()),
  height: z.nullable(z.int()),
  /** Of the bytes that are served, in hex; `?v=` of the picture's address, which then never changes. */
  sha256: z.string(),
  created_at: time,
};

export const taskImage = z.object({ ...described, uploaded_by: z.nullable(z.string()) });
export type TaskImage = z.infer<typeof taskImage>;

/** The same for the holder of a link: `own` ones were sent through this link. */
export const linkedImage = z.object({ ...described, own: z.boolean() });
export type LinkedImage = z.infer<typeof linkedImage>;

/** `?v=` of a picture's address. */
export const imageQuery = z.strictObject({
  v: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be the sha256 of the picture'))),
});

// Confirmation links as managers see them. The token itself is in no schema but the answer that creates it.
import * as z from 'zod/mini';
import { asOf } from './cursor.ts';
import { id, time } from './fields.ts';
import { task } from './task.ts';

/** The full link, as the view `link_details` gives it. */
export const link = z.object({
  id,
  employee_id: id,
  employee_name: z.nullable(z.string()),
  created_by: z.nullable(z.string()),
  expires_at: time,
  revoked_at: z.nullable(time),
  opened_at: z.nullable(time),
  acknowledged_at: z.nullable(time),
  last_used_at: z.nullable(time),
  created_at: time,
  updated_at: time,
  task_ids: z.array(id),
});
export type Link = z.infer<typeof link>;

/** The answer to `generateLink` and `renewLink`: the only place where the token is ever shown. */
export const issuedLink = z.object({ id, token: z.string(), expires_at: time });
export type IssuedLink = z.infer<typeof issuedLink>;

/** What a link's holder is told of the link itself. */
export const linkState = z.object({ id, expires_at: time, acknowledged_at: z.nullable(time) });

/** Where a task is, and whom to call there. */
export const linkedSystem = z.object({
  id,
  name: z.string(),
  location: z.nullable(z.string()),
  contact_name: z.nullable(z.string()),
  phone: z.nullable(z.string()),
});
export type LinkedSystem = z.infer<typeof linkedSystem>;

/** `GET /api/confirm/:token`: what a link's holder sees, with the systems of these tasks. */
export const linkPage = z.object({
  link: linkState,
  employee: z.object({ name: z.string(), language: z.string() }),
  tasks: z.array(task),
  systems: z.array(linkedSystem),
  as_of: asOf,
});
export type LinkPage = z.infer<typeof linkPage>;

/** `POST /api/confirm/:token/acknowledge` */
export const acknowledged = z.object({ acknowledged_at: time, tasks: z.array(task) });
export type Acknowledged = z.infer<typeof acknowledged>;

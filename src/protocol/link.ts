// Confirmation links as managers see them. The token itself is in no schema but the answer that creates it.
import * as z from 'zod/mini';
import type { AsOf } from './cursor.ts';
import { id, optionalText, time, version } from './fields.ts';
import { type Task, taskStatus } from './task.ts';

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

const hours = z._default(z.int().check(z.minimum(1), z.maximum(8760)), 168);

/** `POST /api/confirm/generate` */
export const generateLink = z.strictObject({
  employee_id: id,
  task_ids: z.pipe(
    z.array(z.unknown()).check(z.minLength(1), z.maxLength(200)),
    z.array(id).check(z.refine((ids) => new Set(ids).size === ids.length, 'names a task twice')),
  ),
  expires_in_hours: hours,
});
export type GenerateLink = z.infer<typeof generateLink>;

/** `POST /api/links/:id/renew` */
export const renewLink = z.strictObject({ expires_in_hours: hours });

/** The answer to both: the only place where the token is ever shown. */
export interface IssuedLink {
  id: number;
  token: string;
  expires_at: string;
}

/** `GET /api/confirm/:token`: what a link's holder sees. */
export interface LinkPage {
  link: { id: number; expires_at: string; acknowledged_at: string | null };
  employee: { name: string; language: string };
  tasks: Task[];
  as_of: AsOf;
}

/** `PUT /api/confirm/:token/task/:taskId` */
export const updateLinkedTask = z.strictObject({
  status: z.optional(taskStatus),
  note: optionalText(10_000),
  version: z.optional(version),
});
export type UpdateLinkedTask = z.infer<typeof updateLinkedTask>;

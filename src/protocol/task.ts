// Tasks as they cross a border: the row that screens show, and what a client may send.
import * as z from 'zod/mini';
import { id, inputTime, name, optionalText, time } from './fields.ts';

export const statuses = [
  'draft',
  'sent',
  'received',
  'in_progress',
  'pending_approval',
  'completed',
  'not_completed',
] as const;
export const priorities = ['urgent', 'normal', 'optional'] as const;

export const taskStatus = z.enum(statuses);
export const taskPriority = z.enum(priorities);
export type TaskStatus = z.infer<typeof taskStatus>;

/** The full task, as the view `task_details` gives it. */
export const task = z.object({
  id,
  title: z.string(),
  description: z.nullable(z.string()),
  note: z.nullable(z.string()),
  review_note: z.nullable(z.string()),
  system_id: z.nullable(id),
  employee_id: z.nullable(id),
  priority: taskPriority,
  status: taskStatus,
  due_at: z.nullable(time),
  version: z.int(),
  sent_at: z.nullable(time),
  acknowledged_at: z.nullable(time),
  completed_at: z.nullable(time),
  created_at: time,
  updated_at: time,
  system_name: z.nullable(z.string()),
  employee_name: z.nullable(z.string()),
  image_ids: z.array(id),
});
export type Task = z.infer<typeof task>;

const writable = {
  description: optionalText(10_000),
  note: optionalText(10_000),
  review_note: optionalText(10_000),
  system_id: z.optional(z.nullable(id)),
  employee_id: z.optional(z.nullable(id)),
  priority: z.optional(taskPriority),
  status: z.optional(taskStatus),
  due_at: z.optional(z.nullable(inputTime)),
};

/** `POST /api/tasks`: only a title is required. */
export const createTask = z.strictObject({ title: name, ...writable });
export type CreateTask = z.infer<typeof createTask>;

/** `PUT /api/tasks/:id`: any subset; `version` is the one the client saw. */
export const updateTask = z.strictObject({ title: z.optional(name), ...writable, version: z.optional(z.int()) });
export type UpdateTask = z.infer<typeof updateTask>;

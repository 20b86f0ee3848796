// Tasks as they cross a border: the row that screens show, and what else is told of it. What may be written is in writes.ts.
import * as z from 'zod/mini';
import { id, int, time } from './fields.ts';

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
  version: int,
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

/** A task of a list, with who changed it last if that was asked for (`?include=last_change`); null where nobody knows. */
export const listedTask = z.object({
  ...task.shape,
  last_change: z.optional(z.nullable(z.object({ actor: z.string(), actor_name: z.nullable(z.string()), at: time }))),
});
export type ListedTask = z.infer<typeof listedTask>;

/** What became of one task of a write, and the task as it is now. */
export const taskResult = z.object({
  id,
  result: z.enum(['ok', 'stale_version', 'not_found', 'illegal_transition']),
  task: z.optional(task),
});
export type TaskResult = z.infer<typeof taskResult>;

const changed = {
  /** Journal number, a decimal string. */
  seq: z.string(),
  at: time,
  actor: z.string(),
  actor_name: z.nullable(z.string()),
};

/** One change in a task's history, newest first in a list. */
export const taskChange = z.object({
  ...changed,
  op: z.enum(['insert', 'update', 'delete']),
  /** By name, what differs; null where there was or is no value. */
  fields: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })),
});
export type TaskChange = z.infer<typeof taskChange>;

/** A deleted task that can be restored, as it was last; names as they are now. `seq` is that of the deletion. */
export const deletedTask = z.object({
  ...changed,
  task: z.pick(task, {
    id: true,
    title: true,
    status: true,
    priority: true,
    due_at: true,
    system_name: true,
    employee_name: true,
  }),
});
export type DeletedTask = z.infer<typeof deletedTask>;

/** A change in the news of all tasks, with the title that the task had after it. */
export const toldChange = z.extend(taskChange, { task: z.object({ id, title: z.string() }) });
export type ToldChange = z.infer<typeof toldChange>;

// What requests may write: the bodies of every POST, PUT and PATCH, as strict as the database and stricter. For the server
// alone: the client sends what its types say, and a page that imported this would carry it for nothing.
import * as z from 'zod/mini';
import { id, inputTime, name, optionalText, text, version } from './input-fields.ts';
import { taskPriority, taskStatus } from './task.ts';

const ofTask = {
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
export const createTask = z.strictObject({ title: name, ...ofTask });
export type CreateTask = z.infer<typeof createTask>;

/** The same for up to 200 tasks, all or none. The length comes first: a long list of nonsense is not read to its end. */
export const createTasks = z.pipe(z.array(z.unknown()).check(z.minLength(1), z.maxLength(200)), z.array(createTask));

/** Any subset of what a manager may write. */
const values = { title: z.optional(name), ...ofTask };
export type TaskValues = z.infer<z.ZodMiniObject<typeof values>>;

/** `PUT /api/tasks/:id`; `version`, here and below, is the one the client saw. */
export const updateTask = z.strictObject({ ...values, version: z.optional(version) });

/** `PUT /api/tasks/:id/status` */
export const setStatus = z.strictObject({ status: taskStatus, version: z.optional(version) });

/** `POST /api/tasks/:id/approve` */
export const approveTask = z.strictObject({ version: z.optional(version) });

/** `POST /api/tasks/:id/send-back` */
export const sendBackTask = z.strictObject({ reason: text(10_000, 1), version: z.optional(version) });

const item = z.strictObject({ id, version: z.optional(version) });
export type TaskItem = z.infer<typeof item>;

/** `PATCH /api/tasks`: the same values for many tasks. */
export const patchTasks = z.strictObject({
  items: z.pipe(
    z.array(z.unknown()).check(z.minLength(1), z.maxLength(1000)),
    z
      .array(item)
      .check(z.refine((items) => new Set(items.map((one) => one.id)).size === items.length, 'names a task twice')),
  ),
  set: z.strictObject(values).check(z.refine((set) => Object.keys(set).length > 0, 'names no field')),
});

const ofSystem = {
  description: optionalText(10_000),
  location: optionalText(500),
  contact_name: optionalText(200),
  phone: optionalText(50),
  email: optionalText(320),
};

export const createSystem = z.strictObject({ name, ...ofSystem });
export const updateSystem = z.strictObject({ name: z.optional(name), ...ofSystem });

const ofEmployee = {
  phone: optionalText(50),
  position: optionalText(200),
  language: z.optional(z.nullable(z.string().check(z.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)))),
  active: z.optional(z.boolean()),
};

export const createEmployee = z.strictObject({ name, ...ofEmployee });
export const updateEmployee = z.strictObject({ name: z.optional(name), ...ofEmployee });

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

/** `PUT /api/confirm/:token/task/:taskId` */
export const updateLinkedTask = z.strictObject({
  status: z.optional(taskStatus),
  note: optionalText(10_000),
  version: z.optional(version),
});
export type UpdateLinkedTask = z.infer<typeof updateLinkedTask>;

// Employees (who does the work) as they cross a border.
import * as z from 'zod/mini';
import { id, name, optionalText, time } from './fields.ts';

export const employee = z.object({
  id,
  name: z.string(),
  phone: z.nullable(z.string()),
  position: z.nullable(z.string()),
  language: z.nullable(z.string()),
  active: z.boolean(),
  created_at: time,
  updated_at: time,
});
export type Employee = z.infer<typeof employee>;

const writable = {
  phone: optionalText(50),
  position: optionalText(200),
  language: z.optional(z.nullable(z.string().check(z.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)))),
  active: z.optional(z.boolean()),
};

export const createEmployee = z.strictObject({ name, ...writable });
export const updateEmployee = z.strictObject({ name: z.optional(name), ...writable });

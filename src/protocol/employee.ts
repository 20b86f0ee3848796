// Employees (who does the work) as they cross a border.
import * as z from 'zod/mini';
import { id, time } from './fields.ts';

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

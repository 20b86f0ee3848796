// Systems (what is maintained) as they cross a border.
import * as z from 'zod/mini';
import { id, name, optionalText, time } from './fields.ts';

export const system = z.object({
  id,
  name: z.string(),
  description: z.nullable(z.string()),
  location: z.nullable(z.string()),
  contact_name: z.nullable(z.string()),
  phone: z.nullable(z.string()),
  email: z.nullable(z.string()),
  created_at: time,
  updated_at: time,
});
export type System = z.infer<typeof system>;

const writable = {
  description: optionalText(10_000),
  location: optionalText(500),
  contact_name: optionalText(200),
  phone: optionalText(50),
  email: optionalText(320),
};

export const createSystem = z.strictObject({ name, ...writable });
export const updateSystem = z.strictObject({ name: z.optional(name), ...writable });

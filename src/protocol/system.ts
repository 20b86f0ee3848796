// Systems (what is maintained) as they cross a border.
import * as z from 'zod/mini';
import { id, time } from './fields.ts';

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

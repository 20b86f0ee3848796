// Confirmation links as managers see them. The token itself is in no schema but the answer that creates it.
import * as z from 'zod/mini';
import { id, time } from './fields.ts';

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

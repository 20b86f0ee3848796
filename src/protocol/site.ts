// What pages know of the site they serve: `GET /api/site`, and embedded in the page.
import * as z from 'zod/mini';

export const site = z.object({
  name: z.string(),
  /** IANA name; what "today" means. */
  timezone: z.string(),
  /** For people who have no language of their own. */
  language: z.string(),
  /** Whom to ask. */
  contact: z.nullable(z.string()),
});
export type SiteFacts = z.infer<typeof site>;

// Who is asking, as the journal writes it.
import type { Request } from 'express';
import { identityOf } from './identity.ts';

export function actorOf(request: Request): string {
  return `manager:${identityOf(request).manager.id}`;
}

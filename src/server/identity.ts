// Who a request or a socket speaks for: a manager, by the session of a browser or by a program's token.
import type { IncomingMessage } from 'node:http';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Manager } from '../protocol/manager.ts';

export interface Identity {
  manager: Manager;
  /** What it rests on: a row of `sessions` or `api_tokens`. */
  by: 'session' | 'token';
  id: number;
  /** When it ends by itself, ms. */
  expiresAt: number | undefined;
}

const identities = new WeakMap<IncomingMessage, Identity>();

export function setIdentity(request: IncomingMessage, identity: Identity): void {
  identities.set(request, identity);
}

/** The manager who is asking; throws `unauthenticated` if nobody has been recognised. */
export function identityOf(request: IncomingMessage): Identity {
  const identity = identities.get(request);
  if (!identity) throw new TaskfeedError('unauthenticated');
  return identity;
}

// Signing in, for the route and the page alike: limits, the same work for every answer, a session of one's own.
import type { Request } from 'express';
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Manager, SignIn } from '../protocol/manager.ts';
import { authenticate } from '../tasks/managers.ts';
import type { CheckPassword } from '../tasks/passwords.ts';
import type { Doors } from './session.ts';
import { SignInLimits } from './sign-in-limits.ts';

export interface SignInOptions {
  knex: Knex;
  doors: Doors;
  checkPassword?: CheckPassword | undefined;
}

export type SignInFunction = (request: Request, credentials: SignIn) => Promise<Manager>;

/** Resolves when the session has begun; rejects with wrong_credentials or too_many_requests. */
export function createSignIn({ knex, doors, checkPassword }: SignInOptions): SignInFunction {
  const limits = new SignInLimits();
  return async (request, credentials) => {
    const attempt = { email: credentials.email, address: request.ip ?? '' };
    await limits.admit(attempt);
    const manager = await authenticate(knex, credentials, checkPassword);
    if (!manager) {
      await limits.failed(attempt);
      throw new TaskfeedError('wrong_credentials');
    }
    await limits.succeeded(attempt);
    await doors.signIn(request, manager);
    return manager;
  };
}

// Signing in, for the route and the page alike: limits, the same work for every answer, a session of one's own.
import type { Request } from 'express';
import type { Knex } from 'knex';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Manager, SignIn } from '../protocol/manager.ts';
import { authenticate } from '../tasks/managers.ts';
import { type CheckPassword, checkPassword as check, dummyHash } from '../tasks/passwords.ts';
import { addressKey } from './address.ts';
import { FairQueue } from './fair-queue.ts';
import type { Doors } from './session.ts';
import { SignInLimits } from './sign-in-limits.ts';

export interface SignInOptions {
  knex: Knex;
  doors: Doors;
  checkPassword?: CheckPassword | undefined;
}

export type SignInFunction = (request: Request, credentials: SignIn) => Promise<Manager>;

// Looking at a password is dear on purpose. libuv has four threads for that and for files and names: two are left.
const atOnce = 2;
/** A second of work, or two. */
const waiting = 60;

/** Resolves when the session has begun; rejects with wrong_credentials, too_many_requests or busy. */
export function createSignIn({ knex, doors, checkPassword = check }: SignInOptions): SignInFunction {
  const limits = new SignInLimits(knex);
  const queue = new FairQueue({ atOnce, waiting });
  // Now and not for the first account that does not exist, which would take twice the time of one that does.
  void dummyHash();
  return async (request, credentials) => {
    const attempt = { email: credentials.email, address: request.ip ?? '' };
    await limits.admit(attempt);
    const manager = await authenticate(knex, credentials, (stored, given) =>
      queue.run(addressKey(attempt.address), () => checkPassword(stored, given)),
    );
    if (!manager) {
      await limits.failed(attempt);
      throw new TaskfeedError('wrong_credentials');
    }
    await limits.succeeded(attempt);
    await doors.signIn(request, manager);
    return manager;
  };
}

// Signing in and out.
import * as z from 'zod/mini';
import { manager, signIn } from '../../protocol/manager.ts';
import type { Group } from './operation.ts';

const signedIn = z.object({ manager });

export const sessionGroup: Group = {
  id: 'session',
  title: 'Signing in',
  about:
    'Browsers have a session: a cookie, ended by signing out, a new password, or being disabled. Programs send an API token instead, made with `taskfeed token create`: Authorization: Bearer …',
  operations: [
    {
      id: 'signIn',
      method: 'post',
      path: '/api/session',
      who: 'anyone',
      summary: 'Sign in',
      notes: 'The answer sets the cookie of a new session. Whether there is such an account is not told.',
      body: signIn,
      example: { email: 'dana@example.org', password: 'correct horse battery staple' },
      answers: [{ status: 200, what: 'Who is signed in now.', body: signedIn }],
      problems: ['wrong_credentials', 'too_many_requests'],
    },
    {
      id: 'readSession',
      method: 'get',
      path: '/api/session',
      who: 'manager',
      summary: 'Who is signed in',
      answers: [{ status: 200, what: 'You.', body: signedIn }],
    },
    {
      id: 'signOut',
      method: 'delete',
      path: '/api/session',
      who: 'anyone',
      summary: 'Sign out',
      notes: 'Open pages of the session are cut at once. Doing it twice is fine.',
      answers: [{ status: 204, what: 'Nobody is signed in with this cookie any more.' }],
    },
  ],
};

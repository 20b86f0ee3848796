// Managers as they cross a border: who is signed in, and what signing in takes.
import * as z from 'zod/mini';
import { id } from './fields.ts';
import { name, text } from './input-fields.ts';

export const manager = z.object({ id, email: z.string(), name: z.string() });
export type Manager = z.infer<typeof manager>;

/** An e-mail address as an account's name: any form, white space around it removed. Upper and lower case are one. */
export const email = z.pipe(
  z.pipe(
    z.string(),
    z.transform((value: string) => value.trim()),
  ),
  text(320, 3).check(z.regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')),
);

/** A new password. Long counts more than strange; what is too long would only be work. */
export const newPassword = text(200, 10);

/** Not checked by the rules of new ones: what does not fit is simply wrong. */
export const signIn = z.strictObject({
  email: z.string().check(z.maxLength(1_000)),
  password: z.string().check(z.maxLength(1_000)),
});
export type SignIn = z.infer<typeof signIn>;

/** What the set-up page asks for. */
export const newManager = z.strictObject({ email, name, password: newPassword });
export type NewManager = z.infer<typeof newManager>;

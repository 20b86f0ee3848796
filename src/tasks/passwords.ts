// Passwords are kept as argon2id hashes. Every check costs the same work, whether there is such an account or not, so
// that the time of an answer tells nothing.
import { hash, verify } from '@node-rs/argon2';

// What OWASP recommends at least; named here, since hashes of before must stay comparable work when defaults move.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

/** Checks a password against a stored hash. */
export type CheckPassword = (stored: string, password: string) => Promise<boolean>;

export const checkPassword: CheckPassword = (stored, password) => verify(stored, password).catch(() => false);

let dummy: Promise<string> | undefined;

/** A hash that no password fits, to be checked where there is no account. */
export function dummyHash(): Promise<string> {
  dummy ??= hashPassword(crypto.randomUUID());
  return dummy;
}

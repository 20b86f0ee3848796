// Secrets of links and of programs. The clear token leaves the process once, in the answer that creates it.
import { randomBytes } from 'node:crypto';

/** 32 random bytes, base64url. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether the text could be a token at all; what is not is answered like a token that nobody knows. */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9_-]{43}$/.test(text);
}

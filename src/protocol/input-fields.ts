// The small parts that inputs are made of. They are strict, so that a bad value is refused before it reaches the database.
// Nothing that the client imports may import this: pages would carry rules that only the server applies.
import * as z from 'zod/mini';

/** A primary key that a client names: any PostgreSQL `integer`, since an administrator may have written one below 1. */
export const id = z.int().check(z.minimum(-2_147_483_648), z.maximum(2_147_483_647));

/** A timestamp given by a client: ISO 8601 with an offset or Z. */
export const inputTime = z.iso.datetime({ offset: true }).check(z.maxLength(40));

/** The version of a task that a client saw. */
export const version = z.int().check(z.minimum(1), z.maximum(2_147_483_647));

/**
 * Text of at most `max` characters, counted as PostgreSQL counts them (code points), without NUL. Half a surrogate pair
 * has no UTF-8 form: the driver would silently store another character in its place.
 */
export function text(max: number, min = 0) {
  return z.string().check(
    z.refine((value) => !value.includes('\0'), 'must not contain a NUL character'),
    z.refine((value) => !/\p{Surrogate}/u.test(value), 'must be whole Unicode characters'),
    z.refine((value) => codePoints(value) <= max, `must have at most ${max} characters`),
    z.refine((value) => codePoints(value) >= min, min === 1 ? 'must not be empty' : `needs ${min} characters`),
    // For the documents, which count as we do.
    z.meta({ ...(min > 0 ? { minLength: min } : {}), maxLength: max }),
  );
}

/** A required name or title: 1 to 200 characters, surrounding white space removed. */
export const name = z.pipe(
  z.pipe(
    z.string(),
    z.transform((value: string) => value.trim()),
  ),
  text(200, 1),
);

/** Optional text in an input: absent leaves it alone, null empties it. */
export function optionalText(max: number) {
  return z.optional(z.nullable(text(max)));
}

function codePoints(value: string): number {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}

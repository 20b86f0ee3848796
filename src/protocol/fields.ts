// The small parts that rows are made of. What comes from the database is taken as it is, since an administrator may write
// anything that the tables allow.
import * as z from 'zod/mini';

/**
 * A check of our own. zod's rules for whole numbers, patterns and tuples are a kilobyte of every page's script; what the
 * documents say of a field that is checked by one of these is in json-schema.ts.
 */
export function must<T>(isGood: (value: T) => boolean, message: string) {
  return ({ value, issues }: z.core.ParsePayload<T>): void => {
    if (!isGood(value)) issues.push({ code: 'custom', input: value, message });
  };
}

const whole = must(Number.isSafeInteger, 'must be a whole number');

/** A whole number, as far as JavaScript counts them. */
export const int = z.number().check(whole);

/** A primary key: PostgreSQL `integer`. An administrator may write one below 1, and that must end nobody's screen. */
export const id = z.number().check(whole);

/** A timestamp in the database's own ISO 8601 form, in UTC. Not checked: psql may write `infinity`. */
export const time = z.string();

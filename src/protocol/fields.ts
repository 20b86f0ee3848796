// The small parts that rows are made of. What comes from the database is taken as it is, since an administrator may write
// anything that the tables allow.
import * as z from 'zod/mini';

/** A primary key: PostgreSQL `integer`. An administrator may write one below 1, and that must end nobody's screen. */
export const id = z.int();

/** A timestamp in the database's own ISO 8601 form, in UTC. Not checked: psql may write `infinity`. */
export const time = z.string();

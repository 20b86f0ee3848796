// How often somebody has tried to sign in lately. Counted in the database, so that all processes count as one and a
// restart forgets nothing.
import type { Knex } from 'knex';

export interface Count {
  /** Of whom or what is counted, hashed: what was typed as an e-mail address may be a password. */
  key: Buffer;
  /** How long tries are counted together, from the first one on. */
  seconds: number;
  /** How many more; 0 only asks. */
  by: number;
}

export interface Counted {
  tries: number;
  /** Until they are forgotten. */
  secondsLeft: number;
}

/** Adds to all of these counts at once and answers, in their order, how they stand now. */
export async function countTries(knex: Knex, counts: Count[]): Promise<Counted[]> {
  const given = counts.map(({ key, ...rest }) => ({ key: key.toString('hex'), ...rest }));
  // In the order of the keys, so that two statements cannot wait for each other.
  const { rows } = await knex.raw<{ rows: { key: string; tries: number; seconds: number }[] }>(
    `insert into taskfeed.sign_in_tries as t (key, tries, ends_at)
     select decode(g.key, 'hex'), g.by, now() + make_interval(secs => g.seconds)
     from json_to_recordset(?) as g (key text, seconds integer, by integer) order by 1
     on conflict (key) do update set
       tries = greatest(case when t.ends_at <= now() then 0 else t.tries end + excluded.tries, 0),
       ends_at = case when t.ends_at <= now() then excluded.ends_at else t.ends_at end
     returning encode(key, 'hex') as key, tries, ceil(extract(epoch from ends_at - now()))::integer as seconds`,
    [JSON.stringify(given)],
  );
  return given.map(({ key }) => {
    const row = rows.find((counted) => counted.key === key);
    return { tries: row?.tries ?? 0, secondsLeft: row?.seconds ?? 0 };
  });
}

/** Takes some of the forgotten ones away; those that somebody else is at are left to them. */
export async function forgetTries(knex: Knex): Promise<void> {
  await knex.raw(
    `delete from taskfeed.sign_in_tries where key in (
       select t.key from taskfeed.sign_in_tries t where t.ends_at <= now()
       order by t.ends_at limit 100 for update skip locked)`,
  );
}

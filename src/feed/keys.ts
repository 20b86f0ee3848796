// The two advisory keys, in SQL. Session locks, so that they are free as soon as the session ends, however it ends; of
// two integers, so that they cannot meet an application's own keys by accident. See listener-state.ts for what they mean.
import type { DrainSession } from './drain-session.ts';

/** First half of every key of ours; the second half tells them apart: 1 is K, 2 migration, 3 pruning, 4 is M. */
const family = 1_952_541_798;
const hotKey = `${family}, 1`;
const driverKey = `${family}, 4`;

/** How long a wait for M keeps its snapshot: an endless wait would keep VACUUM from cleaning anything up. */
const longestWait = '5s';

/** Takes M if it is free. */
export async function tryDrive(session: DrainSession): Promise<boolean> {
  return (await session.value(`select pg_try_advisory_lock(${driverKey})`)) === true;
}

/** Waits for M until it is granted; rejects when the session breaks or `signal` is aborted. */
export async function awaitDrive(session: DrainSession, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      // The check ends a waiting backend soon after its client is gone.
      await session.value(`set client_connection_check_interval = '500ms'; set lock_timeout = '${longestWait}'`);
      await session.value(`select pg_advisory_lock(${driverKey})`);
      await session.value(`set lock_timeout = ${session.lockTimeoutMs}`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== '55P03') throw error;
    }
  }
}

/** Takes K if nobody holds it. A process that freezes while hot loses it with its session. */
export async function heat(session: DrainSession): Promise<boolean> {
  const isTaken = (await session.value(`select pg_try_advisory_lock(${hotKey})`)) === true;
  if (isTaken) await session.value(`set idle_session_timeout = '2s'`);
  return isTaken;
}

/** Releases K; resolves with X, or undefined while somebody else holds K. */
export async function cool(session: DrainSession, bound: 'taken' | 'xmax'): Promise<bigint | undefined> {
  await session.value(`set client_min_messages = error; select pg_advisory_unlock(${hotKey})`);
  await session.value('set idle_session_timeout = 0');
  const isFree = await session.value(
    `select case when pg_try_advisory_lock_shared(${hotKey}) then pg_advisory_unlock_shared(${hotKey}) end is not null`,
  );
  if (isFree !== true) return undefined;
  // A statement of its own: X is taken after K was seen free, and its transaction has ended.
  const x = bound === 'taken' ? 'pg_current_xact_id()' : 'pg_snapshot_xmax(pg_current_snapshot())';
  return BigInt(String(await session.value(`select ${x}::text`)));
}

/** Whether another process waits to drive, as all do that follow. */
export async function isFollowed(session: DrainSession): Promise<boolean> {
  const [classid, objid] = driverKey.split(', ');
  const followed = await session.value(
    `select exists (select from pg_locks where locktype = 'advisory' and classid = ${classid} and objid = ${objid} and objsubid = 2
       and not granted and database = (select oid from pg_database where datname = current_database()))`,
  );
  return followed === true;
}

/** Rings for the other processes. NOTIFY alone has no flush to wait for. */
export async function relay(session: DrainSession, channel: string): Promise<void> {
  await session.value(`select pg_notify('${channel}', '')`);
}

/** How many writers queue for the NOTIFY lock: a heavyweight lock on "database 0". */
export async function notifyQueue(session: DrainSession): Promise<number> {
  const count = await session.value(
    `select count(*) from pg_locks where locktype = 'object' and classid = 1262 and objid = 0 and not granted`,
  );
  return Number(count);
}

// Listeners whose states the test commands: hot at the next drain, cool at the next drain, never by themselves. And
// writers held between their test of K and their COMMIT.
import type pg from 'pg';
import type { Batch } from '../../src/feed/drain-session.ts';
import { Listener } from '../../src/feed/listener.ts';
import { measuredTuning, type Strategy, soundStrategy } from '../../src/feed/listener-state.ts';
import { actorName, topics } from '../../src/tasks/topics.ts';
import { eventually } from '../support/eventually.ts';
import type { Scope } from '../support/scope.ts';

export type ObservedListener = ReturnType<typeof observe>;

/** No safety poll unless asked for, so that nothing but the protocol itself can deliver. */
export function observe(
  scope: Scope,
  url: string,
  options: { strategy?: Partial<Strategy>; safetyPollMs?: number; statementTimeoutMs?: number } = {},
) {
  const tuning = {
    ...measuredTuning,
    hotQueue: Number.POSITIVE_INFINITY,
    hotLatched: Number.POSITIVE_INFINITY,
    coolRate: -1,
    leastHotMs: 0,
  };
  const listener = new Listener({
    connection: { connectionString: url },
    topics,
    actorName,
    bulkLimit: 5_000,
    safetyPollMs: options.safetyPollMs ?? 0,
    ...(options.statementTimeoutMs === undefined ? {} : { statementTimeoutMs: options.statementTimeoutMs }),
    strategy: { ...soundStrategy, ...options.strategy },
    tuning,
  });
  const seen = {
    batches: [] as Batch[],
    states: [] as string[],
    rings: [] as number[],
    failures: [] as string[],
    polls: 0,
    drains: 0,
  };
  listener.on('batch:drained', (batch) => seen.batches.push(batch));
  listener.on('state:changed', (state) => seen.states.push(state));
  listener.on('doorbell:rang', ({ processId }) => seen.rings.push(processId));
  listener.on('drain:failed', (error) => seen.failures.push((error as { code?: string }).code ?? error.message));
  listener.on('poll:due', () => {
    seen.polls += 1;
  });
  listener.on('drain:done', () => {
    seen.drains += 1;
  });
  scope.add(() => listener.stop());
  const reach = (state: string) => eventually(`the listener is ${state}`, () => listener.state === state);
  return {
    listener,
    seen,
    reach,
    titles: () => seen.batches.flatMap(({ events }) => events.map(({ row }) => row['title'])),
    async heat() {
      await reach('asleep');
      tuning.hotLatched = 0;
      listener.ring();
      await reach('hot');
      tuning.hotLatched = Number.POSITIVE_INFINITY;
    },
    /** Resolves after a hundred drains, hot ones of a millisecond at least: whatever is due every 20 ms has been done. */
    async drains() {
      const { drains } = seen;
      await eventually('a hundred drains', () => seen.drains - drains >= 100);
    },
    /** Leaves hot at its next drain. */
    cool() {
      tuning.coolRate = Number.POSITIVE_INFINITY;
    },
    delivers: (title: string) =>
      eventually(`delivery of ${title}`, () =>
        seen.batches.some(({ events }) => events.some(({ row }) => row['title'] === title)),
      ),
  };
}

/** A writer that has tested K and journaled its row, and has not committed. */
export async function heldWriter(scope: Scope, url: string, title: string) {
  const session = await scope.sql(url, 'writer');
  await session.query('begin');
  await session.query('insert into tasks (title) values ($1)', [title]);
  return { session, commit: () => session.query('commit') };
}

/**
 * Waits until a reader that polls by itself has seen the row and looked many times after, and says whether the listener
 * has it by then. Without a poll of its own, a listener that has it not will not get it but by somebody else's ring.
 */
export async function isDelivered(psql: pg.Client, observed: ObservedListener, title: string): Promise<boolean> {
  await eventually('the row is committed', async () => {
    const { rowCount } = await psql.query('select from tasks where title = $1', [title]);
    return rowCount === 1;
  });
  for (let looks = 0; looks < 100; looks += 1) await psql.query('select pg_sleep(0.005)');
  return observed.titles().includes(title);
}

// The client as its user sees it, with clock, sockets and loads in the hands of the test.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Notice } from '../../src/client/store.ts';
import type { ListedTask } from '../../src/protocol/task.ts';
import { batchOf, created, cursorAt, deleted, taskWith, updated } from './factories.ts';
import { type Held, hold, settled } from './held.ts';

let held: Held;
let answers: unknown[];
let notices: Notice<ListedTask>[];

const listAt = (moment: number, tasks: ListedTask[], next: number | null = null) => ({
  tasks,
  cursor: cursorAt(moment),
  next,
});
const now = () => new Date(held.clock.wallNow).toISOString();
const ready = (moment: number, outcome = 'current') => ({
  ask: held.socket().asked,
  cursor: cursorAt(moment),
  outcome,
  count: 0,
  now: now(),
});
/** What was asked on the newest socket, and since when. */
const asked = () => held.socket().sent.map(({ name, data }) => [name, (data as { since: string }).since]);
const pulse = (moment: number, state = 'live') => ({ cursor: cursorAt(moment), now: now(), state });
const titles = () => [...held.feed.tasks.rows.values()].map(({ title }) => title);
const state = () => held.feed.freshness.get().state;

beforeEach(async () => {
  answers = [listAt(10, [taskWith({ id: 1 })])];
  notices = [];
  held = hold(() => {
    const answer = answers.shift();
    if (answer === undefined) throw new Error('nothing to load');
    return answer;
  });
  held.feed.tasks.subscribe((notice) => notices.push(notice));
  held.feed.start();
  await settled();
});

async function live(): Promise<void> {
  held.socket().receive('connect');
  held.socket().receive('feed:ready', ready(10));
  held.socket().receive('feed:pulse', pulse(10));
  await settled();
  notices.length = 0;
}

describe('a client', () => {
  it('connects with the cursor of its snapshot, and shows nothing before it is complete', () => {
    expect(held.socket().auth).toEqual({ protocol: 1, batch: true, ask: 1, since: cursorAt(10) });
    held.socket().receive('connect');
    held.socket().receive('feed:batch', batchOf(10, 12, [updated(taskWith({ id: 1, title: 'A' }))]));
    held.socket().receive('feed:batch', batchOf(12, 13, [created(taskWith({ id: 2 }))]));
    expect(notices).toEqual([]);
    expect(titles()).toEqual([]);
    expect(state()).toBe('connecting');
    held.socket().receive('feed:ready', ready(13, 'replayed'));
    expect(notices).toEqual([{ kind: 'snapshot', changes: [] }]);
    expect(titles()).toEqual(['A', 'Task 2']);
    expect(state()).toBe('catching up');
    held.socket().receive('feed:pulse', pulse(13));
    expect(state()).toBe('live');
  });

  it('gives one notice for a batch, also when it comes in parts', async () => {
    await live();
    const { to: _, ...first } = batchOf(10, 12, [updated(taskWith({ id: 1, title: 'A' }))]);
    held.socket().receive('feed:batch', { ...first, part: 0 });
    expect([notices, titles()]).toEqual([[], ['Task 1']]);
    held.socket().receive('feed:batch', { ...batchOf(10, 12, [created(taskWith({ id: 2 }))]), part: 1 });
    expect(notices).toHaveLength(1);
    expect(notices[0]?.changes.map(({ kind, row, before }) => [kind, row.title, before?.title])).toEqual([
      ['updated', 'A', 'Task 1'],
      ['created', 'Task 2', undefined],
    ]);
  });

  it('forgets the parts of a batch whose end never came, and is told them again', async () => {
    await live();
    const { to: _, ...first } = batchOf(10, 12, [updated(taskWith({ id: 1, title: 'A' }))]);
    held.socket().receive('feed:batch', { ...first, part: 0 });
    held.socket().receive('disconnect', 'transport close');
    held.clock.advance(1_000);
    expect(held.sockets).toHaveLength(2);
    expect(held.socket().auth).toMatchObject({ since: cursorAt(10) });
    held.socket().receive('connect');
    held.socket().receive('feed:ready', ready(10));
    expect(titles()).toEqual(['Task 1']);
  });

  it('ignores a batch that is told again', async () => {
    await live();
    const batch = batchOf(10, 12, [updated(taskWith({ id: 1, title: 'A' }))]);
    held.socket().receive('feed:batch', batch);
    held.socket().receive('feed:batch', batch);
    expect(notices).toHaveLength(1);
  });

  it('takes a batch that begins before its cursor whole', async () => {
    await live();
    held.socket().receive('feed:batch', batchOf(8, 12, [updated(taskWith({ id: 1, title: 'A' }))]));
    expect(titles()).toEqual(['A']);
  });

  it('asks for what is missing when there is a gap in the chain', async () => {
    await live();
    held.socket().receive('feed:batch', batchOf(12, 13, [created(taskWith({ id: 3 }))]));
    expect(asked()).toEqual([['feed:resume', cursorAt(10)]]);
    expect([state(), notices]).toEqual(['catching up', []]);
    held.socket().receive('feed:batch', batchOf(10, 14, [created(taskWith({ id: 2 })), created(taskWith({ id: 3 }))]));
    held.socket().receive('feed:ready', ready(14, 'replayed'));
    expect(titles()).toEqual(['Task 1', 'Task 2', 'Task 3']);
    expect(notices).toHaveLength(1);
  });

  it('asks again when an answer was not heard whole', async () => {
    held.socket().receive('connect');
    held.socket().receive('feed:batch', batchOf(10, 12, [updated(taskWith({ id: 1, title: 'A' }))]));
    held.socket().receive('feed:ready', { ...ready(13, 'replayed'), count: 2 });
    expect(asked()).toEqual([['feed:resume', cursorAt(10)]]);
    expect(notices).toEqual([]);
  });

  it('notices a gap that a pulse has jumped over', async () => {
    await live();
    held.socket().receive('feed:pulse', pulse(50));
    held.socket().receive('feed:batch', batchOf(30, 60, [created(taskWith({ id: 3 }))]));
    expect(asked()).toEqual([['feed:resume', cursorAt(10)]]);
  });

  it('loads anew after a reset, swaps in one step, and resumes from there', async () => {
    await live();
    answers = [listAt(30, [taskWith({ id: 7 })])];
    held.clock.nextChance = 0.5;
    held.socket().receive('feed:reset', { reason: 'bulk', count: 9_000, spread_ms: 1_000 });
    held.socket().receive('feed:batch', batchOf(10, 29, [created(taskWith({ id: 8 }))]));
    held.socket().receive('feed:ready', ready(29));
    held.clock.advance(499);
    expect(held.requests).toHaveLength(1);
    held.clock.advance(1);
    expect(held.requests).toHaveLength(2);
    expect([titles(), notices]).toEqual([['Task 1'], []]);
    await settled();
    expect(asked()).toEqual([['feed:resume', cursorAt(30)]]);
    expect(titles()).toEqual(['Task 1']);
    held.socket().receive('feed:ready', ready(30));
    expect(titles()).toEqual(['Task 7']);
    expect(notices).toEqual([{ kind: 'snapshot', changes: [] }]);
  });

  it('loads nothing anew for a reset of what its snapshot has already', async () => {
    await live();
    held.socket().receive('feed:reset', { reason: 'bulk', count: 9_000, cursor: cursorAt(10), spread_ms: 0 });
    expect([state(), held.requests.length]).toEqual(['live', 1]);
    held.socket().receive('feed:reset', { reason: 'bulk', count: 9_000, cursor: cursorAt(11), spread_ms: 0 });
    expect([state(), held.requests.length]).toEqual(['catching up', 2]);
  });

  it('takes no answer but that to its last question', async () => {
    await live();
    held.feed.checkNow();
    held.socket().receive('feed:batch', batchOf(12, 13, [created(taskWith({ id: 3 }))]));
    expect(asked()).toHaveLength(2);
    held.socket().receive('feed:ready', { ...ready(14), ask: 2 });
    held.socket().receive('feed:reset', { ask: 2, reason: 'expired', spread_ms: 0 });
    expect([state(), notices, held.requests.length]).toEqual(['catching up', [], 1]);
    held.socket().receive('feed:batch', batchOf(10, 14, [created(taskWith({ id: 3 }))]));
    held.socket().receive('feed:ready', { ...ready(14, 'replayed'), ask: 3 });
    expect(titles()).toEqual(['Task 1', 'Task 3']);
  });

  it('uses the answer to its newest load alone', async () => {
    const loads: ((answer: unknown) => void)[] = [];
    const other = hold(() => new Promise((resolve) => loads.push(resolve)));
    other.feed.start();
    other.feed.stop();
    other.feed.start();
    loads[0]?.(listAt(20, [taskWith({ id: 2 })]));
    await settled();
    expect(other.sockets).toHaveLength(0);
    loads[1]?.(listAt(21, [taskWith({ id: 3 })]));
    await settled();
    expect(other.socket().auth).toMatchObject({ since: cursorAt(21) });
  });

  it('keeps trying to load with full jitter, says why it cannot, and tries at once when asked', async () => {
    await live();
    held.clock.nextChance = 0.999;
    answers = [503, 503];
    held.socket().receive('feed:reset', { reason: 'epoch', spread_ms: 0 });
    await settled();
    expect(held.feed.freshness.get()).toMatchObject({ state: 'stale', trouble: expect.stringContaining('503') });
    held.clock.advance(1_000);
    await settled();
    expect(held.requests).toHaveLength(3);
    answers = [listAt(40, [])];
    held.feed.checkNow();
    await settled();
    expect(asked()).toEqual([['feed:resume', cursorAt(40)]]);
  });

  it('ends when it is not signed in', async () => {
    await live();
    answers = [401];
    held.socket().receive('feed:reset', { reason: 'epoch', spread_ms: 0 });
    await settled();
    expect(held.feed.freshness.get()).toMatchObject({ state: 'ended', code: 'unauthenticated' });
    expect(held.socket().isOpen).toBe(false);
    expect(held.clock.timers).toBe(0);
  });

  it('comes back with its newest cursor, which pulses move on a quiet site', async () => {
    await live();
    held.socket().receive('feed:pulse', pulse(50));
    held.socket().receive('disconnect', 'transport close');
    expect(state()).toBe('stale');
    held.clock.advance(1_000);
    expect(held.socket().auth).toMatchObject({ since: cursorAt(50) });
  });

  it('ends when the server says so, and begins again when it is started again', async () => {
    await live();
    held.socket().receive('feed:end', { code: 'signed_out' });
    expect(held.feed.freshness.get()).toMatchObject({ state: 'ended', code: 'signed_out' });
    held.clock.advance(60_000);
    expect(held.sockets).toHaveLength(1);
    answers = [listAt(60, [taskWith({ id: 6 })])];
    held.feed.start();
    await settled();
    expect(held.socket().auth).toMatchObject({ since: cursorAt(60) });
  });

  it('ends at a message that it cannot read, and when it is refused for good', async () => {
    await live();
    held.socket().receive('feed:batch', { from: cursorAt(10), events: 'none' });
    expect(held.feed.freshness.get()).toMatchObject({ state: 'ended', code: 'protocol' });
  });

  it('forgets deleted rows', async () => {
    await live();
    held.socket().receive('feed:batch', batchOf(10, 12, [deleted(taskWith({ id: 1 }))]));
    expect(notices[0]?.changes[0]).toMatchObject({ kind: 'deleted', before: { id: 1 } });
    expect(titles()).toEqual([]);
  });
});

describe('freshness', () => {
  it('is lost without a pulse for 12 seconds, whatever the transport says, and the server is asked', async () => {
    await live();
    held.clock.advance(11_900);
    expect(state()).toBe('live');
    held.clock.advance(1_200);
    expect(held.feed.freshness.get()).toMatchObject({ state: 'stale', code: 'silent' });
    expect(asked()).toEqual([['feed:resume', cursorAt(10)]]);
    held.socket().receive('feed:ready', ready(10));
    expect(state()).toBe('stale');
    held.socket().receive('feed:pulse', pulse(10));
    expect(state()).toBe('live');
  });

  it('is lost at once when the machine has slept, until the server has answered', async () => {
    await live();
    held.clock.sleep(3_600_000);
    expect(held.feed.freshness.get()).toMatchObject({ state: 'stale', code: 'asleep' });
    held.socket().receive('feed:pulse', { ...pulse(11), now: new Date(held.clock.wallNow - 3_600_000).toISOString() });
    expect(state()).toBe('stale');
    expect(asked()).toEqual([['feed:resume', cursorAt(10)]]);
    held.socket().receive('feed:ready', ready(11));
    held.socket().receive('feed:pulse', pulse(11));
    expect(state()).toBe('live');
  });

  it('is not regained from a pulse that has lain in a buffer', async () => {
    await live();
    const old = pulse(11);
    held.clock.advance(13_000);
    held.socket().receive('feed:pulse', old);
    expect(state()).toBe('stale');
  });

  it('is asked for when somebody looks again; a server that does not answer is left', async () => {
    await live();
    held.feed.checkNow();
    expect(held.socket().sent).toHaveLength(1);
    held.clock.advance(3_000);
    expect(held.sockets).toHaveLength(2);
    expect(held.sockets[0]?.isOpen).toBe(false);
  });

  it('goes by the clock of the server', async () => {
    await live();
    const ahead = new Date(held.clock.wallNow + 3_600_000).toISOString();
    held.socket().receive('feed:pulse', { ...pulse(10), now: ahead });
    expect(held.feed.serverNow() - held.clock.wallNow).toBe(3_600_000);
  });
});

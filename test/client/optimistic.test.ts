// Optimistic changes: on the screen at once, off it with the event that contains them, or with the failure.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RequestError } from '../../src/client/http.ts';
import type { Task } from '../../src/protocol/task.ts';
import { batchOf, created, cursorAt, deleted, taskWith, updated } from './factories.ts';
import { type Held, hold, settled } from './held.ts';

let held: Held;
let moment: number;
let shown: string[];

const now = () => new Date(held.clock.wallNow).toISOString();
const title = () => held.feed.tasks.get(1)?.title;

beforeEach(async () => {
  moment = 10;
  shown = [];
  held = hold(() => ({ tasks: [taskWith({ id: 1 })], cursor: cursorAt(10), next: null }));
  held.feed.start();
  await settled();
  held.socket().receive('connect');
  held.socket().receive('feed:ready', {
    ask: held.socket().asked,
    cursor: cursorAt(10),
    outcome: 'current',
    count: 0,
    now: now(),
  });
  held.socket().receive('feed:pulse', { cursor: cursorAt(10), now: now(), state: 'live' });
  held.feed.tasks.subscribe(() => shown.push(title() ?? 'none'));
});

function tell(event: ReturnType<typeof updated>): void {
  held.socket().receive('feed:batch', batchOf(moment, moment + 1, [event]));
  moment += 1;
}

/** A change whose request is answered when the test says so. */
function change(patch: Partial<Task> | null) {
  let answer: (value: unknown) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const request = new Promise<unknown>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  const done = held.feed.optimistic('task', 1, patch, () => request);
  return { answer, fail, done };
}

const told = (version: number, name: string) => taskWith({ id: 1, title: name, version });

describe('an optimistic change', () => {
  it('is shown at once and stays until the event that contains it', async () => {
    const kinds: string[] = [];
    held.feed.tasks.subscribe(({ kind }) => kinds.push(kind));
    const hoped = change({ title: 'Hoped' });
    expect(title()).toBe('Hoped');
    hoped.answer({ task: told(2, 'Hoped') });
    await hoped.done;
    expect(title()).toBe('Hoped');
    tell(updated(told(2, 'Told')));
    expect([title(), kinds]).toEqual(['Told', ['overlay', 'batch']]);
  });

  it('stays when its event comes before the answer, and goes unseen with it', async () => {
    const hoped = change({ title: 'Mine' });
    tell(updated(told(2, 'Mine')));
    hoped.answer({ task: told(2, 'Mine') });
    await hoped.done;
    await settled();
    tell(updated(told(3, 'Theirs')));
    expect(new Set(shown)).toEqual(new Set(['Mine', 'Theirs']));
    expect(shown.at(-1)).toBe('Theirs');
  });

  it('is not taken away by an event that is older than the answer', async () => {
    const hoped = change({ title: 'Mine' });
    hoped.answer({ task: told(3, 'Mine') });
    await hoped.done;
    tell(updated(told(2, 'Theirs')));
    expect(title()).toBe('Mine');
    tell(updated(told(3, 'Mine')));
    tell(updated(told(4, 'Later')));
    expect(title()).toBe('Later');
    expect(shown).not.toContain('Theirs');
  });

  it('lies on top of another one, and each ends by itself', async () => {
    const first = change({ title: 'First' });
    const second = change({ priority: 'urgent' });
    expect(held.feed.tasks.get(1)).toMatchObject({ title: 'First', priority: 'urgent' });
    first.fail(new Error('no'));
    await expect(first.done).rejects.toThrow('no');
    expect(held.feed.tasks.get(1)).toMatchObject({ title: 'Task 1', priority: 'urgent' });
    second.answer({ task: told(2, 'Task 1') });
    await second.done;
    tell(updated(told(2, 'Task 1')));
    expect(held.feed.tasks.get(1)).toMatchObject({ priority: 'normal' });
  });

  it('that is refused gives the current row to whoever asked', async () => {
    const hoped = change({ title: 'Mine' });
    const current = told(5, 'Theirs');
    hoped.fail(new RequestError('Changed', { status: 409, code: 'stale_version', body: { task: current } }));
    await expect(hoped.done).rejects.toMatchObject({ code: 'stale_version', body: { task: { title: 'Theirs' } } });
    expect(title()).toBe('Task 1');
  });

  it('goes with the row when that is deleted meanwhile, and does not come back with it', async () => {
    const hoped = change({ title: 'Mine' });
    tell(deleted(told(1, 'Task 1')));
    expect(title()).toBeUndefined();
    tell(created(told(2, 'Restored')));
    expect(title()).toBe('Restored');
    hoped.answer(undefined);
    await hoped.done;
    expect(title()).toBe('Restored');
  });

  it('hides a row that is being deleted until it is', async () => {
    const hoped = change(null);
    expect(held.feed.tasks.rows.size).toBe(0);
    hoped.answer(undefined);
    await hoped.done;
    expect(held.feed.tasks.rows.size).toBe(0);
    tell(deleted(told(1, 'Task 1')));
    expect(held.feed.tasks.rows.size).toBe(0);
  });

  it('whose answer names no row stays until the server has been asked', async () => {
    const hoped = change({ title: 'Mine' });
    hoped.answer({ result: 'ok' });
    await hoped.done;
    expect(title()).toBe('Mine');
    expect(held.socket().sent).toHaveLength(1);
    tell(updated(told(2, 'Mine')));
    held.socket().receive('feed:ready', {
      ask: held.socket().asked,
      cursor: cursorAt(11),
      outcome: 'replayed',
      count: 1,
      now: now(),
    });
    tell(updated(told(3, 'Theirs')));
    expect(title()).toBe('Theirs');
    expect(shown).not.toContain('Task 1');
  });

  it('whose answer names no row does not end with an answer that may be from before it', async () => {
    const ready = (ask: number) => ({ ask, cursor: cursorAt(10), outcome: 'current', count: 0, now: now() });
    held.feed.checkNow();
    const hoped = change({ title: 'Mine' });
    hoped.answer({ result: 'ok' });
    await hoped.done;
    held.socket().receive('feed:ready', ready(2));
    expect(title()).toBe('Mine');
    expect(held.socket().sent.map(({ data }) => data)).toMatchObject([{ ask: 2 }, { ask: 3 }]);
    held.socket().receive('feed:ready', ready(3));
    expect(title()).toBe('Task 1');
  });
});

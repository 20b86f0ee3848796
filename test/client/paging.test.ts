// The snapshot: every page of every list, and from where the feed is read on.
import { describe, expect, it } from '@jest/globals';
import { assemble, SnapshotError } from '../../src/client/snapshot.ts';
import { cursorAt, taskWith } from './factories.ts';
import { hold, settled } from './held.ts';

const page = (moment: number, ids: number[], next: number | null) => ({
  tasks: ids.map((id) => taskWith({ id })),
  cursor: cursorAt(moment),
  next,
});

describe('a list of several pages', () => {
  it('is read to its end, and read on from its first page; live is what has reached the last', async () => {
    const pages = [page(10, [1, 2], 2), page(14, [3], 3), page(12, [], null)];
    const held = hold(() => pages.shift());
    held.feed.start();
    await settled();
    expect(held.requests).toEqual(['', '&after=2', '&after=3'].map((after) => `/api/tasks?limit=1000${after}`));
    expect(held.socket().auth).toMatchObject({ since: cursorAt(10) });
    held.socket().receive('connect');
    const now = () => new Date(held.clock.wallNow).toISOString();
    const reach = (moment: number) =>
      held.socket().receive('feed:pulse', { cursor: cursorAt(moment), now: now(), state: 'live' });
    held.socket().receive('feed:ready', { ask: 1, cursor: cursorAt(12), outcome: 'current', count: 0, now: now() });
    expect([...held.feed.tasks.rows.keys()]).toEqual([1, 2, 3]);
    reach(13);
    expect(held.feed.freshness.get().state).toBe('catching up');
    reach(14);
    expect(held.feed.freshness.get().state).toBe('live');
  });
});

describe('lists that are read beside each other', () => {
  const rows = (moment: number, epoch?: string) => [{ rows: [], cursor: cursorAt(moment, 0, epoch), next: null }];

  it('are read on from the earliest of all pages, and of one moment from the latest on', () => {
    const loaded = assemble(
      new Map([
        ['task', rows(12)],
        ['system', rows(11)],
        ['employee', rows(13)],
      ]),
    );
    expect([loaded.place.cursor, loaded.horizon]).toEqual([cursorAt(11), [13, 0]]);
  });

  it('are no snapshot when the database was restarted in between', () => {
    const other = '0b7f3a52-5d1c-4a1e-9a55-2f6f0d9c1e12';
    const both = new Map([
      ['task' as const, rows(12)],
      ['system' as const, rows(12, other)],
    ]);
    expect(() => assemble(both)).toThrow(SnapshotError);
    expect(() => assemble(new Map())).toThrow('at least one list');
  });
});

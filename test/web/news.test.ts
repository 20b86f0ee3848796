// What the board remembers of changes, and how often it draws.
import { describe, expect, it } from '@jest/globals';
import type { Change, Changed, ListedTask, Notice, Store } from '../../src/client/index.ts';
import { Calm } from '../../src/web/manager/live/calm.ts';
import { News } from '../../src/web/manager/live/news.ts';

class FakeStore<Row> implements Store<Row> {
  rows: ReadonlyMap<number, Row> = new Map();
  readonly #listeners: ((notice: Notice<Row>) => void)[] = [];
  get = (id: number) => this.rows.get(id);
  subscribeRow = () => () => undefined;
  subscribe = (listener: (notice: Notice<Row>) => void) => {
    this.#listeners.push(listener);
    return () => undefined;
  };
  tell(kind: Notice<Row>['kind'], changes: Changed<Row>[] = []): void {
    this.rows = new Map(this.rows);
    for (const listener of this.#listeners) listener({ kind, changes });
  }
}

function setUp() {
  const clock = { now: 1_000_000 };
  const tasks = new FakeStore<ListedTask>();
  const feed = {
    tasks,
    systems: new FakeStore<never>(),
    employees: new FakeStore<never>(),
    links: new FakeStore<never>(),
    serverNow: () => clock.now,
  };
  const change = (id: number, { actor = 'manager:2', at = clock.now, count = 1 } = {}) => {
    const told: Change = {
      seq: String(id),
      changed: ['status'],
      before: {},
      actor,
      actor_name: null,
      at: new Date(at).toISOString(),
      count,
    };
    tasks.tell('batch', [{ kind: 'updated', row: { id } as ListedTask, before: undefined, change: told }]);
  };
  return { clock, feed, tasks, change };
}

describe('the news', () => {
  it('let the cards of others glow, not one’s own, and not for ever', () => {
    const { clock, feed, change } = setUp();
    const news = new News({ feed, isOwn: ({ actor }) => actor === 'manager:1' });
    change(1);
    change(2, { actor: 'manager:1' });
    expect([...news.get().glows.keys()]).toEqual([1]);
    expect(news.get().items.map(({ row }) => row.id)).toEqual([2, 1]);
    clock.now += 6_001;
    news.tick();
    expect(news.get().glows.size).toBe(0);
  });

  it('leave out what changed only beside a task', () => {
    const { feed, change } = setUp();
    const news = new News({ feed, isOwn: () => false });
    change(1, { count: 0 });
    expect(news.get().items).toEqual([]);
  });

  it('tell what others did while the person was away, also what arrives only after the return', () => {
    const { clock, feed, change } = setUp();
    const news = new News({ feed, isOwn: ({ actor }) => actor === 'manager:1' });
    change(1);
    news.leave();
    clock.now += 60_000;
    change(2);
    change(3, { actor: 'manager:1' });
    news.comeBack();
    change(4, { at: clock.now - 5_000 });
    clock.now += 1_000;
    change(5);
    const { missed } = news.get();
    expect([missed?.count, missed?.items.map(({ row }) => row.id)]).toEqual([2, [4, 2]]);
    news.putAway();
    expect(news.get().missed).toBeUndefined();
  });

  it('tell how much is different when everything was loaded anew meanwhile', () => {
    const { clock, feed, tasks } = setUp();
    const rows = (...versions: [number, number][]) =>
      new Map(versions.map(([id, version]) => [id, { id, version } as ListedTask]));
    tasks.rows = rows([1, 1], [2, 1], [3, 1]);
    const news = new News({ feed, isOwn: () => false });
    news.leave();
    clock.now += 60_000;
    news.comeBack();
    tasks.rows = rows([1, 1], [2, 2], [4, 1]);
    tasks.tell('snapshot');
    expect(news.get().missed).toEqual({ since: 1_000_000, items: [], count: 3 });
    // Long after the return the person sees by themselves what changes.
    clock.now += 60_001;
    tasks.rows = rows([1, 5]);
    tasks.tell('snapshot');
    expect(news.get().missed?.count).toBe(3);
  });

  it('make nothing of a short look away', () => {
    const { clock, feed, change } = setUp();
    const news = new News({ feed, isOwn: () => false });
    news.leave();
    clock.now += 5_000;
    change(1);
    news.comeBack();
    expect(news.get().missed).toBeUndefined();
  });

  it('are bounded in a storm', () => {
    const { feed, change } = setUp();
    const news = new News({ feed, isOwn: () => false, keep: 10 });
    for (let id = 1; id <= 1_000; id += 1) change(id);
    expect(news.get().items).toHaveLength(10);
    expect(news.get().items[0]?.row.id).toBe(1_000);
  });
});

describe('the calm view', () => {
  it('shows a single change at once, a storm a few times a second, and one’s own change always at once', () => {
    const { feed, tasks } = setUp();
    let now = 0;
    const waiting: { call: () => void; ms: number }[] = [];
    const later = (call: () => void, ms: number) => {
      waiting.push({ call, ms });
      return () => undefined;
    };
    const calm = new Calm({ feed, restMs: 100, now: () => now, later });
    let drawn = 0;
    calm.subscribe(() => {
      drawn += 1;
    });
    tasks.tell('batch');
    expect(drawn).toBe(1);
    for (let change = 0; change < 50; change += 1) tasks.tell('batch');
    expect([drawn, waiting.map(({ ms }) => ms)]).toEqual([1, [100]]);
    tasks.tell('overlay');
    expect([drawn, calm.get().tasks]).toEqual([2, tasks.rows]);
    now = 100;
    tasks.tell('batch');
    expect([drawn, calm.get().tasks]).toEqual([3, tasks.rows]);
  });
});

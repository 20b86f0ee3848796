// The page's line to the server, with a socket and a loader that the test holds in its hands.
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type FeedSocket, LiveFeed } from '../../src/web/manager/feed.ts';
import { type Changed, type SnapshotPage, TaskStore } from '../../src/web/manager/store.ts';
import { eventually } from '../support/eventually.ts';
import { batchOf, created, cursorAt, taskWith, updated } from './factories.ts';

class FakeSocket {
  readonly sent: { name: string; data: unknown }[] = [];
  connected = false;
  active = false;
  connects = 0;
  #events = new EventEmitter();

  on(name: string, listener: (data: unknown) => void): void {
    this.#events.on(name, listener);
  }

  emit(name: string, data: unknown): void {
    this.sent.push({ name, data });
  }

  connect(): void {
    this.connects += 1;
    this.active = true;
  }

  disconnect(): void {
    this.connected = false;
    this.active = false;
  }

  /** What comes from the server. */
  receive(name: string, data?: unknown): void {
    if (name === 'connect') this.connected = true;
    if (name === 'disconnect') this.connected = false;
    this.#events.emit(name, data);
  }
}

const now = '2026-11-22T12:00:00Z';
const ready = (moment: number, outcome = 'current') => ({ cursor: cursorAt(moment), outcome, count: 0, now });

let socket: FakeSocket;
let store: TaskStore;
let feed: LiveFeed;
let shown: Changed[][];
let answers: (SnapshotPage[] | Error)[];
let loads: number;

beforeEach(async () => {
  socket = new FakeSocket();
  store = new TaskStore();
  shown = [];
  loads = 0;
  answers = [[{ tasks: [taskWith({ id: 1 })], cursor: cursorAt(10) }]];
  feed = new LiveFeed({
    store,
    socket: socket as unknown as FeedSocket,
    load: async () => {
      loads += 1;
      const answer = answers.shift();
      if (!answer || answer instanceof Error) throw answer ?? new Error('nothing to load');
      return answer;
    },
    onShow: (changes) => shown.push(changes),
    onState: () => undefined,
    random: () => 0,
  });
  await feed.start();
  socket.receive('connect');
});

describe('a page', () => {
  it('connects with the cursor of its snapshot', () => {
    expect(socket.connects).toBe(1);
    expect(feed.auth()).toEqual({ protocol: 1, batch: true, since: cursorAt(10) });
  });

  it('shows what was missed only once it is complete, and keeps its cursor until then', () => {
    socket.receive('feed:batch', batchOf(10, 12, [updated(taskWith({ id: 1, title: 'A' }))]));
    socket.receive('feed:batch', batchOf(12, 13, [created(taskWith({ id: 2 }))]));
    expect(shown).toEqual([[]]);
    expect(store.cursor).toBe(cursorAt(10));
    socket.receive('feed:ready', ready(13, 'replayed'));
    expect(shown[1]?.map(({ task }) => task.id)).toEqual([1, 2]);
    expect(feed.auth()).toMatchObject({ since: cursorAt(13) });
  });

  it('asks for what is missing when there is a gap in the chain', () => {
    socket.receive('feed:ready', ready(10));
    socket.receive('feed:batch', batchOf(12, 13, [created(taskWith({ id: 3 }))]));
    expect(socket.sent).toEqual([{ name: 'feed:resume', data: { since: cursorAt(10) } }]);
    expect(feed.line.isReady).toBe(false);
    expect(shown).toHaveLength(2);
    socket.receive('feed:batch', batchOf(10, 14, [created(taskWith({ id: 2 })), created(taskWith({ id: 3 }))]));
    socket.receive('feed:ready', ready(14, 'replayed'));
    expect(store.tasks().map(({ id }) => id)).toEqual([1, 3, 2]);
    expect(store.cursor).toBe(cursorAt(14));
  });

  it('loads anew after a reset, swaps in one step, and resumes from there', async () => {
    socket.receive('feed:ready', ready(10));
    answers = [[{ tasks: [taskWith({ id: 7 })], cursor: cursorAt(30) }]];
    socket.receive('feed:reset', { reason: 'bulk', count: 9_000, spread_ms: 100 });
    socket.receive('feed:batch', batchOf(10, 29, [created(taskWith({ id: 8 }))]));
    // The answer to a connection that was lost and made meanwhile is not yet the one that counts.
    socket.receive('feed:ready', ready(29));
    expect(feed.line.isReady).toBe(false);
    expect(store.tasks().map(({ id }) => id)).toEqual([1]);
    await eventually('the resume', () => socket.sent.length > 0);
    expect(socket.sent).toEqual([{ name: 'feed:resume', data: { since: cursorAt(30) } }]);
    expect(store.tasks().map(({ id }) => id)).toEqual([7]);
    expect(feed.line.isReady).toBe(false);
    socket.receive('feed:ready', ready(30));
    expect(feed.line.isReady).toBe(true);
  });

  it('loads again when the server begins afresh instead of replaying', async () => {
    answers = [[{ tasks: [taskWith({ id: 9 })], cursor: cursorAt(20) }]];
    socket.receive('feed:ready', ready(15, 'fresh'));
    expect(feed.line.isReady).toBe(false);
    await eventually('the resume', () => socket.sent.length > 0);
    expect(socket.sent).toEqual([{ name: 'feed:resume', data: { since: cursorAt(20) } }]);
    expect(store.tasks().map(({ id }) => id)).toEqual([9]);
  });

  it('keeps trying to load, says why it cannot, and tries at once when asked', async () => {
    socket.receive('feed:ready', ready(10));
    answers = [new Error('The server does not answer.'), [{ tasks: [], cursor: cursorAt(30) }]];
    socket.receive('feed:reset', { reason: 'epoch', spread_ms: 0 });
    await eventually('the trouble', () => feed.line.trouble !== undefined);
    feed.retry();
    await eventually('the second load', () => loads === 3);
    await eventually('the resume', () => socket.sent.length > 0);
    expect(feed.line.trouble).toBeUndefined();
  });

  it('moves its cursor with the pulse, so that a quiet site does not lose its place', () => {
    socket.receive('feed:pulse', { cursor: cursorAt(11), now, state: 'live' });
    expect(store.cursor).toBe(cursorAt(10));
    socket.receive('feed:ready', ready(11));
    socket.receive('feed:pulse', { cursor: cursorAt(50), now, state: 'live' });
    expect(store.cursor).toBe(cursorAt(50));
  });

  it('goes by the clock of the server', () => {
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    socket.receive('feed:ready', { ...ready(10), now: ahead });
    expect(Math.round((feed.serverNow - Date.now()) / 1_000)).toBe(3_600);
  });

  it('comes back by itself after the server has cut it, unless it was told the end', async () => {
    socket.receive('feed:ready', ready(10));
    socket.receive('disconnect', 'io server disconnect');
    expect(feed.line).toMatchObject({ isConnected: false, isReady: false });
    await eventually('the second connection', () => socket.connects === 2);

    socket.receive('connect');
    socket.receive('feed:end', { code: 'revoked' });
    expect(feed.line.ended).toBe('revoked');
    expect(socket.active).toBe(false);
  });

  it('stops, and says so, at a message that it cannot read', () => {
    socket.receive('feed:ready', ready(10));
    socket.receive('feed:batch', { from: cursorAt(10), events: 'none' });
    expect(feed.line.ended).toBe('protocol');
  });

  it('stops when it is refused for good', () => {
    const refusal = Object.assign(new Error('protocol'), { data: { code: 'protocol', retry: false } });
    socket.receive('connect_error', refusal);
    expect(feed.line.ended).toBe('protocol');
  });
});

// The client of a confirmation link, with clock, sockets and loads in the hands of the test.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FeedSocket } from '../../src/client/connection.ts';
import { createLinkFeed, type LinkFeed } from '../../src/client/link-feed.ts';
import type { LinkPage } from '../../src/protocol/link.ts';
import { taskWith } from './factories.ts';
import { HeldClock, HeldSocket, settled } from './held.ts';

let clock: HeldClock;
let sockets: HeldSocket[];
/** Loads that were not answered yet. */
let loads: ((body: unknown) => void)[];
let feed: LinkFeed;

const pageAt = (moment: number, ...titles: string[]): LinkPage => ({
  link: { id: 1, expires_at: '2026-12-01T08:00:00+00:00', acknowledged_at: null },
  employee: { name: 'Dana', language: 'en' },
  tasks: titles.map((title, index) => taskWith({ id: index + 1, title })),
  systems: [],
  as_of: [moment, 0],
});

function holdLink(page?: LinkPage): void {
  clock = new HeldClock();
  sockets = [];
  loads = [];
  feed = createLinkFeed({
    url: 'http://held',
    token: 'a token',
    clock,
    ...(page ? { page } : {}),
    connect: (_url, auth) => {
      const socket = new HeldSocket(auth);
      sockets.push(socket);
      return socket as unknown as FeedSocket;
    },
    fetch: (input) => {
      expect(input).toBe('http://held/api/confirm/a%20token');
      return new Promise((resolve) => loads.push((body) => resolve(Response.json(body))));
    },
  });
  feed.start();
}

beforeEach(() => holdLink());

const socket = () => sockets.at(-1) as HeldSocket;
const now = () => new Date(clock.wallNow).toISOString();
const ready = (ask = socket().asked) => socket().receive('feed:ready', { ask, outcome: 'fresh', count: 0, now: now() });
const pulse = () => socket().receive('feed:pulse', { now: now(), state: 'live' });
const titles = () => feed.page.get()?.tasks.map(({ title }) => title);
const state = () => feed.freshness.get().state;
const tell = (moment: number, title: string) =>
  socket().receive('task:updated', {
    task: taskWith({ id: 1, title }),
    change: { seq: '1', changed: ['title'], at: now(), count: 1 },
    as_of: [moment, 0],
  });

async function answer(page: unknown): Promise<void> {
  loads.shift()?.(page);
  await settled();
}

async function live(): Promise<void> {
  socket().receive('connect');
  ready();
  pulse();
  await answer(pageAt(10, 'One'));
}

describe("a link's page", () => {
  it('is loaded after feed:ready, not before, and live then', async () => {
    expect(socket().auth).toEqual({ protocol: 1, link: 'a token', ask: 1 });
    socket().receive('connect');
    expect(loads).toHaveLength(0);
    ready();
    expect(loads).toHaveLength(1);
    await answer(pageAt(10, 'One'));
    expect([titles(), state()]).toEqual([['One'], 'live']);
  });

  it('is shown as the server has sent it until it is loaded, and not called live', () => {
    holdLink(pageAt(8, 'Sent along'));
    expect([titles(), state()]).toEqual([['Sent along'], 'connecting']);
  });

  it('takes what is told while it is loaded, and nothing that is older than itself', async () => {
    socket().receive('connect');
    ready();
    tell(9, 'Older than the page');
    await answer(pageAt(10, 'One'));
    expect(titles()).toEqual(['One']);
    feed.checkNow();
    ready();
    tell(12, 'Newer than the page');
    await answer(pageAt(11, 'One'));
    expect(titles()).toEqual(['Newer than the page']);
    tell(11, 'Late');
    expect(titles()).toEqual(['Newer than the page']);
  });

  it('is loaded anew by no answer but that to the last question', async () => {
    await live();
    feed.checkNow();
    expect(socket().sent).toEqual([{ name: 'feed:resume', data: { ask: 2 } }]);
    ready(1);
    expect(loads).toHaveLength(0);
    socket().receive('feed:reset', { ask: 1, reason: 'behind', spread_ms: 0 });
    expect(state()).toBe('live');
    ready(2);
    expect(loads).toHaveLength(1);
  });

  it('is that of the newest load alone', async () => {
    await live();
    feed.checkNow();
    ready();
    feed.stop();
    feed.start();
    socket().receive('connect');
    ready();
    const [first, second] = loads.splice(0);
    second?.(pageAt(20, 'Newest'));
    await settled();
    first?.(pageAt(30, 'Of a load that was given up'));
    await settled();
    expect(titles()).toEqual(['Newest']);
  });

  it('is stale without a pulse for 12 seconds, and the server is asked', async () => {
    await live();
    clock.advance(13_100);
    expect(feed.freshness.get()).toMatchObject({ state: 'stale', code: 'silent' });
    expect(socket().sent).toEqual([{ name: 'feed:resume', data: { ask: 2 } }]);
  });
});

describe("a link's client", () => {
  it('gives up a connection, and an answer, that does not come in 20 seconds', () => {
    clock.advance(21_000);
    expect([sockets.length, sockets[0]?.isOpen]).toEqual([2, false]);
    socket().receive('connect');
    clock.advance(25_000);
    expect([sockets.length, sockets[1]?.isOpen]).toEqual([3, false]);
  });

  it('leaves a server that does not answer a check within 2.5 seconds', async () => {
    await live();
    feed.checkNow();
    clock.advance(2_400);
    expect(sockets).toHaveLength(1);
    clock.advance(200);
    expect([sockets.length, sockets[0]?.isOpen]).toEqual([2, false]);
  });

  it('waits a part of spread_ms after a reset, asks anew on the same connection, and loads', async () => {
    await live();
    clock.nextChance = 0.5;
    socket().receive('feed:reset', { reason: 'bulk', spread_ms: 1_000 });
    clock.advance(499);
    expect(socket().sent).toHaveLength(0);
    clock.advance(1);
    expect([sockets.length, socket().sent]).toEqual([1, [{ name: 'feed:resume', data: { ask: 2 } }]]);
    ready();
    await answer(pageAt(20, 'After the flood'));
    expect([titles(), state()]).toEqual([['After the flood'], 'live']);
  });

  it('comes back over the time that a server asks for when it stops', async () => {
    await live();
    clock.nextChance = 0.5;
    socket().receive('feed:end', { code: 'shutdown', spread_ms: 8_000 });
    expect([socket().isOpen, feed.freshness.get().code]).toEqual([false, 'no_connection']);
    clock.advance(3_999);
    expect(sockets).toHaveLength(1);
    clock.advance(1);
    expect(sockets).toHaveLength(2);
  });

  it('tries a load that failed again, at once when somebody looks', async () => {
    socket().receive('connect');
    ready();
    clock.nextChance = 0.5;
    await answer({ nonsense: true });
    expect(feed.freshness.get()).toMatchObject({ state: 'connecting', code: 'load_failed' });
    clock.advance(499);
    expect(loads).toHaveLength(0);
    feed.checkNow();
    expect(loads).toHaveLength(1);
    await answer(pageAt(10, 'One'));
    expect([titles(), state()]).toEqual([['One'], 'live']);
  });

  it('ends at a message that it cannot read', async () => {
    await live();
    socket().receive('task:updated', { task: 'none' });
    expect(feed.freshness.get()).toMatchObject({ state: 'ended', code: 'protocol' });
    expect([socket().isOpen, clock.timers]).toEqual([false, 0]);
  });
});

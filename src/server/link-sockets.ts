// Sockets of confirmation links. A link's holder hears of the tasks in the link that are assigned to its employee, and
// of nothing else: no actor, no old values, no cursor. What is visible is kept per link as a set of ids, begun from one
// snapshot and kept true by the feed: every task event says which links may see the row now.
import type { Knex } from 'knex';
import type { Socket } from 'socket.io';
import type { Batch } from '../feed/drain-session.ts';
import type { Feed } from '../feed/feed.ts';
import type { AsOf } from '../protocol/cursor.ts';
import {
  type Ask,
  type ClientToServer,
  type ConnectError,
  type FeedEnd,
  feedResume,
  type LinkStateEvent,
  type LinkSystemEvent,
  type LinkTaskEvent,
  named,
  type ServerToClient,
} from '../protocol/feed.ts';
import type { LinkedSystem } from '../protocol/link.ts';
import { markLinkOpen } from '../tasks/link-holder.ts';
import { type LinkScope, readLinkScope } from '../tasks/link-scope.ts';
import { pulseOf, rooms, spreadMs } from './broadcaster.ts';
import { hangUp } from './connection.ts';

export type FeedSocket = Socket<ClientToServer, ServerToClient>;
type FeedEvent = Batch['events'][number];

interface Viewer {
  socket: FeedSocket;
  linkId: number;
  token: string;
  /** The tasks its holder may see, and the system each of them is at. */
  visible: Map<number, number | null>;
  expiry: NodeJS.Timeout | undefined;
  /** The question whose answer is being made, and one that came meanwhile. */
  asked: Question | undefined;
  next: Question | undefined;
}

interface Question {
  ask: Ask;
}

// setTimeout counts in 32 bits; a later expiry is looked at again after this time.
const longestTimer = 2_000_000_000;

export class LinkSockets {
  readonly #knex: Knex;
  readonly #feed: Feed;
  readonly #viewers = new Map<number, Set<Viewer>>();

  constructor(options: { knex: Knex; feed: Feed }) {
    this.#knex = options.knex;
    this.#feed = options.feed;
  }

  /** Why a socket with this token may not connect, or undefined if it may. */
  async refusal(token: string): Promise<ConnectError | undefined> {
    const scope = await readLinkScope(this.#knex, token);
    if (!scope) return { code: 'link_unknown', retry: false };
    const end = endOf(scope.link);
    return end && { code: end === 'expired' ? 'link_expired' : 'link_revoked', retry: false };
  }

  /** Begins to serve the socket; it gets feed:ready when its scope is known. */
  async admit(socket: FeedSocket, token: string, ask?: Ask): Promise<void> {
    const viewer: Viewer = {
      socket,
      linkId: 0,
      token,
      visible: new Map(),
      expiry: undefined,
      asked: undefined,
      next: undefined,
    };
    socket.on(
      'feed:resume',
      (request: unknown) => void this.#answer(viewer, { ask: feedResume.safeParse(request).data?.ask }),
    );
    socket.on('disconnect', () => this.#forget(viewer));
    await this.#answer(viewer, { ask });
  }

  handle(batch: Batch): void {
    if (this.#viewers.size === 0) return;
    if (batch.reset) {
      const reset = { ...batch.reset, spread_ms: spreadMs(this.#viewers.size) };
      for (const viewer of this.#all()) viewer.socket.emit('feed:reset', reset);
      return;
    }
    for (const event of batch.events) {
      if (event.topic === 'link') this.#onLink(event, batch.asOf);
      if (event.topic === 'system') for (const viewer of this.#all()) tellSystem(viewer, event, batch.asOf);
      if (event.topic === 'task') for (const viewer of this.#all()) tell(viewer, event, batch.asOf);
    }
  }

  // One answer at a time. Of several questions that come meanwhile the newest is answered: nobody waits for the others.
  async #answer(viewer: Viewer, question: Question): Promise<void> {
    viewer.next = question;
    while (viewer.asked === undefined && viewer.next !== undefined) {
      viewer.asked = viewer.next;
      viewer.next = undefined;
      await this.#load(viewer, named(viewer.asked.ask));
      viewer.asked = undefined;
    }
  }

  // The scope comes from a snapshot; what was committed since then is applied before the socket hears of anything.
  async #load(viewer: Viewer, answer: { ask?: number }): Promise<void> {
    this.#forget(viewer);
    try {
      const scope = await readLinkScope(this.#knex, viewer.token);
      const end = scope ? endOf(scope.link) : 'revoked';
      if (!scope || end) return cut(viewer.socket, end ?? 'revoked');
      await this.#feed.catchUp(scope.cursor, (caughtUp) => {
        if (!viewer.socket.connected) return;
        if (caughtUp.reset) {
          viewer.socket.emit('feed:reset', { ...answer, ...caughtUp.reset, spread_ms: spreadMs(this.#viewers.size) });
          return;
        }
        this.#join(viewer, scope);
        for (const batch of caughtUp.batches) this.#follow(viewer, batch);
        const { now, state } = pulseOf(this.#feed.listener);
        viewer.socket.emit('feed:ready', { ...answer, outcome: 'fresh', count: 0, now });
        viewer.socket.emit('feed:pulse', { now, state });
        void markLinkOpen(this.#knex, viewer.linkId).catch(() => undefined);
      });
    } catch {
      viewer.socket.emit('feed:reset', { ...answer, reason: 'behind', spread_ms: spreadMs(this.#viewers.size) });
    }
  }

  #join(viewer: Viewer, { link, tasks }: LinkScope): void {
    viewer.linkId = link.id;
    viewer.visible = new Map(tasks);
    const viewers = this.#viewers.get(link.id) ?? new Set();
    this.#viewers.set(link.id, viewers.add(viewer));
    void viewer.socket.join(rooms.links);
    this.#expireAt(viewer, Date.parse(link.expires_at));
  }

  #forget(viewer: Viewer): void {
    clearTimeout(viewer.expiry);
    void viewer.socket.leave(rooms.links);
    const viewers = this.#viewers.get(viewer.linkId);
    viewers?.delete(viewer);
    if (viewers?.size === 0) this.#viewers.delete(viewer.linkId);
  }

  /** What happened between the scope's snapshot and now: it changes what is visible, and the page loads it anyway. */
  #follow(viewer: Viewer, batch: Batch): void {
    for (const event of batch.events) {
      if (event.topic === 'link') this.#onLink(event);
      if (event.topic === 'task') see(viewer, event);
    }
  }

  #onLink(event: FeedEvent, asOf?: AsOf): void {
    const row = event.row as { revoked_at?: string | null; expires_at?: string };
    for (const viewer of this.#viewers.get(event.id) ?? []) {
      if (event.kind === 'deleted' || row.revoked_at) {
        cut(viewer.socket, 'revoked');
        continue;
      }
      this.#expireAt(viewer, Date.parse(row.expires_at ?? ''));
      if (asOf) tellLink(viewer, event, asOf);
    }
  }

  // `infinity` and the like parse to NaN: such a link does not expire by timer.
  #expireAt(viewer: Viewer, time: number): void {
    clearTimeout(viewer.expiry);
    if (Number.isNaN(time)) return;
    const left = time - Date.now();
    const isNear = left <= longestTimer;
    viewer.expiry = setTimeout(
      () => (isNear ? cut(viewer.socket, 'expired') : this.#expireAt(viewer, time)),
      Math.max(0, Math.min(left, longestTimer)),
    );
    viewer.expiry.unref();
  }

  *#all(): Iterable<Viewer> {
    for (const viewers of [...this.#viewers.values()]) yield* [...viewers];
  }
}

function endOf(link: LinkScope['link']): 'revoked' | 'expired' | undefined {
  if (link.revoked_at !== null) return 'revoked';
  return link.is_expired ? 'expired' : undefined;
}

/** Updates what is visible; returns what the viewer should hear of, if anything. */
function see(viewer: Viewer, event: FeedEvent): FeedEvent['kind'] | undefined {
  const wasVisible = viewer.visible.has(event.id);
  const isVisible = event.kind !== 'deleted' && event.audience.includes(viewer.linkId);
  if (isVisible) viewer.visible.set(event.id, (event.row as { system_id: number | null }).system_id);
  else viewer.visible.delete(event.id);
  if (isVisible) return wasVisible ? event.kind : 'created';
  return wasVisible ? 'deleted' : undefined;
}

function tell(viewer: Viewer, event: FeedEvent, asOf: AsOf): void {
  const wasVisible = viewer.visible.has(event.id);
  const kind = see(viewer, event);
  if (!kind || (wasVisible && kind !== 'deleted' && event.isForAudienceOnly)) return;
  const change = kind === event.kind ? changeOf(event) : { ...changeOf(event), changed: [] };
  const task = kind === 'deleted' ? { id: event.id } : event.row;
  const packet = { task, change, as_of: asOf } as LinkTaskEvent;
  viewer.socket.emit(`task:${kind}`, packet);
}

// The page shows where a task is and whom to call there; the rest of a system is none of its holder's business.
function tellSystem(viewer: Viewer, event: FeedEvent, asOf: AsOf): void {
  if (event.kind === 'deleted' || ![...viewer.visible.values()].includes(event.id)) return;
  const { id, name, location, contact_name, phone } = event.row as LinkedSystem;
  const system = { id, name, location, contact_name, phone };
  const changed = event.change.changed.filter((field) => field in system);
  if (changed.length === 0) return;
  const packet: LinkSystemEvent = { system, change: { ...changeOf(event), changed }, as_of: asOf };
  viewer.socket.emit('system:updated', packet as unknown as Record<string, unknown>);
}

function tellLink(viewer: Viewer, event: FeedEvent, asOf: AsOf): void {
  const { id, expires_at, acknowledged_at } = event.row as LinkStateEvent['link'];
  const link = { id, expires_at, acknowledged_at };
  const changed = event.change.changed.filter((field) => field in link);
  if (changed.length === 0) return;
  const packet: LinkStateEvent = { link, change: { ...changeOf(event), changed }, as_of: asOf };
  viewer.socket.emit('link:updated', packet as unknown as Record<string, unknown>);
}

function changeOf({ change: { seq, changed, at, count } }: FeedEvent): LinkTaskEvent['change'] {
  return { seq, changed, at, count };
}

/** Says why and closes; a client that does not read its last message is closed all the same. */
export function cut(socket: FeedSocket, code: FeedEnd['code']): void {
  socket.emit('feed:end', { code });
  socket.disconnect(true);
  setTimeout(() => hangUp(socket.conn), 500).unref();
}

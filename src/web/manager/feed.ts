// The page's line to the server: snapshot, socket, catching up. It keeps the store in step and says how fresh it is.
//
//   load ─▶ connect { since } ─▶ feed:ready ─▶ batches …          the cursor moves only from here on
//     ▲                             │  ▲
//     └──── feed:reset ◀────────────┤  └── feed:resume { since } ◀── a gap in the chain
//                                   └────▶ lost: connect again with the newest cursor
//
// What comes before feed:ready is applied but not shown: the reader sees whole truths only.
import type { Socket } from 'socket.io-client';
import {
  type ClientToServer,
  connectError,
  feedBatch,
  feedEnd,
  feedPulse,
  feedReady,
  feedReset,
  protocolVersion,
  type ServerToClient,
} from '../../protocol/feed.ts';
import type { LineState } from './freshness.ts';
import type { Changed, SnapshotPage, TaskStore } from './store.ts';

export type FeedSocket = Socket<ServerToClient, ClientToServer>;

export interface LiveFeedOptions {
  store: TaskStore;
  socket: FeedSocket;
  load: () => Promise<SnapshotPage[]>;
  /** The store is at a whole truth again; these changes led there, none after a snapshot. */
  onShow: (changes: Changed[]) => void;
  /** Freshness may be another one. */
  onState: () => void;
  random?: () => number;
}

const mostWaitMs = 10_000;

export class LiveFeed {
  readonly #options: Required<LiveFeedOptions>;
  #pending: Changed[] = [];
  #isLoading = false;
  #retryNow: () => void = () => undefined;
  #line: LineState = { isConnected: false, isReady: false, state: 'live' };
  #skewMs = 0;

  constructor(options: LiveFeedOptions) {
    this.#options = { random: Math.random, ...options };
    this.#listen();
  }

  get line(): Readonly<LineState> {
    return this.#line;
  }

  /** Now by the server's clock, ms: what `at` and `due_at` are to be compared with. */
  get serverNow(): number {
    return Date.now() + this.#skewMs;
  }

  async start(): Promise<void> {
    await this.#reload(0);
  }

  /** Does not wait for the next attempt to load. */
  retry(): void {
    this.#retryNow();
  }

  /** What the handshake carries. */
  auth(): Record<string, unknown> {
    const { cursor } = this.#options.store;
    return { protocol: protocolVersion, batch: true, ...(cursor === undefined ? {} : { since: cursor }) };
  }

  #listen(): void {
    const { socket } = this.#options;
    socket.on('connect', () => this.#set({ isConnected: true }));
    socket.on('disconnect', (reason) => {
      this.#set({ isConnected: false, isReady: false });
      // Only then Socket.IO does not come back by itself.
      if (reason === 'io server disconnect' && !this.#line.ended) this.#connectSoon();
    });
    socket.on('connect_error', (error) => {
      const refusal = connectError.safeParse((error as { data?: unknown }).data);
      if (!refusal.success) return;
      if (refusal.data.retry) this.#connectSoon();
      else this.#end(refusal.data.code);
    });
    socket.on('feed:batch', (data) => this.#parsed(feedBatch.safeParse(data), (batch) => this.#onBatch(batch)));
    socket.on('feed:ready', (data) => this.#parsed(feedReady.safeParse(data), (ready) => this.#onReady(ready)));
    socket.on('feed:pulse', (data) => this.#parsed(feedPulse.safeParse(data), (pulse) => this.#onPulse(pulse)));
    socket.on('feed:reset', (data) =>
      this.#parsed(feedReset.safeParse(data), ({ spread_ms }) => void this.#reload(spread_ms)),
    );
    socket.on('feed:end', (data) =>
      this.#parsed(feedEnd.safeParse(data), ({ code }) => {
        if (code !== 'shutdown') this.#end(code);
      }),
    );
  }

  // A message that this page cannot read may have held a change, so nothing after it could be trusted.
  #parsed<T>(parsed: { success: true; data: T } | { success: false }, use: (data: T) => void): void {
    if (parsed.success) use(parsed.data);
    else this.#end('protocol');
  }

  #onBatch(batch: ReturnType<typeof feedBatch.parse>): void {
    if (this.#isLoading) return;
    const { store, socket, onShow } = this.#options;
    const isGap = this.#line.isReady && store.isGap(batch);
    this.#pending.push(...store.apply(batch));
    if (isGap) {
      this.#set({ isReady: false });
      socket.emit('feed:resume', { since: store.cursor });
    }
    if (!this.#line.isReady) return;
    if (batch.to !== undefined) store.advance(batch.to);
    this.#isFresh();
    onShow(this.#pending.splice(0));
  }

  #onReady({ outcome, cursor, now }: ReturnType<typeof feedReady.parse>): void {
    this.#skewMs = skew(now) ?? this.#skewMs;
    // While a snapshot is loaded a feed:resume is still to come; it gets the answer that counts.
    if (this.#isLoading) return;
    if (outcome === 'fresh') {
      void this.#reload(0);
      return;
    }
    if (cursor !== undefined) this.#options.store.advance(cursor);
    this.#isFresh();
    this.#set({ isReady: true, hasBeenReady: true });
    this.#options.onShow(this.#pending.splice(0));
  }

  #onPulse({ state, cursor, now }: ReturnType<typeof feedPulse.parse>): void {
    this.#skewMs = skew(now) ?? this.#skewMs;
    if (this.#line.isReady && !this.#isLoading) {
      if (cursor !== undefined) this.#options.store.advance(cursor);
      if (state !== 'behind') this.#isFresh();
    }
    this.#set({ state });
  }

  // One at a time: whatever a second reset was for is in the snapshot, or in the answer to the feed:resume after it.
  async #reload(spreadMs: number): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    this.#set({ isReady: false });
    const { store, socket, random, onShow } = this.#options;
    await pause(spreadMs * random());
    store.load(await this.#loadUntilDone());
    this.#pending = [];
    this.#isLoading = false;
    onShow([]);
    if (this.#line.ended) return;
    if (socket.connected) socket.emit('feed:resume', { since: store.cursor });
    else if (!socket.active) socket.connect();
  }

  async #loadUntilDone(): Promise<SnapshotPage[]> {
    const { load, random } = this.#options;
    for (let waitMs = 1_000; ; waitMs = Math.min(waitMs * 2, mostWaitMs)) {
      const began = Date.now();
      try {
        const pages = await load();
        this.#set({ trouble: undefined, freshAt: this.#line.freshAt ?? began });
        return pages;
      } catch (error) {
        this.#set({ trouble: error instanceof Error ? error.message : String(error) });
      }
      await Promise.race([
        pause(waitMs * (0.5 + random())),
        new Promise<void>((resolve) => {
          this.#retryNow = resolve;
        }),
      ]);
    }
  }

  #connectSoon(): void {
    const { socket, random } = this.#options;
    void pause(1_000 + 2_000 * random()).then(() => socket.connect());
  }

  #end(code: NonNullable<LineState['ended']>): void {
    this.#set({ ended: code });
    this.#options.socket.disconnect();
  }

  #isFresh(): void {
    this.#line = { ...this.#line, freshAt: Date.now() };
  }

  #set(change: Partial<LineState>): void {
    this.#line = { ...this.#line, ...change };
    this.#options.onState();
  }
}

function skew(serverTime: string): number | undefined {
  const time = Date.parse(serverTime);
  return Number.isNaN(time) ? undefined : time - Date.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

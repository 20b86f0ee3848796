// The Socket.IO edge: who may connect, what a handshake asks for, and when a socket begins to receive. Everything that
// comes in is parsed; what does not fit is answered with a documented error and dropped.
import type { Server as HttpServer } from 'node:http';
import type { Request } from 'express';
import type { Knex } from 'knex';
import { Server } from 'socket.io';
import type { Batch } from '../feed/drain-session.ts';
import type { Feed } from '../feed/feed.ts';
import type { CaughtUp } from '../feed/replayer.ts';
import type { Logger } from '../logger.ts';
import {
  type Ask,
  type ConnectError,
  clientEvents,
  feedResume,
  type Handshake,
  handshake,
  named,
  protocolVersion,
} from '../protocol/feed.ts';
import { hashToken } from '../tasks/link-scope.ts';
import { type FeedServer, pulseOf, rooms, spreadMs } from './broadcaster.ts';
import { type Message, queue, sent } from './connection.ts';
import { identityOf, setIdentity } from './identity.ts';
import { type FeedSocket, LinkSockets } from './link-sockets.ts';
import type { ManagerSockets } from './manager-sockets.ts';
import { sendPaced, tellable } from './packets.ts';
import { ReplayMessages } from './replay-messages.ts';
import type { Doors } from './session.ts';
import { type SocketGate, socketLimits } from './socket-gate.ts';

/** `helloMs`: how long a connection may take to say who it is. */
export function createSocketServer(http: HttpServer, { helloMs } = socketLimits): FeedServer {
  return new Server(http, {
    // Our own replay is exact; Socket.IO's recovery would add a second, inexact one.
    serveClient: false,
    perMessageDeflate: false,
    // The longest cursor, and what is around it.
    maxHttpBufferSize: 16 * 1024 + 512,
    pingInterval: 10_000,
    pingTimeout: 8_000,
    connectTimeout: helloMs,
  });
}

export interface SocketsOptions {
  io: FeedServer;
  feed: Feed;
  knex: Knex;
  doors: Doors;
  managers: ManagerSockets;
  gate: SocketGate;
  logger: Logger;
  /** A client that has not been told all it missed by then, ms, is slower than the feed: it is told to load anew. */
  longestReplayMs?: number | undefined;
}

/** Takes connections from now on. */
export function acceptSockets(options: SocketsOptions): void {
  const { io, feed, knex, doors, managers, gate, logger, longestReplayMs = 5 * 60_000 } = options;
  const wanted = new WeakMap<FeedSocket, Handshake>();
  const links = new LinkSockets({ knex, feed });
  const missed = { single: new ReplayMessages('single'), batch: new ReplayMessages('batch') };
  feed.listener.on('batch:drained', (batch) => links.handle(batch));
  feed.listener.on('batch:drained', (batch) => managers.handle(batch));

  io.use((socket, next) => {
    admission(socket, { links, doors, gate, feed })
      .then((asked) => wanted.set(socket, asked))
      .then(
        () => next(),
        (error: unknown) => next(asRefusal(error)),
      );
  });

  io.on('connection', (socket) => {
    const address = (socket.request as Request).ip;
    const { batch = false, link, since, ask } = wanted.get(socket) ?? {};
    gate.watch(socket, clientEvents);
    logger.info({ client: socket.id, address, clients: io.engine.clientsCount }, 'client connected');
    socket.on('disconnect', (reason) => {
      logger.info({ client: socket.id, reason, clients: io.engine.clientsCount - 1 }, 'client disconnected');
    });
    if (link !== undefined) {
      void links.admit(socket, link, ask);
      return;
    }
    managers.admit(socket, identityOf(socket.request));
    const mode = batch ? 'batch' : 'single';
    new Follower({ io, feed, socket, mode, missed: missed[mode], longestReplayMs }).begin({ since, ask });
  });
}

interface Admission {
  links: LinkSockets;
  doors: Doors;
  gate: SocketGate;
  feed: Feed;
}

async function admission(socket: FeedSocket, { links, doors, gate, feed }: Admission): Promise<Handshake> {
  const parsed = handshake.safeParse(socket.handshake.auth);
  if (!parsed.success || (parsed.data.protocol ?? protocolVersion) !== protocolVersion) {
    throw new Refused({ code: 'protocol', retry: false });
  }
  // Whoever was let in before the feed has begun would miss what is committed between.
  if (feed.listener.cursor === undefined) throw new Refused({ code: 'unavailable', retry: true });
  const { link, token } = parsed.data;
  if (link !== undefined) {
    const refusal = await links.refusal(link);
    if (refusal) throw new Refused(refusal);
    if (!gate.admit(socket, { kind: 'link', id: hashToken(link).toString('base64') })) throw tooMany();
    return parsed.data;
  }
  const identity = token === undefined ? await doors.bySession(socket.request) : await doors.byToken(token);
  if (!identity) throw new Refused({ code: 'unauthenticated', retry: false });
  if (!gate.admit(socket, { kind: 'manager', id: String(identity.manager.id) })) throw tooMany();
  setIdentity(socket.request, identity);
  return parsed.data;
}

/** Unanswered feed:resume requests of one socket. */
const mostWaiting = 4;

/** Most bytes of missed changes that are handed over at once. */
const atOnce = 256 * 1024;

function isLarge(batches: Batch[]): boolean {
  return batches.reduce((sum, batch) => sum + tellable(batch).bytes, 0) > atOnce;
}

type Question = Pick<Handshake, 'since' | 'ask'>;

interface Missed {
  cursor: string;
  batches: Batch[];
}

interface FollowerOptions {
  io: FeedServer;
  feed: Feed;
  socket: FeedSocket;
  mode: 'single' | 'batch';
  missed: ReplayMessages;
  longestReplayMs: number;
}

/** A socket that sees everything. It is in its room exactly while it has missed nothing. */
class Follower {
  readonly #io: FeedServer;
  readonly #feed: Feed;
  readonly #socket: FeedSocket;
  readonly #mode: 'single' | 'batch';
  readonly #missed: ReplayMessages;
  readonly #longestReplayMs: number;
  #waiting = 0;
  #queue: Promise<void> = Promise.resolve();

  constructor({ io, feed, socket, mode, missed, longestReplayMs }: FollowerOptions) {
    this.#io = io;
    this.#feed = feed;
    this.#socket = socket;
    this.#mode = mode;
    this.#missed = missed;
    this.#longestReplayMs = longestReplayMs;
    socket.on('feed:resume', (request: unknown) => this.#onResume(request));
  }

  begin({ since, ask }: Question): void {
    if (since === undefined) void this.#beginFresh(ask);
    else this.#catchUp(since, ask);
  }

  // "From now on" means from after the connect, so the feed is brought up to now first; if the database does not
  // answer, the socket joins where the feed is, and the pulse tells that it is behind.
  async #beginFresh(ask: Ask): Promise<void> {
    await this.#feed.listener.drained().catch(() => undefined);
    // Nothing may come between reading the cursor and joining: what is committed after it reaches the room.
    const { cursor, now } = pulseOf(this.#feed.listener);
    void this.#socket.join(rooms[this.#mode]);
    this.#socket.emit('feed:ready', { ...named(ask), ...(cursor ? { cursor } : {}), outcome: 'fresh', count: 0, now });
    this.#socket.emit('feed:pulse', pulseOf(this.#feed.listener));
  }

  #onResume(request: unknown): void {
    const parsed = feedResume.safeParse(request);
    const { since, ask } = parsed.success ? parsed.data : {};
    if (since === undefined) this.#reset({ reason: 'malformed' }, ask);
    else this.#catchUp(since, ask);
  }

  // While it catches up the socket is out of its room, so that live batches cannot overtake the missed ones. Every
  // request is answered once, one after the other; a client that asks without waiting is told to load anew.
  #catchUp(since: string, ask: Ask): void {
    if (this.#waiting >= mostWaiting) {
      this.#reset({ reason: 'behind' }, ask);
      return;
    }
    this.#waiting += 1;
    this.#queue = this.#queue.then(async () => {
      void this.#socket.leave(rooms[this.#mode]);
      await this.#reach(since, ask);
      this.#waiting -= 1;
    });
  }

  // What is too much to be handed over at once is sent as fast as the client reads it, so that it takes no memory here
  // and holds up no ping; what was committed meanwhile is the next round.
  async #reach(since: string, ask: Ask): Promise<void> {
    const end = performance.now() + this.#longestReplayMs;
    let count = 0;
    for (let place: string | undefined = since; place !== undefined; ) {
      const large = await this.#round(place, { told: count, ask });
      if (large) await sendPaced(this.#messages(large.batches), { send: this.#send, sent: () => this.#isSent() });
      for (const batch of large?.batches ?? []) count += tellable(batch).count;
      place = this.#socket.connected ? large?.cursor : undefined;
      if (place !== undefined && performance.now() > end) return this.#reset({ reason: 'behind' }, ask);
    }
  }

  /** The answer to the client, unless that is large: then what it has missed. */
  async #round(since: string, { told, ask }: { told: number; ask: Ask }): Promise<Missed | undefined> {
    let large: Missed | undefined;
    await this.#feed.catchUp(since, (caughtUp) => {
      if (!this.#socket.connected) return;
      if (caughtUp.reset) this.#reset(caughtUp.reset, ask);
      else if (isLarge(caughtUp.batches)) large = caughtUp;
      else this.#arrive(caughtUp, { told, ask });
    });
    return large;
  }

  #arrive({ cursor, batches }: Missed, { told, ask }: { told: number; ask: Ask }): void {
    for (const message of this.#messages(batches)) this.#send(message);
    const count = batches.reduce((sum, batch) => sum + tellable(batch).count, told);
    void this.#socket.join(rooms[this.#mode]);
    const outcome = count > 0 ? 'replayed' : 'current';
    this.#socket.emit('feed:ready', { ...named(ask), cursor, outcome, count, now: new Date().toISOString() });
    this.#socket.emit('feed:pulse', { ...pulseOf(this.#feed.listener), cursor });
  }

  *#messages(batches: Batch[]): Iterable<Message> {
    for (const batch of batches) yield* this.#missed.of(batch);
  }

  readonly #send = (message: Message): void => queue(this.#socket.conn, message);

  async #isSent(): Promise<boolean> {
    await sent(this.#socket.conn);
    return this.#socket.connected;
  }

  #reset(reset: NonNullable<CaughtUp['reset']>, ask: Ask): void {
    this.#socket.emit('feed:reset', { ...named(ask), ...reset, spread_ms: spreadMs(this.#io.engine.clientsCount) });
  }
}

function tooMany(): Refused {
  return new Refused({ code: 'too_many', retry: true });
}

class Refused extends Error {
  readonly data: ConnectError;

  constructor(data: ConnectError) {
    super(data.code);
    this.data = data;
  }
}

// A database that does not answer is no reason to turn a client away for good.
function asRefusal(error: unknown): Refused {
  return error instanceof Refused ? error : new Refused({ code: 'unavailable', retry: true });
}

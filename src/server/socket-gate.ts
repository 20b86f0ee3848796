// What every connection of Engine.IO has to pass, whatever it is for: where it comes from, how many there are, and how
// much it sends. Who may see what is decided behind it.
import type { IncomingMessage } from 'node:http';
import type { Express, Request, RequestHandler } from 'express';
import type { Socket } from 'socket.io';
import type { Logger } from '../logger.ts';
import { addressKey, isLoopback } from './address.ts';
import type { FeedServer } from './broadcaster.ts';
import { type Connection, hangUp } from './connection.ts';
import { isOwnOrigin } from './origin.ts';
import { connectionIdOf, cookieOf } from './session.ts';
import { TokenBucket } from './token-bucket.ts';

export interface SocketLimits {
  /** Packets that a client may send at once, and how many more every second. A page sends one per reconnect. */
  burst: number;
  perSecond: number;
  /** Connections of one address (an office behind one router), of one manager and of one link. */
  perAddress: number;
  perManager: number;
  perLink: number;
  /** Time for a connection to say who it is, ms. */
  helloMs: number;
}

export const socketLimits: SocketLimits = {
  burst: 60,
  perSecond: 10,
  perAddress: 500,
  perManager: 100,
  perLink: 20,
  helloMs: 10_000,
};

export interface SocketGateOptions {
  io: FeedServer;
  /** Says who is at the other end, also behind a proxy. */
  app: Express;
  logger: Logger;
  limits?: SocketLimits | undefined;
  /** Nobody new is let in any more. */
  isClosing: () => boolean;
}

/** What clients have sent that nobody asked for. */
export interface Unwelcome {
  /** Connections or requests of them from pages of other origins. */
  origins: number;
  /** Events that no handler takes. */
  events: number;
  /** Connections that were cut because they sent too much. */
  floods: number;
}

export class SocketGate {
  readonly unwelcome: Unwelcome = { origins: 0, events: 0, floods: 0 };
  readonly #options: SocketGateOptions & { limits: SocketLimits };
  readonly #counts = new Map<string, number>();

  constructor(options: SocketGateOptions) {
    this.#options = { ...options, limits: options.limits ?? socketLimits };
    const { engine } = options.io;
    // A middleware, since `allowRequest` is asked about the first request of a connection only: a page of another origin
    // that has got hold of a connection's id would pass by it.
    engine.use(this.#check);
    engine.on('headers', (headers: Record<string, string>) => {
      headers['X-Content-Type-Options'] = 'nosniff';
      headers['Cache-Control'] = 'no-store';
    });
    engine.on('connection', (connection: Connection) => this.#bound(connection));
  }

  /** Takes a place for the socket among those of its manager or link; false if all are taken. */
  admit({ conn }: Pick<Socket, 'conn'>, holder: { kind: 'manager' | 'link'; id: string | number }): boolean {
    const { perManager, perLink } = this.#options.limits;
    return this.#take(conn, `${holder.kind} ${holder.id}`, holder.kind === 'manager' ? perManager : perLink);
  }

  /** Counts events that are none of ours. They have no handler, so nothing happens. */
  watch(socket: Socket, known: readonly string[]): void {
    socket.onAny((name: unknown) => {
      if (!known.includes(String(name))) this.unwelcome.events += 1;
    });
  }

  readonly #check: RequestHandler = (request, response, next) => {
    const refusal = this.#refusal(request);
    if (!refusal) return next();
    response.writeHead(refusal.status, { 'Content-Type': 'application/json', 'Retry-After': '5' });
    response.end(JSON.stringify({ code: refusal.code }));
  };

  #refusal(request: IncomingMessage): { status: number; code: string } | undefined {
    const { app, isClosing, limits } = this.#options;
    // Express knows the client's address and whether it came over TLS, also behind a proxy.
    Object.setPrototypeOf(request, app.request);
    if (!isOwnOrigin(request.headers)) {
      this.unwelcome.origins += 1;
      return { status: 403, code: 'origin' };
    }
    if (isClosing()) return { status: 503, code: 'unavailable' };
    const id = connectionIdOf(request);
    if (id !== undefined && !this.#isOwn(request, id)) return { status: 403, code: 'unauthenticated' };
    const isFull = id === undefined && this.#count(addressOf(request)) >= limits.perAddress;
    return isFull ? { status: 429, code: 'too_many' } : undefined;
  }

  // The id of a connection is worth nothing without the session that it was begun with.
  #isOwn(request: IncomingMessage, id: string): boolean {
    const { clients } = this.#options.io.engine as unknown as { clients: Record<string, Connection | undefined> };
    const connection = Object.hasOwn(clients, id) ? clients[id] : undefined;
    return connection === undefined || cookieOf(connection.request) === cookieOf(request);
  }

  // Counted here and not per event, so that packets for no event (other namespaces, acknowledgements) count as well.
  #bound(connection: Connection): void {
    const { limits, logger } = this.#options;
    const bucket = new TokenBucket(limits);
    const address = addressOf(connection.request);
    if (address !== undefined) this.#take(connection, address, Number.POSITIVE_INFINITY);
    connection.on('packet', ({ type }: { type: string }) => {
      if (type !== 'message' || bucket.take()) return;
      this.unwelcome.floods += 1;
      logger.warn({ address }, 'client cut: it sends too much');
      hangUp(connection);
    });
  }

  #take(connection: Connection, key: string, most: number): boolean {
    const count = this.#count(key);
    if (count >= most) return false;
    this.#counts.set(key, count + 1);
    connection.once('close', () => {
      const left = this.#count(key) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    });
    return true;
  }

  #count(key: string | undefined): number {
    return key === undefined ? 0 : (this.#counts.get(key) ?? 0);
  }
}

/** The key of a request's address; undefined for this machine itself, which is not one client. */
function addressOf(request: IncomingMessage): string | undefined {
  const { ip = '' } = request as Request;
  return isLoopback(ip) ? undefined : `address ${addressKey(ip)}`;
}

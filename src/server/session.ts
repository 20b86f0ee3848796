// The door for managers: one place that says who a request or a socket speaks for. A program shows a token, a browser
// the cookie of its session; what a cookie can do from another site is closed by SameSite, by the Origin check, and by
// refusing writes that carry a cookie but no Origin.
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import type { Knex } from 'knex';
import type { Logger } from '../logger.ts';
import { TaskfeedError } from '../protocol/errors.ts';
import type { Manager } from '../protocol/manager.ts';
import { findTokenHolder, type TokenHolder } from '../tasks/api-tokens.ts';
import { noteSignIn } from '../tasks/managers.ts';
import { findSessionHolder, type SessionHolder } from '../tasks/sessions.ts';
import { type Identity, setIdentity } from './identity.ts';
import { SessionStore, sessionMs } from './session-store.ts';
import { SharedReads } from './shared-reads.ts';

export interface DoorsOptions {
  knex: Knex;
  logger: Logger;
  /** Signs the cookies: whoever knows it can make sessions. */
  sessionSecret: string;
}

export const cookieName = 'taskfeed_session';

export class Doors {
  /** Reads the session of a cookie into `request.session`. */
  readonly session: RequestHandler;
  readonly #knex: Knex;
  readonly #store: SessionStore;
  readonly #unread = new WeakSet<IncomingMessage>();
  // Many sockets of one program that come back together are looked up together.
  readonly #bySession = new SharedReads<SessionHolder | undefined>();
  readonly #byToken = new SharedReads<TokenHolder | undefined>();

  constructor({ knex, logger, sessionSecret }: DoorsOptions) {
    this.#knex = knex;
    this.#store = new SessionStore({ knex, logger });
    this.session = session({
      name: cookieName,
      secret: sessionSecret,
      store: this.#store,
      resave: false,
      saveUninitialized: false,
      rolling: true,
      // `auto`: secure behind TLS, as far as `trust proxy` lets us know.
      cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: sessionMs, path: '/' },
    });
  }

  /**
   * The same for Engine.IO, for the request that begins a connection; the ones that go on with it are of the same
   * identity, which the journal ends. A database that does not answer is told by the handshake of the socket, which can
   * say so in a way that clients understand.
   */
  readonly sessionOfSocket: RequestHandler = (request, response, next) => {
    if (connectionIdOf(request) !== undefined) return next();
    void this.session(request, response, (error?: unknown) => {
      if (error !== undefined) this.#unread.add(request);
      next();
    });
  };

  stop(): void {
    this.#store.close();
  }

  /** Lets managers through and notes who they are; throws `unauthenticated` for everybody else. */
  readonly requireManager: RequestHandler = async (request, response, next) => {
    const identity = await this.identify(request);
    if (!identity) {
      response.set('WWW-Authenticate', 'Bearer');
      throw new TaskfeedError('unauthenticated');
    }
    setIdentity(request, identity);
    next();
  };

  /** Who is asking, by its token if there is one, else by its session. Runs after `session`. */
  async identify(request: IncomingMessage): Promise<Identity | undefined> {
    const token = bearerOf(request);
    return token === undefined ? await this.bySession(request) : await this.byToken(token);
  }

  async bySession(request: IncomingMessage): Promise<Identity | undefined> {
    if (this.#unread.has(request)) throw new TaskfeedError('unavailable');
    const { session, sessionID } = request as Request;
    if (session?.manager_id === undefined) return undefined;
    const holder = await this.#bySession.read(sessionID, () => findSessionHolder(this.#knex, sessionID));
    return holder && { manager: holder.manager, by: 'session', id: holder.sessionId, expiresAt: holder.expiresAt };
  }

  async byToken(token: string): Promise<Identity | undefined> {
    const holder = await this.#byToken.read(token, () => findTokenHolder(this.#knex, token));
    return holder && { manager: holder.manager, by: 'token', id: holder.tokenId, expiresAt: holder.expiresAt };
  }

  /** Begins a session with an id of its own, so that one that was planted before is worth nothing. */
  async signIn(request: Request, manager: Manager): Promise<void> {
    await done((callback) => request.session.regenerate(callback));
    request.session.manager_id = manager.id;
    await done((callback) => request.session.save(callback));
    await noteSignIn(this.#knex, manager.id);
  }

  async signOut(request: Request): Promise<void> {
    if (request.session.manager_id !== undefined) await done((callback) => request.session.destroy(callback));
  }
}

/** The connection of Engine.IO that a request goes on with; undefined if it begins one. */
export function connectionIdOf({ url = '' }: IncomingMessage): string | undefined {
  return new URL(url, 'http://x').searchParams.get('sid') ?? undefined;
}

/** What a browser shows of its session, unread. */
export function cookieOf({ headers: { cookie = '' } }: IncomingMessage): string | undefined {
  const own = cookie.split(';').map((part) => part.trim());
  return own.find((part) => part.startsWith(`${cookieName}=`));
}

function bearerOf(request: IncomingMessage): string | undefined {
  const { authorization } = request.headers;
  return authorization === undefined ? undefined : (/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
}

/** A write with the cookie of a session but without an Origin comes from no browser that we know. */
export const refuseCookieWithoutOrigin: RequestHandler = (request, _response, next) => {
  const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
  const { cookie = '', origin, authorization } = request.headers;
  if (!isSafe && origin === undefined && authorization === undefined && cookie.includes(`${cookieName}=`)) {
    throw new TaskfeedError('forbidden_origin');
  }
  next();
};

function done(work: (callback: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
}

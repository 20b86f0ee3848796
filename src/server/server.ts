// One process: HTTP and Socket.IO on one port, and the listener that feeds them. `start` resolves when the first drain
// is done (or held up by a lock: then the feed is behind) and the port is open; `stop` tells the sockets, then releases
// everything.
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express, RequestHandler } from 'express';
import type { Knex } from 'knex';
import type { ClientConfig } from 'pg';
import { Feed } from '../feed/feed.ts';
import type { Listener } from '../feed/listener.ts';
import type { Logger } from '../logger.ts';
import type { CheckPassword } from '../tasks/passwords.ts';
import { actorName, topics } from '../tasks/topics.ts';
import { type AppOptions, createApp, type Site, type TrustProxy } from './app.ts';
import { Broadcaster, type FeedServer, spreadMs } from './broadcaster.ts';
import { FeedWatch } from './feed-watch.ts';
import { type HttpLimits, httpLimits, limitHeaders } from './http-limits.ts';
import { InFlight } from './in-flight.ts';
import type { LinkLimits } from './link-limits.ts';
import { ManagerSockets } from './manager-sockets.ts';
import { Metrics } from './metrics.ts';
import type { Readiness } from './routes/health.ts';
import { Doors } from './session.ts';
import { type SlowClientLimits, SlowClients } from './slow-clients.ts';
import { SocketGate, type SocketLimits, type Unwelcome } from './socket-gate.ts';
import { acceptSockets, createSocketServer } from './sockets.ts';

export interface ServerOptions {
  knex: Knex;
  /** A direct connection, never through a transaction pooler: for LISTEN and the drain session. */
  direct: ClientConfig;
  logger: Logger;
  /** Signs the cookies of sessions. */
  sessionSecret: string;
  /** Time between two looks at the sessions and tokens of open sockets, ms. */
  recheckMs?: number;
  /** How long newcomers wait to be looked up together once more, ms. */
  newcomerMs?: number;
  checkPassword?: CheckPassword;
  host: string;
  /** 0 takes any free port. */
  port: number;
  bulkLimit: number;
  safetyPollMs: number;
  retentionMs: number;
  historyMs: number;
  /** Most bytes of batches kept for clients that were away for a moment. */
  ringBytes?: number;
  /** What a client may leave unread before it is cut. */
  slowClients?: SlowClientLimits;
  /** How long a client may take to be told what it missed, ms. */
  longestReplayMs?: number;
  /** Proxies in front of us that are believed; none unless told otherwise. */
  trustProxy?: TrustProxy | undefined;
  /** How long requests may take to finish once the server stops, ms. */
  drainMs?: number;
  /** How long and how much a request may take. */
  httpLimits?: HttpLimits;
  socketLimits?: SocketLimits;
  linkLimits?: LinkLimits;
  site?: Partial<Site>;
  pages?: string;
  isMigrated: () => Promise<boolean>;
}

/** The port or host cannot be used; `message` says why and what to do. */
export class BindError extends Error {
  override name = 'BindError';
}

export class TaskfeedServer {
  readonly feed: Feed;
  readonly app: Express;
  readonly #options: ServerOptions;
  readonly #http: HttpServer;
  readonly #io: FeedServer;
  readonly #broadcaster: Broadcaster;
  readonly #slowClients: SlowClients;
  readonly #watch: FeedWatch;
  readonly #gate: SocketGate;
  readonly #inFlight = new InFlight();
  readonly #metrics: Metrics;
  readonly #doors: Doors;
  readonly #managers: ManagerSockets;
  #isStarted = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { knex, logger, slowClients } = options;
    this.feed = new Feed({ ...options, connection: options.direct, topics, actorName });
    logFeed(this.feed, logger);
    const readiness = () => this.#readiness();
    this.#doors = new Doors(options);
    this.#managers = new ManagerSockets(options);
    const app = createApp({ ...options, doors: this.#doors, readiness, ...this.#numbers(), inFlight: this.#inFlight });
    this.app = app;
    this.#http = createServer(options.httpLimits ?? httpLimits, app);
    limitHeaders(this.#http);
    this.#io = createSocketServer(this.#http, options.socketLimits);
    const isClosing = () => this.#inFlight.isClosing;
    this.#gate = new SocketGate({ ...options, io: this.#io, app, isClosing, limits: options.socketLimits });
    this.#io.engine.use(this.#doors.sessionOfSocket);
    this.#broadcaster = new Broadcaster({ io: this.#io, listener: this.feed.listener });
    this.#slowClients = new SlowClients({ io: this.#io, logger, ...(slowClients ? { limits: slowClients } : {}) });
    this.#watch = new FeedWatch({ feed: this.feed, io: this.#io, knex, slowClients: this.#slowClients });
    this.#metrics = new Metrics({ feed: this.feed, watch: this.#watch, knex, slowClients: this.#slowClients });
  }

  // The routes are made before what they show.
  #numbers(): Pick<AppOptions, 'feedReport' | 'metrics'> {
    const requests: RequestHandler = (request, response, next) => this.#metrics.requests(request, response, next);
    return { feedReport: () => this.#watch.report(), metrics: { requests, render: () => this.#metrics.render() } };
  }

  get port(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? this.#options.port;
  }

  /** Connections that are open now. */
  get clients(): number {
    return this.#io.engine.clientsCount;
  }

  /** What clients sent that nobody asked for. */
  get unwelcome(): Readonly<Unwelcome> {
    return this.#gate.unwelcome;
  }

  /** Clients that were cut because they did not keep up. */
  get slowClientsCut(): number {
    return this.#slowClients.cut;
  }

  async start(): Promise<void> {
    const { knex, logger, host, port } = this.#options;
    this.#broadcaster.start();
    this.#watch.start();
    this.#metrics.start();
    this.#slowClients.start();
    this.#managers.start();
    try {
      await this.feed.start();
      acceptSockets({
        io: this.#io,
        feed: this.feed,
        knex,
        doors: this.#doors,
        managers: this.#managers,
        gate: this.#gate,
        logger,
        longestReplayMs: this.#options.longestReplayMs,
      });
      await listen(this.#http, host, port);
      this.#isStarted = true;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Tells the sockets, finishes the requests that have begun, refuses new ones, then releases everything. */
  async stop(): Promise<void> {
    const { logger, drainMs = 8_000 } = this.#options;
    this.#inFlight.close();
    this.#io.emit('feed:end', { code: 'shutdown', spread_ms: spreadMs(this.clients) });
    this.#broadcaster.stop();
    this.#watch.stop();
    this.#metrics.stop();
    this.#slowClients.stop();
    this.#managers.stop();
    const requests = await this.#inFlight.idle(drainMs);
    if (requests > 0) logger.warn({ requests }, 'requests were left behind unanswered');
    // Who is connected without a request, or with half of one, has nothing to wait for.
    const force = setTimeout(() => this.#http.closeAllConnections(), requests > 0 ? 0 : 500);
    await this.#io.close();
    clearTimeout(force);
    this.#doors.stop();
    await this.feed.stop();
  }

  async #readiness(): Promise<Readiness> {
    const reasons: string[] = [];
    const { listener } = this.feed;
    if (this.#inFlight.isClosing) reasons.push('stopping');
    else if (!this.#isStarted) reasons.push('starting');
    if (listener.doorbell !== 'listening') reasons.push('LISTEN is not confirmed');
    if (listener.lastDrainAt === undefined) reasons.push('the first drain is not done');
    if (listener.health === 'behind') reasons.push('the feed is behind');
    const isMigrated = await this.#options.isMigrated().catch(() => false);
    if (!isMigrated) reasons.push('the database is not migrated');
    return { isReady: reasons.length === 0, reasons };
  }
}

function listen(http: HttpServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      const reason = isTaken ? `Port ${port} on ${host} is taken by another program.` : error.message;
      reject(new BindError(`${reason} Set PORT to a free one (0 takes any).`));
    });
    http.listen(port, host, () => {
      http.removeAllListeners('error');
      resolve();
    });
  });
}

function logFeed(feed: Feed, logger: Logger): void {
  const listener: Listener = feed.listener;
  feed.onPruneError((error) => logger.warn({ reason: String(error) }, 'pruning failed, trying again later'));
  listener.on('doorbell:listening', () => logger.info('doorbell: listening'));
  listener.on('doorbell:deaf', (reason) => logger.warn({ reason: reason.message }, 'doorbell: deaf, polling'));
  listener.on('state:changed', (state) => logger.debug({ state }, 'listener state'));
  listener.on('health:changed', (health) => logger.info({ health }, 'feed health'));
  listener.on('drain:failed', (error) => logger.warn({ reason: error.message }, 'drain failed, trying again'));
  listener.on('drain:done', ({ ms, events }) => {
    if (events > 0 && logger.isLevelEnabled('debug')) logger.debug({ ms: Number(ms.toFixed(2)), events }, 'drained');
  });
  listener.on('subscriber:failed', (error) => logger.error({ err: error }, 'a subscriber of the feed failed'));
}

// The Express application: routes in, problem documents out. It works with or without a Socket.IO server beside it,
// since nothing here emits.
import { isUtf8 } from 'node:buffer';
import compression from 'compression';
import express, { type Express, type RequestHandler, Router } from 'express';
import type { Knex } from 'knex';
import type { Logger } from '../logger.ts';
import type { Employee } from '../protocol/employee.ts';
import { TaskfeedError } from '../protocol/errors.ts';
import type { FeedReport } from '../protocol/feed-report.ts';
import type { SiteFacts } from '../protocol/site.ts';
import type { System } from '../protocol/system.ts';
import { createEmployee, createSystem, updateEmployee, updateSystem } from '../protocol/writes.ts';
import { createDirectory } from '../tasks/directory.ts';
import type { CheckPassword } from '../tasks/passwords.ts';
import type { PageAssets } from '../view/document.tsx';
import { failurePages } from './failure-pages.ts';
import { secretHeaders, secureHeaders } from './headers.ts';
import { InFlight } from './in-flight.ts';
import { type LinkLimits, limitLinks } from './link-limits.ts';
import type { Metrics } from './metrics.ts';
import { isOwnOrigin } from './origin.ts';
import { pageFiles } from './pages.ts';
import { problemHandler, unknownRoute } from './problem.ts';
import { warnOfProxy } from './proxy-watch.ts';
import { logRequests, noteRoute } from './request-log.ts';
import { confirmRoutes, linkFormRoutes } from './routes/confirm.ts';
import { directoryRoutes } from './routes/directory.ts';
import { docsRoutes } from './routes/docs.ts';
import { feedRoute } from './routes/feed.ts';
import { healthRoutes, type Readiness } from './routes/health.ts';
import { imageRoutes } from './routes/images.ts';
import { linkPageErrors, linkPageRoutes, readPageAssets } from './routes/link-page.ts';
import { generateRoute, linkRoutes } from './routes/links.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { sessionRoutes } from './routes/session.ts';
import { pageFrame, signedIn, signInPages } from './routes/sign-in-pages.ts';
import { taskRoutes } from './routes/tasks.ts';
import { type Doors, refuseCookieWithoutOrigin } from './session.ts';
import { createSignIn, type SignInFunction } from './sign-in.ts';
import { isUpload, Uploads } from './uploads.ts';

/** What the settings say about the site. */
export interface Site {
  name: string;
  /** IANA name; what "today" means. */
  timezone: string;
  /** For employees who have no language of their own. */
  language: string;
  /** Whom to ask when a link has ended. */
  contact: string | undefined;
  /** Where people reach this server; the host of the request if unset. */
  publicUrl: string | undefined;
}

export interface AppOptions {
  knex: Knex;
  doors: Doors;
  logger: Logger;
  readiness: () => Promise<Readiness>;
  /** How the feed is doing; not told without it. */
  feedReport?: () => Promise<FeedReport>;
  metrics?: Pick<Metrics, 'requests' | 'render'>;
  site?: Partial<Site>;
  /** Folder with the built pages; none are served without it. */
  pages?: string;
  inFlight?: InFlight;
  /** None is believed unless told otherwise; unset, it is said when there seems to be one. */
  trustProxy?: TrustProxy | undefined;
  linkLimits?: LinkLimits;
  /** Tests count how often a password is looked at. */
  checkPassword?: CheckPassword;
}

/** Which proxies in front of us are believed about the client's address: how many, or which. */
export type TrustProxy = number | string[];

export function createApp(options: AppOptions): Express {
  const {
    knex,
    doors,
    logger,
    readiness,
    feedReport,
    metrics,
    site,
    pages,
    inFlight = new InFlight(),
    trustProxy = 0,
  } = options;
  const linkLimit = limitLinks(options.linkLimits);
  const signIn = createSignIn(options);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('trust proxy', trustProxy);
  app.use(secureHeaders, noteRoute, logRequests(logger), inFlight.track);
  if (options.trustProxy === undefined) app.use(warnOfProxy(logger));
  if (metrics) app.use(metrics.requests);
  app.use(healthRoutes(readiness), inFlight.refuse);
  if (metrics) {
    const isProxied = site?.publicUrl !== undefined || trustProxy !== 0;
    app.use(
      metricsRoutes({
        render: () => metrics.render(),
        requireManager: [doors.session, doors.requireManager],
        isProxied,
      }),
    );
  }
  app.use(docsRoutes({ publicUrl: site?.publicUrl }));
  app.use('/api', apiRoutes({ knex, doors, signIn, site, feedReport, linkLimit }));
  // Pages only: one bar of signal carries a third of them. Nothing in them repeats what a request says.
  app.use(compression());
  const facts = siteFacts(site);
  const [assets, frame] = [readPageAssets(pages), pageFrame(facts, pages)];
  app.use('/c', secretHeaders, linkLimit, linkPages({ knex, site, assets }));
  if (pages) {
    app.use(signInPages({ knex, doors, signIn, frame }));
    app.use(pageFiles({ folder: pages, site: facts, signedIn: signedIn(doors) }));
  }
  app.use(unknownRoute);
  app.use(problemHandler(logger, failurePages({ site: facts, assets, frame })));
  return app;
}

interface ApiOptions {
  knex: Knex;
  doors: Doors;
  signIn: SignInFunction;
  site: Partial<Site> | undefined;
  feedReport: AppOptions['feedReport'] | undefined;
  linkLimit: RequestHandler;
}

// In this order: what the holder of a link may do (cookies are not even read), signing in, and the rest, which is for
// managers. A body is read only from those who may send one.
function apiRoutes({ knex, doors, signIn, site = {}, feedReport, linkLimit }: ApiOptions): Router {
  const { timezone = 'UTC', publicUrl } = site;
  const uploads = new Uploads();
  const body = [jsonBody, express.json({ limit: '1mb', verify: requireUtf8 })];
  const session = [refuseCookieWithoutOrigin, doors.session];
  const router = Router();
  router.use(sameOrigin);
  router.get('/site', (_request, response) => void response.json(siteFacts(site)));
  router.post('/confirm/generate', session, doors.requireManager, body, generateRoute({ knex, publicUrl }));
  router.use(
    '/confirm',
    secretHeaders,
    linkLimit,
    body,
    confirmRoutes({ knex, site: linkSite(site), uploads }),
    unknownRoute,
  );
  router.use(session);
  router.use('/session', body, sessionRoutes({ doors, signIn }), unknownRoute);
  router.use(doors.requireManager, body);
  router.use(imageRoutes({ knex, uploads }));
  router.use('/tasks', taskRoutes({ knex, timezone }));
  router.use('/systems', systemRoutes(knex));
  router.use('/employees', employeeRoutes(knex));
  router.use('/links', linkRoutes({ knex, publicUrl }));
  if (feedReport) router.get('/feed', feedRoute(feedReport));
  router.use(unknownRoute);
  return router;
}

function siteFacts(site: Partial<Site> = {}): SiteFacts {
  const { name = 'Taskfeed', timezone = 'UTC' } = site;
  return { name, timezone, ...linkSite(site) };
}

function linkSite({ contact, language = 'en' }: Partial<Site> = {}) {
  return { contact: contact ?? null, language };
}

function linkPages({ knex, site = {}, assets }: Pick<AppOptions, 'knex'> & LinkPagesOptions): Router {
  const { name = 'Taskfeed', timezone = 'UTC' } = site;
  const options = { knex, site: { ...linkSite(site), name, timezone }, assets };
  const router = Router();
  router.use(linkPageRoutes(options));
  router.use(linkFormRoutes(options));
  router.use(linkPageErrors(options));
  return router;
}

interface LinkPagesOptions {
  site: Partial<Site> | undefined;
  assets: PageAssets;
}

function systemRoutes(knex: Knex): Router {
  return directoryRoutes({
    knex,
    directory: createDirectory<System>({ what: 'system', table: 'public.systems' }),
    one: 'system',
    many: 'systems',
    createBody: createSystem,
    updateBody: updateSystem,
  });
}

function employeeRoutes(knex: Knex): Router {
  return directoryRoutes({
    knex,
    directory: createDirectory<Employee>({ what: 'employee', table: 'public.employees' }),
    one: 'employee',
    many: 'employees',
    createBody: createEmployee,
    updateBody: updateEmployee,
  });
}

// A page of another origin may neither read nor write here. Programs send no Origin and are let through.
const sameOrigin: RequestHandler = (request, _response, next) => {
  if (!isOwnOrigin(request.headers)) throw new TaskfeedError('forbidden_origin');
  next();
};

// A body that is not JSON would be ignored silently and look like an empty request.
const jsonBody: RequestHandler = (request, _response, next) => {
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
  if (hasBody && !isUpload(request) && !request.is(['application/json', 'application/*+json'])) {
    throw new TaskfeedError('unsupported_media_type');
  }
  next();
};

// JSON is UTF-8. What is not would be read with other characters in its place, and stored so.
function requireUtf8(_request: unknown, _response: unknown, body: Buffer, encoding: string): void {
  if (encoding !== 'utf-8' || !isUtf8(body)) throw new Error('not UTF-8');
}

// /sign-in and /set-up/:token for people: forms that work without scripts, and the way back to the page they wanted.
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Knex } from 'knex';
import * as z from 'zod/mini';
import { problems, TaskfeedError } from '../../protocol/errors.ts';
import { newManager } from '../../protocol/manager.ts';
import type { SiteFacts } from '../../protocol/site.ts';
import { fromDatabaseError } from '../../tasks/database.ts';
import { hasManagers } from '../../tasks/managers.ts';
import { isSetupLink, useSetupLink } from '../../tasks/setup-links.ts';
import { withNonce } from '../failure-pages.ts';
import { isOwnOrigin } from '../origin.ts';
import { fontsOf } from '../pages.ts';
import type { Doors } from '../session.ts';
import type { SignInFunction } from '../sign-in.ts';
import { type PageFrame, type SetUpField, setUpEndedPage, setUpPage, signInPage } from '../sign-in-page.ts';
import { type SignInWords, signInWords } from '../sign-in-words.ts';

export interface SignInPagesOptions {
  knex: Knex;
  doors: Doors;
  frame: PageFrame;
  signIn: SignInFunction;
}

/** In front of the board's screens: who is not signed in goes to /sign-in and comes back. */
export function signedIn(doors: Doors): RequestHandler[] {
  return [
    doors.session,
    async (request, response, next) => {
      if (await doors.identify(request)) return next();
      response.set('Cache-Control', 'no-store');
      response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`);
    },
  ];
}

const wholeForm = z.object({
  email: z._default(z.string(), ''),
  name: z._default(z.string(), ''),
  password: z._default(z.string(), ''),
  next: z._default(z.string(), '/'),
});

const form = [ownOrigin, express.urlencoded({ extended: false, limit: '10kb', parameterLimit: 10 })];

/** What all pages for managers have around them, but for the board. */
export function pageFrame(site: SiteFacts, pages: string | undefined): PageFrame {
  const words = signInWords(site.language);
  return { language: words.direction === 'rtl' ? 'he' : 'en', site: site.name, words, fonts: fontsOf(pages) };
}

export function signInPages({ knex, doors, frame, signIn }: SignInPagesOptions): Router {
  const { words } = frame;
  const router = Router();
  router.use(['/sign-in', '/set-up'], noStore);

  router.get('/sign-in', doors.session, async (request, response) => {
    const next = ownPath(request.query['next']);
    if (await doors.identify(request)) return response.redirect(303, next);
    sendPage(response, signInPage(frame, { next, isSetUp: await hasManagers(knex) }));
  });

  router.post('/sign-in', form, doors.session, async (request: Request, response: Response) => {
    const { email, password, next: wanted } = fieldsOf(request);
    const next = ownPath(wanted);
    try {
      await signIn(request, { email: email.slice(0, 1_000), password: password.slice(0, 1_000) });
      response.redirect(303, next);
    } catch (error) {
      const refused = refusal(error, words);
      response.status(refused.status);
      sendPage(response, signInPage(frame, { email, next, error: refused.text, isSetUp: true }));
    }
  });

  router.get('/set-up/:token', async ({ params: { token } }, response) => {
    if (!(await isSetupLink(knex, token))) return sendPage(response.status(404), setUpEndedPage(frame));
    sendPage(response, setUpPage(frame, { values: {}, wrong: [] }));
  });

  router.post('/set-up/:token', form, doors.session, async (request: Request, response: Response) => {
    const token = String(request.params['token']);
    const { next: _, ...values } = fieldsOf(request);
    if (!(await isSetupLink(knex, token))) return sendPage(response.status(404), setUpEndedPage(frame));
    const parsed = newManager.safeParse(values);
    if (!parsed.success) {
      const wrong = [...new Set(parsed.error.issues.map(({ path }) => path[0] as SetUpField))];
      return sendPage(response.status(400), setUpPage(frame, { values, wrong }));
    }
    try {
      await doors.signIn(request, await useSetupLink(knex, token, parsed.data));
      response.redirect(303, '/');
    } catch (error) {
      if (!(error instanceof TaskfeedError) || error.code !== 'not_found') throw error;
      sendPage(response.status(404), setUpEndedPage(frame));
    }
  });

  return router;
}

/** A path of this very site; whatever could lead elsewhere becomes the front page. */
export function ownPath(wanted: unknown): string {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || wanted.length > 2_000) return '/';
  const base = 'http://own.invalid';
  if (!URL.canParse(wanted, base)) return '/';
  const { origin, pathname, search, hash } = new URL(wanted, base);
  // `/\evil`, `//evil` and `/.//evil` are other hosts to some browsers, before or after they are put in order.
  if (origin !== base || pathname.startsWith('//') || /^\/(sign-in|api)\b/.test(pathname)) return '/';
  return `${pathname}${search}${hash}`;
}

function fieldsOf(request: Request): z.infer<typeof wholeForm> {
  const parsed = wholeForm.safeParse(request.body ?? {});
  if (!parsed.success) throw new TaskfeedError('invalid_request');
  return parsed.data;
}

function refusal(cause: unknown, words: SignInWords): { status: number; text: string } {
  const error = cause instanceof TaskfeedError ? cause : fromDatabaseError(cause);
  if (!error) throw cause;
  const { status } = problems[error.code];
  if (error.code === 'wrong_credentials') return { status, text: words.wrong };
  if (error.code === 'too_many_requests') {
    return { status, text: words.tooMany(Math.ceil(Number(error.members['retry_after']) / 60)) };
  }
  if (error.code === 'busy') return { status, text: words.busy };
  if (error.code === 'unavailable') return { status, text: words.unavailable };
  throw error;
}

// A form of another site could sign somebody in as somebody else.
function ownOrigin(request: Request, _response: Response, next: () => void): void {
  if (!isOwnOrigin(request.headers)) throw new TaskfeedError('forbidden_origin');
  next();
}

function sendPage(response: Response, html: string): void {
  response.type('html').send(withNonce(html, response));
}

function noStore(_request: Request, response: Response, next: () => void): void {
  response.set('Cache-Control', 'no-store');
  next();
}

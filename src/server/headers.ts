// What every answer says to browsers about itself. Scripts and styles run only from our own files or with the nonce of
// this very answer, so text that somebody wrote into a task can never become code; nothing may frame the pages.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** The nonce of this answer: what pages give to the scripts and styles in them. */
export function nonceOf(response: Response): string {
  const nonce: unknown = response.locals['nonce'];
  if (typeof nonce !== 'string') throw new Error('the headers come before the pages');
  return nonce;
}

const secure = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: [`'self'`],
      scriptSrc: [`'self'`, nonceSource],
      scriptSrcAttr: [`'none'`],
      styleSrc: [`'self'`, nonceSource],
      styleSrcAttr: [`'none'`],
      // Pictures are shown before they are uploaded.
      imgSrc: [`'self'`, 'data:', 'blob:'],
      connectSrc: [`'self'`, socketSource],
      objectSrc: [`'none'`],
      baseUri: [`'none'`],
      formAction: [`'self'`],
      frameAncestors: [`'none'`],
    },
  },
  // Requests within the site may tell where they come from (a form would else send `Origin: null`), no other ever.
  referrerPolicy: { policy: 'same-origin' },
  xFrameOptions: { action: 'deny' },
  // Only where TLS is used; and whether other hosts of the domain have it is not ours to say.
  strictTransportSecurity: false,
});

const onlyTls = helmet.strictTransportSecurity({ maxAge: 180 * 24 * 3600, includeSubDomains: false });

/** First of all: headers for every answer, also of errors. */
export const secureHeaders: RequestHandler = (request, response, next) => {
  response.locals['nonce'] = randomBytes(18).toString('base64url');
  secure(request, response, (error?: unknown) => {
    if (error !== undefined || !request.secure) next(error);
    else onlyTls(request, response, next);
  });
};

/** For everything behind a link: no cache, no search engine and no other site may learn of it. */
export const secretHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Robots-Tag': 'noindex, nofollow',
  });
  next();
};

function nonceSource(_request: IncomingMessage, response: ServerResponse): string {
  return `'nonce-${nonceOf(response as Response)}'`;
}

// To some browsers 'self' means http and https only. What is no plain host name is not repeated in a header.
function socketSource({ headers: { host = '' } }: IncomingMessage): string {
  return /^[a-z0-9.-]+(:\d{1,5})?$/i.test(host) ? `ws://${host} wss://${host}` : '';
}

// The built pages. Their HTML is served by one function, since the scripts and styles in it need the nonce of the
// answer; everything else is plain files.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type RequestHandler, type Response, Router } from 'express';
import { nonceOf } from './headers.ts';

/** Everything in the folder of the built pages. */
export function pageFiles(folder: string): Router {
  const router = Router();
  router.get(['/', '/index.html'], page(folder, 'index.html'));
  router.use(assets(folder));
  return router;
}

/** Serves one HTML file of the build. */
export function page(folder: string, file: string): RequestHandler {
  return async (_request, response, next) => {
    const html = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    if (html === undefined) next();
    else sendPage(response, html);
  };
}

/** Sends HTML in which every script, style and link gets the nonce; scripts find it in `<meta name="csp-nonce">`. */
export function sendPage(response: Response, html: string): void {
  const nonce = nonceOf(response);
  const text = html
    .replace(/<(script|style|link)(?=[\s>])/g, `<$1 nonce="${nonce}"`)
    .replace(/<head[^>]*>/, (head) => `${head}<meta name="csp-nonce" content="${nonce}">`);
  // Asked for every time: it names the current files.
  response.set('Cache-Control', 'no-cache').type('html').send(text);
}

// Built files have a hash of their content in their name, so they never change.
function assets(folder: string): RequestHandler {
  return express.static(folder, {
    index: false,
    redirect: false,
    setHeaders(response, path) {
      const isHashed = path.includes('/assets/') || path.includes('\\assets\\');
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

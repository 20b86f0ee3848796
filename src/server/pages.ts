// The built pages. Their HTML is served by one function, since the scripts and styles in it need the nonce of the
// answer; everything else is plain files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type RequestHandler, type Response, Router } from 'express';
import type { SiteFacts } from '../protocol/site.ts';
import { nonceOf } from './headers.ts';

export interface PagesOptions {
  /** Folder with the built pages. */
  folder: string;
  site: SiteFacts;
  /** Lets managers through to the board's screens and sends others to sign in. */
  signedIn: RequestHandler[];
}

/** The addresses of the board's screens; the page itself tells them apart. */
const screens = ['/', '/index.html', '/board', '/table', '/employees', '/systems', '/links', '/feed', '/print'];

/** Everything in the folder of the built pages. */
export function pageFiles({ folder, site, signedIn }: PagesOptions): Router {
  const router = Router();
  router.get(screens, signedIn, page(folder, 'index.html', site));
  router.use(assets(folder));
  return router;
}

/** The faces of the project's own font, as the build of the board has them; none without a build. */
export function fontsOf(folder: string | undefined): string {
  const assets = join(folder ?? '', 'assets');
  if (folder === undefined || !existsSync(assets)) return '';
  const styles = readdirSync(assets).filter((name) => name.endsWith('.css'));
  const text = styles.map((name) => readFileSync(join(assets, name), 'utf8')).join('');
  return (text.match(/@font-face\s*\{[^{}]*\}/g) ?? []).filter((face) => /\bRubik\b/.test(face)).join('');
}

const place = '<script id="site" type="application/json"></script>';

/** Serves one HTML file of the build, with the site's facts where it has a place for them. */
export function page(folder: string, file: string, site?: SiteFacts): RequestHandler {
  const facts = place.replace('></', () => `>${inScript(site ?? null)}</`);
  return async (_request, response, next) => {
    const html = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    if (html === undefined) next();
    else
      sendPage(
        response,
        html.replace(place, () => facts),
      );
  };
}

// A name of a site may hold anything, `</script>` too.
function inScript(value: unknown): string {
  const code = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, code);
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

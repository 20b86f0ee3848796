// GET /c/:token: the employee's page as HTML. Looking writes nothing. Somebody who guesses tokens sees one and the same
// page for each of them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import type { Knex } from 'knex';
import { renderToString } from 'preact-render-to-string';
import * as z from 'zod/mini';
import { TaskfeedError } from '../../protocol/errors.ts';
import { type LinkSite, readLink } from '../../tasks/link-holder.ts';
import { endedDocument, type PageAssets, pageDocument } from '../../view/document.tsx';
import type { Ending, PageState, ShownSite } from '../../view/state.ts';
import { chooseLanguage } from '../../view/words.ts';
import { nonceOf } from '../headers.ts';

export interface LinkPageOptions {
  knex: Knex;
  site: LinkSite & ShownSite;
  assets: PageAssets;
}

/** Serves the page, and turns the errors of all of /c into pages for people. */
export function linkPageRoutes({ knex, site, assets }: LinkPageOptions): Router {
  const router = Router();
  router.get('/:token', async (request, response) => {
    const { token } = request.params;
    const page = await readLink(knex, { token, site });
    const state: PageState = {
      language: chooseLanguage([wishOf(request), page.employee.language, site.language]),
      path: `/c/${token}`,
      api: `/api/confirm/${token}`,
      site: { name: site.name, timezone: site.timezone, contact: site.contact },
      now: Date.now(),
      page,
      freshness: { level: 'still' },
      entries: [],
      news: [],
      changed: {},
      announcement: '',
    };
    send(response, 200, renderToString(pageDocument(state, { assets, nonce: nonceOf(response) })));
  });
  return router;
}

/** Programs get the problem document as everywhere; people get a page that says what to do. */
export function linkPageErrors({ site, assets }: Omit<LinkPageOptions, 'knex'>): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const isPage = request.method === 'GET' || request.method === 'HEAD';
    if (!isPage && request.accepts(['application/problem+json', 'html']) !== 'html') return next(error);
    const ending = endingOf(error);
    if (!ending || response.headersSent) return next(error);
    const wishes = [wishOf(request), ...request.acceptsLanguages(), site.language];
    const ended = { language: chooseLanguage(wishes), site, ending: ending.ending };
    const html = renderToString(endedDocument(ended, { assets, nonce: nonceOf(response) }));
    send(response, ending.status, html);
  };
}

function endingOf(error: unknown): { ending: Ending; status: number } | undefined {
  if ((error as Error).name === 'URIError') return { ending: 'unknown', status: 404 };
  if (!(error instanceof TaskfeedError)) return undefined;
  if (error.code === 'not_found') return { ending: 'unknown', status: 404 };
  if (error.code !== 'link_gone') return undefined;
  return { ending: error.members['reason'] === 'revoked' ? 'revoked' : 'expired', status: 410 };
}

function send(response: Response, status: number, html: string): void {
  response.status(status).type('html').send(`<!doctype html>${html}`);
}

function wishOf(request: Request): string | undefined {
  const { lang } = request.query;
  return typeof lang === 'string' ? lang : undefined;
}

const manifest = z.record(z.string(), z.object({ file: z.string(), isEntry: z.optional(z.boolean()) }));

/** What the build left in `<pages>/link`. Without a build the page is plain, and can still be read and confirmed. */
export function readPageAssets(pages: string | undefined): PageAssets {
  const folder = join(pages ?? '', 'link');
  const list = join(folder, 'manifest.json');
  if (pages === undefined || !existsSync(list)) return { style: '', script: undefined };
  const entries = Object.values(z.parse(manifest, JSON.parse(readFileSync(list, 'utf8'))));
  const built = (ending: string) => entries.find(({ file, isEntry }) => isEntry && file.endsWith(ending))?.file;
  const [style, script] = [built('.css'), built('.js')];
  return { style: style ? readFileSync(join(folder, style), 'utf8') : '', script: script && `/link/${script}` };
}

// What a browser is shown when something is wrong on our side (the database is away, the server stops): a page in words
// in place of a problem document, at every address that people open.
import type { Request, Response } from 'express';
import { renderToString } from 'preact-render-to-string';
import type { SiteFacts } from '../protocol/site.ts';
import { endedDocument, type PageAssets } from '../view/document.tsx';
import { chooseLanguage } from '../view/words.ts';
import { nonceOf } from './headers.ts';
import { type PageFrame, troublePage } from './sign-in-page.ts';

export interface FailurePagesOptions {
  site: SiteFacts;
  /** Of the employee's page. */
  assets: PageAssets;
  /** Of the manager's pages. */
  frame: PageFrame;
}

/** Shows the page; false where the request is a program's, which gets the problem document. */
export type ShowFailure = (request: Request, response: Response, status: number) => boolean;

export function failurePages({ site, assets, frame }: FailurePagesOptions): ShowFailure {
  return (request, response, status) => {
    const { path } = request;
    const isForPrograms = /^\/(api|docs|metrics|healthz|readyz)(\/|$)/i.test(path);
    // Who takes anything is no browser.
    if (isForPrograms || request.accepts(['application/problem+json', 'html']) !== 'html') return false;
    const html = /^\/c\//i.test(path) ? linkPage(request, response) : troublePage(frame, status === 503);
    response.set('Cache-Control', 'no-store').status(status).type('html').send(withNonce(html, response));
    return true;
  };

  function linkPage(request: Request, response: Response): string {
    const wishes = [request.query['lang'], ...request.acceptsLanguages(), site.language];
    const language = chooseLanguage(wishes.filter((wish) => typeof wish === 'string'));
    const shown = { language, site, ending: 'trouble' as const };
    return `<!doctype html>${renderToString(endedDocument(shown, { assets, nonce: nonceOf(response) }))}`;
  }
}

/** Pages of the manager's are text with a style that has to get the nonce of the answer. */
export function withNonce(html: string, response: Response): string {
  return html.replace('<style>', `<style nonce="${nonceOf(response)}">`);
}

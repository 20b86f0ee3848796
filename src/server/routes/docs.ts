// /docs: what the server offers, for people and for programs. Open to anyone: it says nothing about this site.
import { type Response, Router } from 'express';
import { renderToString } from 'preact-render-to-string';
import { createAsyncapi } from '../docs/asyncapi.ts';
import { createOpenapi } from '../docs/openapi.ts';
import { docsDocument } from '../docs/page.tsx';
import { nonceOf } from '../headers.ts';

export interface DocsRoutesOptions {
  /** Where people reach the server, if the settings say so. */
  publicUrl: string | undefined;
}

export function docsRoutes({ publicUrl = 'http://localhost:3001' }: DocsRoutesOptions): Router {
  const router = Router();
  // Made at the first request and not again: they depend on nothing but the code.
  const openapi = once(() => JSON.stringify(createOpenapi()));
  const asyncapi = once(() => JSON.stringify(createAsyncapi({ host: new URL(publicUrl).host })));
  const html = once(() => `<!doctype html>${renderToString(docsDocument({ nonce: nonceMark }))}`);

  router.get('/docs', (_request, response) => {
    response
      .set('Cache-Control', 'no-cache')
      .type('html')
      .send(html().replace(nonceMark, nonceOf(response)));
  });
  router.get('/docs/openapi.json', (_request, response) => send(response, openapi()));
  router.get('/docs/asyncapi.json', (_request, response) => send(response, asyncapi()));
  return router;
}

const nonceMark = 'the-nonce-of-this-answer';

function send(response: Response, json: string): void {
  response.set('Cache-Control', 'no-cache').type('json').send(json);
}

function once(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

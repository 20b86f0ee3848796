// A page of another origin in a real browser, in which a manager is signed in. The other origin differs in its port only:
// to a browser that is the same site, so cookies are sent and nothing but the check of the origin stands in between.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openBrowser } from '../support/browser-file.ts';
import { signIn } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';
import { plain } from './pictures.ts';

const scope = createScope();
const opened = openBrowser();

async function otherOrigin(): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>other</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scope.add(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** What a script of the page gets: from a WebSocket, from long polling, from a read and from writes. */
function attempt(page: Page, url: string, png: string): Promise<Record<string, string>> {
  return page.evaluate(
    async ({ target, pixel }) => {
      const asked = async (path: string, init: RequestInit = {}) => {
        const answer = await fetch(`${target}${path}`, { credentials: 'include', ...init }).catch(() => undefined);
        return answer ? `${answer.type} ${answer.status}` : 'blocked';
      };
      const upload = new FormData();
      upload.append('images', new Blob([Uint8Array.from(atob(pixel), (byte) => byte.charCodeAt(0))]), 'pixel.png');
      const socket = await new Promise<string>((resolve) => {
        const opened = new WebSocket(`${target.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
        opened.onopen = () => resolve('open');
        opened.onerror = () => resolve('refused');
      });
      return {
        socket,
        polling: await asked('/socket.io/?EIO=4&transport=polling'),
        read: await asked('/api/tasks'),
        write: await asked('/api/tasks', {
          method: 'POST',
          body: '{"title":"x"}',
          headers: { 'content-type': 'application/json' },
        }),
        simple: await asked('/api/tasks', { method: 'POST', mode: 'no-cors', body: '{"title":"x"}' }),
        // Nothing but the check of the origin is in the way of these: no browser asks before it sends them.
        bodiless: await asked('/api/tasks/1/restore', { method: 'POST', mode: 'no-cors' }),
        upload: await asked('/api/tasks/2/images', { method: 'POST', mode: 'no-cors', body: upload }),
        signOut: await asked('/api/session', { method: 'DELETE' }),
      };
    },
    { target: url, pixel: png },
  );
}

it('gets nothing and changes nothing, with the cookie of a manager', async () => {
  const { browser } = opened;
  if (!browser) return;
  const database = await scope.database();
  const server = await scope.server(database);
  const psql = await scope.sql(database.url);
  await psql.query(`insert into tasks (title) values ('deleted'), ('kept')`);
  await psql.query(`delete from tasks where title = 'deleted'`);
  const written = async () => {
    const { rows } = await psql.query(
      `select t.title from tasks t union all select 'an image' from task_images order by 1`,
    );
    return rows.map(({ title }) => title);
  };
  const png = (await plain(1, 1).png().toBuffer()).toString('base64');
  const { name, value } = await signIn(server.url);
  const context = await browser.newContext();
  scope.add(() => context.close());
  await context.addCookies([{ name, value, url: server.url }]);
  const page = await context.newPage();
  await page.goto(await otherOrigin());
  expect(await attempt(page, server.url, png)).toEqual({
    socket: 'refused',
    polling: 'blocked',
    read: 'blocked',
    write: 'blocked',
    simple: 'blocked',
    bodiless: 'blocked',
    upload: 'blocked',
    signOut: 'blocked',
  });
  expect(server.server.unwelcome.origins).toBe(2);
  expect(await written()).toEqual(['kept']);
  // The same script on a page of our own does all of it, so it was the origin that was refused.
  await page.goto(`${server.url}/healthz`);
  expect(await attempt(page, server.url, png)).toMatchObject({
    ...{ socket: 'open', read: 'basic 200', write: 'basic 201', bodiless: 'basic 200', upload: 'basic 201' },
  });
  expect(await written()).toEqual(['an image', 'deleted', 'kept', 'x']);
});

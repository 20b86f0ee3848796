// Requests of the API, against a server that does what servers do: answers, refuses, talks nonsense, says nothing.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createHttp } from '../../src/client/http.ts';
import { createScope } from '../support/scope.ts';
import { cursorAt, taskWith } from './factories.ts';
import { hold, settled } from './held.ts';

const scope = createScope();

async function serve(answer: RequestListener): Promise<{ url: string; host: string }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.add(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, host };
}

const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

describe('a request', () => {
  it('carries JSON and the token, and resolves with the body of the answer', async () => {
    const { url } = await serve((request, response) => {
      const { method, url: path, headers } = request;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const told = [method, path, headers.authorization, headers['content-type'], String(Buffer.concat(chunks))];
        json(200, told)(request, response);
      });
    });
    const send = createHttp({ url, token: 'secret', fetch });
    expect(await send('PUT', '/api/tasks/1', { title: 'A' })).toEqual([
      'PUT',
      '/api/tasks/1',
      'Bearer secret',
      'application/json',
      '{"title":"A"}',
    ]);
  });

  it('that is refused rejects with the words, the code and all else of the problem', async () => {
    const problem = { type: 'about:blank', title: 'Changed', status: 409, code: 'stale_version', task: { id: 1 } };
    const { url } = await serve(json(409, { ...problem, detail: 'Somebody was faster.' }));
    await expect(createHttp({ url, fetch })('PUT', '/')).rejects.toMatchObject({
      name: 'RequestError',
      message: 'Somebody was faster.',
      status: 409,
      code: 'stale_version',
      body: { task: { id: 1 } },
    });
  });

  it('that is refused by something else says the status', async () => {
    const { url } = await serve((_request, response) => response.writeHead(502).end('<h1>Bad gateway</h1>'));
    await expect(createHttp({ url, fetch })('GET', '/')).rejects.toMatchObject({
      message: 'The server answered 502.',
      code: 'http_502',
    });
  });

  it('that does not get through says to which server', async () => {
    const { url, host } = await serve((request) => request.socket.destroy());
    await expect(createHttp({ url, fetch })('GET', '/')).rejects.toMatchObject({
      message: `The server at ${host} does not answer.`,
      status: 0,
      code: 'unreachable',
    });
  });

  it('that is not answered in time is given up', async () => {
    const { url, host } = await serve(() => undefined);
    await expect(createHttp({ url, fetch, timeoutMs: 20 })('GET', '/')).rejects.toMatchObject({
      message: `The server at ${host} did not answer in time.`,
      code: 'unreachable',
    });
  });

  it('that is not answered in time takes the optimistic change back that it was to make', async () => {
    const held = hold(() => ({ tasks: [taskWith({ id: 1 })], cursor: cursorAt(10), next: null }));
    held.feed.start();
    await settled();
    held.socket().receive('connect');
    const now = new Date(held.clock.wallNow).toISOString();
    const ready = { ask: 1, cursor: cursorAt(10), outcome: 'current', count: 0, now };
    held.socket().receive('feed:ready', ready);
    const { url } = await serve(() => undefined);
    const send = createHttp({ url, fetch, timeoutMs: 20 });
    const change = held.feed.optimistic('task', 1, { title: 'Hoped' }, () => send('PUT', '/api/tasks/1', {}));
    expect(held.feed.tasks.get(1)?.title).toBe('Hoped');
    await expect(change).rejects.toMatchObject({ code: 'unreachable' });
    expect(held.feed.tasks.get(1)?.title).toBe('Task 1');
  });
});

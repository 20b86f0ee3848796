// How long and how much a request may take before it is answered, with sockets that do not play by the rules.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { httpLimits } from '../../src/server/http-limits.ts';
import { eventually } from '../support/eventually.ts';
import { headersOf } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
const own = `Authorization: ${headersOf()['authorization']}\r\nContent-Type: application/json\r\n`;

/** Sends the text, and nothing more; resolves with the answer when the server closes the connection. */
async function answerTo(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  scope.add(async () => socket.destroy());
  let received = '';
  let isClosed = false;
  socket.on('data', (bytes) => {
    received += String(bytes);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  await once(socket, 'connect');
  socket.write(text);
  await eventually('the server closes the connection', () => isClosed);
  return received;
}

/** The very limits, but these of them fifty times as fast. */
async function hurried(...names: ('headersTimeout' | 'requestTimeout')[]): Promise<number> {
  const faster = [...names, 'connectionsCheckingInterval'] as const;
  const limits = Object.fromEntries(faster.map((name) => [name, httpLimits[name] / 50]));
  return (await scope.server(await scope.database(), { httpLimits: { ...httpLimits, ...limits } })).server.port;
}

describe('a request that does not end', () => {
  it('in its headers is given up, though bytes keep coming', async () => {
    const port = await hurried('headersTimeout');
    const answer = answerTo(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('in its body is given up', async () => {
    const port = await hurried('headersTimeout', 'requestTimeout');
    const body = `POST /api/tasks HTTP/1.1\r\nHost: x\r\n${own}Content-Length: 99\r\n\r\n{`;
    expect(await answerTo(port, body)).toMatch(/^HTTP\/1\.1 408 /);
  });
});

it('these are the limits of the server that answers', async () => {
  const { url } = await scope.server(await scope.database());
  const servers: Server[] = [];
  const note = (message: unknown) => servers.push((message as { server: Server }).server);
  subscribe('http.server.request.start', note);
  scope.add(async () => void unsubscribe('http.server.request.start', note));
  await fetch(`${url}/healthz`);
  expect(servers).toMatchObject([
    { headersTimeout: 10_000, requestTimeout: 300_000, keepAliveTimeout: 65_000, maxHeadersCount: 100 },
  ]);
});

it('a connection is kept between requests for longer than a proxy would', async () => {
  const { url } = await scope.server(await scope.database());
  expect((await fetch(`${url}/healthz`)).headers.get('keep-alive')).toBe('timeout=65');
});

describe('too much', () => {
  const get = (headers: string) => `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`;

  it('of a header is refused', async () => {
    const { port } = (await scope.server(await scope.database())).server;
    expect(await answerTo(port, get(`X: ${'x'.repeat(15_000)}\r\n`))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await answerTo(port, get(`X: ${'x'.repeat(17_000)}\r\n`))).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('in number of headers is not even looked at', async () => {
    const { port } = (await scope.server(await scope.database())).server;
    const many = 'X: 1\r\n'.repeat(200);
    // The cookie that comes after them is not seen, so nothing has to be refused for the want of an Origin.
    const write = (before: string) =>
      `DELETE /api/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${before}Cookie: taskfeed_session=x\r\n\r\n`;
    expect(await answerTo(port, write(''))).toMatch(/^HTTP\/1\.1 403 /);
    expect(await answerTo(port, write(many))).toMatch(/^HTTP\/1\.1 204 /);
  });

  it.each([
    [
      '/api/tasks',
      'application/json',
      (n: number) => JSON.stringify({ title: 'x', description: 'y'.repeat(n) }),
      1_048_576,
    ],
    ['/sign-in', 'application/x-www-form-urlencoded', (n: number) => `email=${'y'.repeat(n)}`, 10_240],
  ])('of a body is refused unread: %s', async (path, type, body, most) => {
    const { http } = await scope.server(await scope.database(), { pages: '/nowhere' });
    const send = (length: number) => http('POST', path, body(length), { 'content-type': type });
    expect((await send(most - 100)).status).not.toBe(413);
    const refused = await send(most + 1);
    expect([refused.status, refused.body['code']]).toEqual([413, 'too_large']);
  });

  it('in fields of a form is refused', async () => {
    const { http } = await scope.server(await scope.database(), { pages: '/nowhere' });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const fields = (count: number) => Array.from({ length: count }, (_, n) => `f${n}=1`).join('&');
    expect((await http('POST', '/sign-in', fields(10), form)).status).toBe(401);
    expect((await http('POST', '/sign-in', fields(11), form)).status).toBe(400);
  });
});

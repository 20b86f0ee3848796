// What goes to many goes past Engine.IO where it can, and still arrives whole and in its place.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Server, type Socket } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { messageOf, Outbox, post, sent } from '../../src/server/connection.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const scope = createScope();
let proxy: TcpProxy;
let sockets: Socket[];

beforeEach(async () => {
  const http = createServer();
  const server = new Server(http, { serveClient: false, perMessageDeflate: false });
  sockets = [];
  server.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  scope.add(async () => await server.close());
  proxy = await openTcpProxy((http.address() as AddressInfo).port);
  scope.add(() => proxy.close());
});

/** Resolves with the server's side, and what the client has heard so far. */
async function open(transports: string[]): Promise<{ socket: Socket; heard: { number: number; text: string }[] }> {
  const client = connect(proxy.url, { transports, forceNew: true, reconnection: false });
  scope.add(async () => client.disconnect());
  const heard: { number: number; text: string }[] = [];
  client.on('told', (told) => heard.push(told));
  const socket = await eventually('it is connected', () => sockets[0]);
  return { socket, heard };
}

// Lengths for every form of a frame's header, and characters of more than one byte.
const texts = ['', 'short', 'ä'.repeat(150), '€'.repeat(30_000), 'x'.repeat(300_000)];
const told = (number: number) => ({ number, text: texts[number % texts.length] ?? '' });

describe.each([
  ['WebSocket', ['websocket']],
  ['long polling', ['polling']],
  ['long polling that becomes a WebSocket', ['polling', 'websocket']],
])('over %s', (_, transports) => {
  it('arrives whole, in the order in which it was sent, whichever way', async () => {
    const { socket, heard } = await open(transports);
    const count = 200;
    for (let number = 0; number < count; number += 1) {
      // While the client hears nothing, so that some of it has to wait.
      if (number === 40) proxy.silence();
      if (number === 160) proxy.speak();
      if (number % 3 === 0) socket.emit('told', told(number));
      else post(socket.conn, messageOf('told', told(number)));
      if (number % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('all has arrived', () => heard.length >= count);
    await sent(socket.conn);
    expect(heard).toEqual(Array.from({ length: count }, (_, number) => told(number)));
  });
});

// A frame's header is longer from 126 bytes on, and again from 65,536.
it.each([125, 126, 127, 65_535, 65_536])('arrives whole with %i bytes', async (length) => {
  const { socket, heard } = await open(['websocket']);
  const bare = JSON.stringify(['told', { number: 1, text: '' }]).length + '42'.length;
  const one = { number: 1, text: 'x'.repeat(length - bare) };
  post(socket.conn, messageOf('told', one));
  post(socket.conn, messageOf('told', told(2)));
  await eventually('both have arrived', () => heard.length === 2);
  expect(heard).toEqual([one, told(2)]);
});

it('knows how much a client has not taken, and for how long', async () => {
  const { socket, heard } = await open(['websocket']);
  let now = 0;
  const outbox = new Outbox(socket.conn, () => now);
  expect(outbox.measure()).toEqual({ bytes: 0, ageMs: 0 });
  proxy.silence();
  const text = 'x'.repeat(1_000_000);
  for (let number = 0; number < 30; number += 1) post(socket.conn, messageOf('told', { number, text }));
  await new Promise((resolve) => setImmediate(resolve));
  outbox.measure();
  now = 5_000;
  const { bytes, ageMs } = outbox.measure();
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(ageMs).toBe(5_000);
  proxy.speak();
  await eventually('all has arrived', () => heard.length === 30);
  await eventually('nothing is unsent', () => outbox.measure().bytes === 0);
  expect(outbox.measure().ageMs).toBe(0);
});

it('says nothing to a connection that has ended', async () => {
  const { socket, heard } = await open(['websocket']);
  proxy.cut();
  await eventually('the server knows', () => socket.disconnected);
  expect(() => post(socket.conn, messageOf('told', told(1)))).not.toThrow();
  expect(heard).toEqual([]);
});

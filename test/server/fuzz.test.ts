// Thousands of inputs, over HTTP and over sockets, by somebody unknown, a manager and the holder of a link. Nothing may be
// answered by a 5xx, end the process, be left over or cost memory; and whatever came, what is right still works.
// FUZZ_INPUTS=10000 npm test -- test/server/fuzz runs the long one; TEST_SEED repeats one that failed.
import { randomInt } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { WebSocket } from 'ws';
import { apiTokenOf, linkTokenOf, openSite, type Site, type Who } from './authorisation-site.ts';
import { type Row, routes } from './authorisation-table.ts';
import { asked, createHttpInputs, createSocketInputs, type HttpInput, type SocketInput } from './fuzz-inputs.ts';
import { createRandom } from './hostile-requests.ts';

const inputs = Number(process.env['FUZZ_INPUTS'] ?? 2_000);
const seed = Number(process.env['TEST_SEED'] ?? randomInt(2 ** 31));
const random = createRandom(seed);
const rejections: unknown[] = [];
const reached = new Map<string, number>();
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
let site: Site;
let picture: Buffer;

function note(line: string): void {
  const { msg, method, route, status } = JSON.parse(line);
  if (msg !== 'request' || status === 401) return;
  const name = `${method} ${route}`;
  reached.set(name, (reached.get(name) ?? 0) + 1);
}

// The log has no slash at the end.
function timesReached({ route }: Row): number {
  return reached.get(route.replace(/(?<=\w)\/$/, '')) ?? 0;
}

const onRejection = (reason: unknown) => rejections.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtExceptionMonitor', onRejection);
  site = await openSite({ log: note });
  picture = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#246' } })
    .png()
    .toBuffer();
  await site.reset();
});

afterAll(async () => {
  agent.destroy();
  process.off('unhandledRejection', onRejection);
  process.off('uncaughtExceptionMonitor', onRejection);
  await site.close();
});

/** The status; 0 where the server closed the connection, -1 for what Node does not even send. */
function send({ who, method, path, headers, body }: HttpInput): Promise<number> {
  return new Promise((resolve) => {
    const length = body ? { 'content-length': String(body.length) } : {};
    const all = { ...site.headersOf(who), ...headers, ...length };
    try {
      const request = httpRequest({ agent, port: site.server.server.port, method, path, headers: all }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      request.on('error', () => resolve(0)).end(body);
    } catch {
      resolve(-1);
    }
  });
}

const auth = (who: Who): Record<string, string> => {
  if (who === 'link A') return { link: linkTokenOf(who) };
  const token = apiTokenOf(who);
  return token === undefined ? {} : { token };
};

/**
 * Names of what came back. Every handshake is answered, or the connection is closed: by the server at the latest when
 * nobody has said in time who it is. Ends when the server is done with the last packet: it answers a ping of its own
 * protocol.
 */
function exchange({ who, packets }: SocketInput): Promise<string[]> {
  return new Promise((resolve) => {
    const heard: string[] = [];
    const url = `${site.server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { headers: site.headersOf(who) });
    const done = () => {
      socket.terminate();
      resolve(heard);
    };
    const rest = packets.slice(1);
    socket.on('error', done).on('close', done);
    socket.on('open', () => socket.send(packets[0] ?? ''));
    socket.on('message', (data) => {
      const text = String(data);
      heard.push(text.slice(0, 30));
      // What was answered to the handshake is followed by the rest; a WebSocket's pong comes after all of it is read.
      if (!/^4[04]/.test(text)) return;
      for (const packet of rest.splice(0)) socket.send(packet);
      socket.ping();
    });
    socket.on('pong', () => setImmediate(done));
  });
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

async function each<T>(count: number, one: () => Promise<T>): Promise<void> {
  let left = count;
  const worker = async () => {
    for (; left > 0; ) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

it(`answers ${inputs} inputs of every kind without a fault, and works afterwards`, async () => {
  const nextHttp = createHttpInputs(random, picture, timesReached);
  const nextSocket = createSocketInputs(random, auth);
  const faults: unknown[] = [];
  const statuses = new Map<number, number>();
  let answered = 0;
  const one = async () => {
    if (random() < 0.06) {
      const heard = await exchange(nextSocket());
      answered += heard.filter((text) => text.startsWith('42["feed:re')).length;
      return;
    }
    const input = nextHttp();
    const status = await send(input);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status < 500) return;
    faults.push({
      ...input,
      path: input.path.slice(0, 200),
      body: input.body?.toString('latin1').slice(0, 300),
      status,
    });
  };
  const least = inputs / 100;
  let before = 0;
  let sent = 0;
  // Until there were enough, also of the route that was reached least; in rounds, since inputs delete what they are about.
  for (; sent < inputs || (sent < 2 * inputs && Math.min(...asked.map(timesReached)) < least); sent += inputs / 5) {
    await site.reset();
    await each(inputs / 5, one);
    if (sent === 0) before = heap();
  }
  const grown = heap() - before;
  expect({ seed, faults: faults.slice(0, 3) }).toEqual({ seed, faults: [] });
  expect({ seed, rejections }).toEqual({ seed, rejections: [] });
  const rare = asked.filter((row) => timesReached(row) < least).map((row) => `${row.route}: ${timesReached(row)}`);
  expect({ seed, rare }).toEqual({ seed, rare: [] });
  expect(answered).toBeGreaterThan(least);
  expect(grown).toBeLessThan(16 * 1024 * 1024);
  const told = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  process.stderr.write(
    `fuzz: seed ${seed}, ${sent} inputs (${told.join(', ')}), heap +${Math.round(grown / 1024)} kB\n`,
  );
}, 300_000);

it('does what is right afterwards', async () => {
  for (const row of routes) {
    await site.reset();
    if (row.prepare) await site.psql.query(row.prepare);
    const who = row.answers['API token'] < 400 ? 'API token' : 'link A';
    if (row.isUpload) continue;
    const headers = {
      ...site.headersOf(who),
      ...(row.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const body = row.body === undefined ? undefined : Buffer.from(JSON.stringify(row.body));
    const [method = ''] = row.route.split(' ');
    const path = row.path.replace(':token', linkTokenOf(who));
    const status = await send({ who, method, path, headers, body });
    // The inputs have guessed passwords from this address, so that it may have to wait by now.
    const isTired = status === 429 && ['POST /sign-in', 'POST /api/session'].includes(row.route);
    expect([row.route, isTired ? row.answers[who] : status]).toEqual([row.route, row.answers[who]]);
  }
});

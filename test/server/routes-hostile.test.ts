// Whatever is thrown at the routes: an answer of 4xx, an untouched database, and a server that goes on.
import { randomInt } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import { headersOf } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';
import { createHostile, createRandom, type HostileRequest } from './hostile-requests.ts';
import { bodyOf, fingerprint, useSite } from './routes-support.ts';

const scope = createScope();
const site = useSite();

/** The status, or 0 where the server closed the connection without an answer. */
function send(agent: Agent, port: number, { method, path, headers, body }: HostileRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = body ? { 'content-length': String(body.length) } : {};
    const request = httpRequest(
      { agent, port, method, path, headers: { ...headersOf(), ...headers, ...length } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    request.on('error', reject).end(body);
  });
}

/** Sends bytes that are hardly HTTP and resolves when the server has closed the connection. */
function sendRaw(port: number, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => {}).on('close', () => resolve());
    socket.resume();
  });
}

async function expectWorking({ http }: typeof site, token: string): Promise<void> {
  const wanted: [number, string, string, unknown?][] = [
    [200, 'GET', '/api/tasks?status=sent&q=x&due=week'],
    [200, 'GET', '/api/tasks/1/history'],
    [201, 'POST', '/api/tasks', { title: 'Still here 💣 \u0001' }],
    [200, 'PATCH', '/api/tasks', { items: [{ id: 2 }], set: { note: 'x' } }],
    [200, 'PUT', `/api/confirm/${token}/task/1`, { note: 'x' }],
    [200, 'POST', `/api/confirm/${token}/acknowledge`],
    [201, 'POST', '/api/links/1/renew'],
    [204, 'DELETE', '/api/tasks/1'],
    [200, 'POST', '/api/tasks/1/restore'],
    [201, 'POST', '/api/systems', { name: 'x' }],
    [204, 'DELETE', '/api/employees/2'],
    [200, 'GET', '/healthz'],
  ];
  for (const [status, method, path, body] of wanted) {
    const answer = await http(method, path, body);
    expect([path, answer.status, status === answer.status ? '' : answer.text]).toEqual([path, status, '']);
  }
}

it('answers 2,000 malformed requests with 4xx and changes nothing', async () => {
  const seed = Number(process.env['TEST_SEED'] ?? randomInt(2 ** 31));
  const { token } = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1, 2] }));
  const next = createHostile(createRandom(seed), token);
  const requests = Array.from({ length: 2_000 }, next);
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  scope.add(async () => {
    process.off('unhandledRejection', onRejection);
    agent.destroy();
  });

  const before = await fingerprint(site.psql);
  const port = site.server.server.port;
  const answers = await Promise.all(
    requests.map(async (request) => ({ request, status: await send(agent, port, request).catch(String) })),
  );
  // What is refused at the door tests nothing behind it.
  expect(answers.filter(({ status }) => status === 401)).toEqual([]);
  const unfit = answers.filter(({ status }) => typeof status === 'string' || status < 400 || status >= 500);
  const told = unfit.slice(0, 5).map(({ request: { method, path, headers, body }, status }) => {
    return { status, method, path: path.slice(0, 200), headers, body: body?.toString('latin1').slice(0, 200) };
  });
  expect({ seed, unfit: told }).toEqual({ seed, unfit: [] });

  const own = `Authorization: ${headersOf()['authorization']}\r\n`;
  const host = `Host: x\r\n${own}Content-Type: application/json\r\n`;
  await sendRaw(port, 'NONSENSE\r\n\r\n');
  await sendRaw(port, `POST /api/tasks HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\n{"title":"cut`);
  await sendRaw(port, `POST /api/tasks HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n12\r\n{"title":"cut\r\nzz`);
  await sendRaw(port, `GET /api/tasks HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`);

  expect({ seed, stored: await fingerprint(site.psql) }).toEqual({ seed, stored: before });
  expect({ seed, rejections }).toEqual({ seed, rejections: [] });
  await expectWorking(site, token);
});

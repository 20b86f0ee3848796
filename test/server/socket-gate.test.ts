// What every connection of Engine.IO has to pass, whoever it is of.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { signIn } from '../support/identity.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();
let database: TestDatabase;
let server: RunningServer;

const socketLimits = { burst: 20, perSecond: 1, perAddress: 3, perManager: 3, perLink: 2, helloMs: 60_000 };

beforeEach(async () => {
  database = await scope.database();
  server = await scope.server(database, { trustProxy: 1, socketLimits });
});

const path = '/socket.io/?EIO=4&transport=polling';

/** A request as a page of another origin, or no page, would send it. */
async function poll(query: string, headers: Record<string, string> = {}, method = 'GET', body?: string) {
  const response = await fetch(`${server.url}${path}${query}`, { method, headers, ...(body ? { body } : {}) });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe('a page of another origin', () => {
  const foreign = { origin: 'http://evil.example' };

  it('may neither begin a connection nor use one whose id it has got hold of', async () => {
    expect(await poll('', foreign)).toMatchObject({ status: 403, text: '{"code":"origin"}' });
    const own = await poll('');
    expect(own.status).toBe(200);
    expect(own.headers.get('x-content-type-options')).toBe('nosniff');
    const { sid } = JSON.parse(own.text.slice(1));
    expect((await poll(`&sid=${sid}`, foreign)).status).toBe(403);
    expect((await poll(`&sid=${sid}`, foreign, 'POST', '40')).status).toBe(403);
    expect((await poll(`&sid=${sid}`, { origin: server.url }, 'POST', '40')).status).toBe(200);
    expect(server.server.unwelcome.origins).toBe(3);
  });

  it('may not upgrade one either, with or without its id', async () => {
    const { sid } = JSON.parse((await poll('')).text.slice(1));
    for (const query of ['', `&sid=${sid}`]) {
      const url = `${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket${query}`;
      const outcome = (origin: string) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url, { origin });
          socket.on('error', () => resolve('refused')).on('open', () => resolve('open'));
          scope.add(async () => socket.terminate());
        });
      expect(await outcome('http://evil.example')).toBe('refused');
      expect(await outcome(server.url)).toBe('open');
    }
  });
});

describe('a client', () => {
  it('that sends what nobody asked for is counted, and nothing happens', async () => {
    const client = await scope.client(server.url);
    client.socket.emit('task:updated', { task: { id: 1 } });
    client.socket.emit('join', 'feed:links');
    client.socket.emit('feed:batch', Buffer.from('x'), () => {});
    client.socket.emit('feed:resume', { nonsense: 1 });
    expect((await client.next('feed:reset')).reason).toBe('malformed');
    expect(server.server.unwelcome).toMatchObject({ events: 3, floods: 0 });
    const names = client.packets.map(({ name }) => name).filter((name) => name !== 'feed:pulse');
    expect(names).toEqual(['feed:ready', 'feed:reset']);
  });

  it.each([
    ['events', (socket: ReturnType<typeof io>) => socket.emit('noise')],
    ['packets of other namespaces', (socket: ReturnType<typeof io>) => socket.io.engine.write('0/other,')],
  ])('that floods with %s is cut, and others are not', async (_, send) => {
    const other = await scope.client(server.url);
    const client = await scope.client(server.url);
    for (let count = 0; count < 40; count += 1) send(client.socket);
    await eventually('it is cut', () => client.socket.disconnected);
    expect(server.server.unwelcome.floods).toBe(1);
    expect(other.socket.connected).toBe(true);
  });

  it('that sends a packet over the limit is cut', async () => {
    const client = await scope.client(server.url);
    client.socket.emit('feed:resume', { since: 'x'.repeat(18_000) });
    await eventually('it is cut', () => client.socket.disconnected);
  });

  it('may send the longest cursor that there is', async () => {
    const client = await scope.client(server.url);
    const epoch = '0'.repeat(8);
    const since = `${epoch}-0000-0000-0000-000000000000.1:2:`.padEnd(16_384, '1');
    client.socket.emit('feed:resume', { since });
    expect((await client.next('feed:reset')).reason).toBe('malformed');
    const again = await scope.client(server.url, { since });
    expect(again.packets[0]?.name).toBe('feed:reset');
  });

  it('that does not say who it is loses its connection, though it answers every ping', async () => {
    const other = await scope.client(server.url);
    const strict = await scope.server(database, { socketLimits: { ...socketLimits, helloMs: 400 } });
    const socket = new WebSocket(`${strict.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    scope.add(async () => socket.terminate());
    socket.on('message', (data) => String(data) === '2' && socket.send('3'));
    // Socket.IO's own deadline is 45 s, so one that is not ours would be too late.
    await eventually('it is closed', () => socket.readyState === WebSocket.CLOSED, 30_000);
    expect(other.socket.connected).toBe(true);
  });
});

describe('a connection that goes on', () => {
  const polled = async () => {
    const queries: string[] = [];
    const own = await scope.server(database, { newcomerMs: 3_600_000, onQuery: (sql) => queries.push(sql) });
    const { header } = await signIn(own.url);
    const ask = async (query: string, headers: Record<string, string>, body?: string) => {
      const init = body === undefined ? {} : { method: 'POST', body };
      const answer = await fetch(`${own.url}${path}${query}`, { headers, ...init });
      return { status: answer.status, text: await answer.text() };
    };
    const { sid } = JSON.parse((await ask('', { cookie: header })).text.slice(1));
    return {
      own,
      queries,
      header,
      ask: (headers: Record<string, string>, body?: string) => ask(`&sid=${sid}`, headers, body),
    };
  };

  it('asks the database nothing', async () => {
    const { queries, header, ask } = await polled();
    expect((await ask({ cookie: header }, '40{"protocol":1}')).text).toBe('ok');
    let heard = '';
    while (!heard.includes('feed:pulse')) heard += (await ask({ cookie: header })).text;
    queries.length = 0;
    for (let n = 0; n < 5; n += 1) expect((await ask({ cookie: header }, '42["noise"]')).text).toBe('ok');
    expect(queries).toEqual([]);
  });

  it('is worth nothing without the session that it was begun with', async () => {
    const { own, header, ask } = await polled();
    const another = (await signIn(own.url)).header;
    for (const headers of [{}, { cookie: another }, { cookie: `${header}x` }] as Record<string, string>[]) {
      expect(await ask(headers, '40')).toEqual({ status: 403, text: '{"code":"unauthenticated"}' });
    }
    expect((await ask({ cookie: `other=1; ${header}` }, '40')).text).toBe('ok');
  });
});

describe('connections', () => {
  it('of one address are bounded, and a place is free again when one of them ends', async () => {
    const from = (address: string) => ({ 'x-forwarded-for': address });
    for (let count = 0; count < 3; count += 1) expect((await poll('', from('192.0.2.1'))).status).toBe(200);
    const full = await poll('', from('192.0.2.1'));
    expect([full.status, full.text, full.headers.get('retry-after')]).toEqual([429, '{"code":"too_many"}', '5']);
    expect((await poll('', from('192.0.2.2'))).status).toBe(200);
    // Packet type 1 ends a connection.
    const { sid } = JSON.parse((await poll('', from('192.0.2.3'))).text.slice(1));
    expect((await poll(`&sid=${sid}`, from('192.0.2.1'), 'POST', '1')).status).toBe(200);
    for (const expected of [200, 200, 200, 429]) expect((await poll('', from('192.0.2.3'))).status).toBe(expected);
  });

  it('of one manager are bounded, by whichever session or token, and others are let in', async () => {
    const clients = [];
    const bounded = await scope.server(database, { socketLimits });
    const { header: cookie } = await signIn(bounded.url);
    for (const identity of ['manager', 'manager', { cookie }] as const) {
      clients.push(await scope.client(bounded.url, { identity }));
    }
    for (const identity of ['manager', { cookie }] as const) {
      await expect(scope.client(bounded.url, { identity })).rejects.toMatchObject({ data: { code: 'too_many' } });
    }
    const psql = await scope.sql(database.url);
    const token = `taskfeed_${'other'.padEnd(43, '-')}`;
    await psql.query(`insert into managers (email, name) values ('other@x.example', 'Other');
      insert into api_tokens (manager_id, name, prefix, token_hash) values (2, 'x', 'x', sha256('${token}'))`);
    expect((await scope.client(bounded.url, { identity: { token } })).socket.connected).toBe(true);
    clients[0]?.close();
    await eventually('a place is free', () =>
      scope.client(bounded.url, { identity: { cookie } }).catch(() => false as const),
    );
  });

  it('of one link are bounded', async () => {
    await server.http('POST', '/api/employees', { name: 'Dana' });
    await server.http('POST', '/api/tasks', { title: 'x', employee_id: 1 });
    const { body } = await server.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] });
    const link = String(body['token']);
    const first = await scope.client(server.url, { link });
    await scope.client(server.url, { link });
    await expect(scope.client(server.url, { link })).rejects.toMatchObject({ data: { code: 'too_many', retry: true } });
    first.close();
    await eventually('a place is free', () => scope.client(server.url, { link }).catch(() => false as const));
  });
});

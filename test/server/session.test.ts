// Signing in and out: who gets a session, what its cookie is like, and that nothing of another's is taken over.
import { describe, expect, it } from '@jest/globals';
import { signIn, testManager } from '../support/identity.ts';
import { createScope } from '../support/scope.ts';
import { useSite } from './routes-support.ts';

const scope = createScope();
const site = useSite();

const credentials = { email: testManager.email, password: testManager.password };
const manager = { id: 1, email: testManager.email, name: testManager.name };
const origin = () => ({ origin: site.server.url });
const post = (body: unknown, headers = {}) => site.server.as('anonymous')('POST', '/api/session', body, headers);

describe('without signing in', () => {
  it.each([
    ['GET', '/api/tasks'],
    ['GET', '/api/tasks/1/history'],
    ['GET', '/api/systems'],
    ['POST', '/api/tasks'],
    ['POST', '/api/confirm/generate'],
    ['GET', '/api/links'],
    ['GET', '/api/session'],
    ['GET', '/api/nothing'],
  ])('%s %s is answered with 401', async (method, path) => {
    const answer = await site.server.as('anonymous')(method, path, method === 'POST' ? {} : undefined);
    expect([answer.status, answer.body['code']]).toEqual([401, 'unauthenticated']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('a socket is refused', async () => {
    const refused = scope.client(site.server.url, { identity: 'anonymous' });
    await expect(refused).rejects.toMatchObject({ data: { code: 'unauthenticated', retry: false } });
  });
});

describe('signing in', () => {
  it('makes a session whose cookie opens routes and the feed, as that manager', async () => {
    const answer = await post(credentials);
    expect([answer.status, answer.body]).toEqual([200, { manager }]);
    const cookie = /^[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? '';
    const http = site.server.as({ cookie });
    expect((await http('GET', '/api/session')).body).toEqual({ manager });
    const client = await scope.client(site.server.url, { identity: { cookie } });
    await http('PUT', '/api/tasks/1', { note: 'seen' }, origin());
    expect((await client.next('task:updated')).change).toMatchObject({
      actor: 'manager:1',
      actor_name: 'Test Manager',
      changed: ['note'],
    });
  });

  it('takes an address in upper case and with white space around it', async () => {
    expect((await post({ ...credentials, email: ` ${testManager.email.toUpperCase()} ` })).status).toBe(200);
  });

  it('gives a session a new id, so that one planted before is worth nothing', async () => {
    const first = await signIn(site.server.url);
    const again = await post(credentials, { cookie: first.header, ...origin() });
    expect(again.headers.get('set-cookie')).not.toContain(first.value);
    expect((await site.server.as({ cookie: first.header })('GET', '/api/session')).status).toBe(401);
  });
});

describe('signing out', () => {
  it('ends the session in the database, too', async () => {
    const { header } = await signIn(site.server.url);
    const http = site.server.as({ cookie: header });
    expect((await http('DELETE', '/api/session', undefined, origin())).status).toBe(204);
    expect((await http('GET', '/api/session')).status).toBe(401);
    expect((await http('DELETE', '/api/session', undefined, origin())).status).toBe(204);
  });
});

describe('a write with the cookie of a session', () => {
  it('needs the Origin of this site', async () => {
    const { header } = await signIn(site.server.url);
    const write = (headers: Record<string, string>) =>
      site.server.as({ cookie: header })('POST', '/api/tasks', { title: 'x' }, headers);
    for (const headers of [{}, { origin: 'null' }, { origin: 'https://evil.example' }] as Record<string, string>[]) {
      const answer = await write(headers);
      expect([answer.status, answer.body['code']]).toEqual([403, 'forbidden_origin']);
    }
    expect((await write(origin())).status).toBe(201);
  });
});

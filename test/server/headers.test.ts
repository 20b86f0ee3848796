// What answers say to browsers, and how pages come by the nonce of theirs.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { createScope } from '../support/scope.ts';

const scope = createScope();

async function served() {
  const folder = await mkdtemp(join(tmpdir(), 'taskfeed-pages-'));
  scope.add(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'assets'));
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><html><head><title>x</title><link rel="stylesheet" href="/a.css"><style>p{}</style>' +
      '<script type="module" src="/a.js"></script></head><body><header></header></body></html>',
  );
  await writeFile(join(folder, 'assets', 'a-1234.js'), '1');
  return await scope.server(await scope.database(), { pages: folder, trustProxy: 1 });
}

function directives(policy: string | null): Record<string, string> {
  return Object.fromEntries(
    (policy ?? '').split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(' ');
      return [name, sources.join(' ')];
    }),
  );
}

it('lets pages run nothing but our own files and what carries the nonce of this answer', async () => {
  const { http, url } = await served();
  const host = new URL(url).host;
  const nonces = new Set<string>();
  for (const path of ['/', '/', '/index.html']) {
    const { status, headers, text } = await http('GET', path);
    expect(status).toBe(200);
    const policy = directives(headers.get('content-security-policy'));
    const nonce = /'nonce-([\w-]{24})'/.exec(policy['script-src'] ?? '')?.[1] ?? 'none';
    nonces.add(nonce);
    expect(policy).toEqual({
      'default-src': "'self'",
      'script-src': `'self' 'nonce-${nonce}'`,
      'script-src-attr': "'none'",
      'style-src': `'self' 'nonce-${nonce}'`,
      'style-src-attr': "'none'",
      'img-src': "'self' data: blob:",
      'connect-src': `'self' ws://${host} wss://${host}`,
      'object-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
    });
    expect(text).toContain(`<head><meta name="csp-nonce" content="${nonce}">`);
    expect(text).toContain(`<link nonce="${nonce}" rel=`);
    expect(text).toContain(`<style nonce="${nonce}">`);
    expect(text).toContain(`<script nonce="${nonce}" type=`);
    expect(text).toContain('<header></header>');
    expect(headers.get('cache-control')).toBe('no-cache');
  }
  expect(nonces.size).toBe(3);
});

it('tells every answer, also of errors, what browsers may do with it', async () => {
  const { http } = await served();
  for (const path of ['/', '/assets/a-1234.js', '/api/tasks', '/api/nothing', '/nothing', '/healthz', '/c/x']) {
    const { headers } = await http('GET', path);
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
    expect([path, headers.get('x-frame-options')]).toEqual([path, 'DENY']);
    expect([path, headers.get('cross-origin-opener-policy')]).toEqual([path, 'same-origin']);
    expect([path, headers.get('x-powered-by')]).toEqual([path, null]);
    expect([path, headers.get('strict-transport-security')]).toEqual([path, null]);
    expect([path, headers.get('content-security-policy')]).toEqual([
      path,
      expect.stringContaining("script-src 'self'"),
    ]);
  }
  const { headers } = await http('GET', '/assets/a-1234.js');
  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

it('promises TLS only where a trusted proxy says that there is TLS', async () => {
  const { http } = await served();
  const secure = await http('GET', '/healthz', undefined, { 'x-forwarded-proto': 'https' });
  expect(secure.headers.get('strict-transport-security')).toBe('max-age=15552000');
  const untrusting = await scope.server(await scope.database());
  const plain = await untrusting.http('GET', '/healthz', undefined, { 'x-forwarded-proto': 'https' });
  expect(plain.headers.get('strict-transport-security')).toBeNull();
});

it('repeats no host in a header that is not plainly one', async () => {
  const { server } = await served();
  const policy = await new Promise<string>((resolve, reject) => {
    const headers = { host: "x; script-src 'unsafe-inline'" };
    request({ port: server.port, path: '/healthz', headers }, (response) => {
      response.resume();
      resolve(String(response.headers['content-security-policy']));
    })
      .on('error', reject)
      .end();
  });
  expect(policy).not.toContain('unsafe-inline');
  expect(directives(policy)['connect-src']).toBe("'self'");
});

it('lets nobody keep, index or pass on what is behind a link', async () => {
  const { http } = await served();
  await http('POST', '/api/employees', { name: 'Dana' });
  await http('POST', '/api/tasks', { title: 'x', employee_id: 1 });
  const { body } = await http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] });
  const token = String(body['token']);
  for (const path of [`/c/${token}`, '/c/unknown', '/c/%ZZ', `/api/confirm/${token}`, '/api/confirm/unknown']) {
    const { headers } = await http('GET', path);
    const told = ['cache-control', 'referrer-policy', 'x-robots-tag'].map((name) => headers.get(name));
    expect([path, ...told]).toEqual([path, 'no-store', 'no-referrer', 'noindex, nofollow']);
  }
});

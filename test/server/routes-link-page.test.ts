// GET /c/:token: what an employee sees before any script runs, and what a stranger finds out.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createScope } from '../support/scope.ts';
import { bodyOf, fingerprint, openApp, useSite } from './routes-support.ts';

const scope = createScope();
const site = useSite();
let token: string;
let url: string;

beforeEach(async () => {
  token = bodyOf(await site.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1, 2] })).token;
  const settings = { name: 'Harbour Water', timezone: 'Asia/Tokyo', contact: 'Control room, +1 555 0110' };
  ({ url } = await openApp(scope, { database: site.database, site: settings }));
});

async function get(path: string, init: RequestInit = {}) {
  const answer = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
  return { status: answer.status, headers: answer.headers, html: await answer.text() };
}

/** The text of the page as a person reads it, without what is for the script. */
const textOf = (html: string) =>
  html
    .replace(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of a link', () => {
  it('shows the tasks, where they are, whom to call, and when they are due by the site’s clock', async () => {
    await site.psql.query(`
      update systems set contact_name = 'Priya', phone = '+1 (555) 0123' where id = 1;
      update tasks set due_at = '2031-03-05 20:30+00', review_note = 'Mind the ladder' where id = 1;`);
    const { status, headers, html } = await get(`/c/${token}?lang=en`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    const text = textOf(html);
    for (const part of ['Hello Dana Levi', 'Sweep chimney', 'Boiler house', 'Wear a mask', 'Mind the ladder', 'Urgent'])
      expect(text).toContain(part);
    expect(text).toMatch(/Thu,? 6 Mar 2031 05:30/);
    expect(html).toContain('href="tel:+15550123"');
    expect(html).toContain(`action="/c/${token}/acknowledge?lang=en"`);
    expect(/<title>(.*)<\/title>/.exec(html)?.[1]).toBe('Your tasks · Harbour Water');
  });

  it('speaks the employee’s language, or the one asked for', async () => {
    const own = await get(`/c/${token}`);
    expect(own.html).toContain('<html lang="he" dir="rtl">');
    expect(textOf(own.html)).toContain('קיבלתי');
    expect((await get(`/c/${token}?lang=en`)).html).toContain('<html lang="en" dir="ltr">');
    expect((await get(`/c/${token}?lang=xx`)).html).toContain('<html lang="he" dir="rtl">');
  });

  it('shows HTML as text, also in what the script reads', async () => {
    const title = '</script><img src=x onerror=alert(1)><!--';
    await site.psql.query('update tasks set title = $1::text, note = $1::text, description = $1::text where id = 1', [
      title,
    ]);
    const { html } = await get(`/c/${token}`);
    expect(html).not.toContain('<img src=x');
    const state = /<script id="state" type="application\/json">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect(JSON.parse(state).page.tasks[0].title).toBe(title);
  });

  it('is opened without anything being written, by GET and by HEAD', async () => {
    await site.psql.query(`update links set created_by = 'canary'`);
    const canary = await fingerprint(site.psql);
    await site.psql.query(`update links set created_by = null`);
    const before = await fingerprint(site.psql);
    expect(before).not.toBe(canary);
    for (const method of ['GET', 'HEAD']) expect((await get(`/c/${token}`, { method })).status).toBe(200);
    expect(await fingerprint(site.psql)).toBe(before);
  });

  it('confirms by a form, and comes back in the language that was chosen', async () => {
    const answer = await get(`/c/${token}/acknowledge?lang=en`, { method: 'POST' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/c/${token}?lang=en`]);
    expect(textOf((await get(`/c/${token}?lang=en`)).html)).toContain('You said “got it”: today');
  });

  it('says when there is nothing left to do', async () => {
    await site.psql.query(`update links set acknowledged_at = now(); update tasks set status = 'pending_approval'`);
    expect(textOf((await get(`/c/${token}?lang=en`)).html)).toContain('All done, Dana Levi');
    await site.psql.query('update tasks set employee_id = null');
    expect(textOf((await get(`/c/${token}?lang=en`)).html)).toContain('Nothing to do right now');
  });
});

describe('the page of a link that cannot be used', () => {
  const others = ['short', '%ZZ', '%00', 'é', 'A'.repeat(43)];

  it('is one and the same for every token that nobody knows', async () => {
    const pages = await Promise.all(others.map((other) => get(`/c/${other}?lang=en`)));
    for (const { status, html } of pages) {
      expect(status).toBe(404);
      expect(withoutNonce(html)).toBe(withoutNonce(pages[0]?.html ?? ''));
    }
    const text = textOf(pages[0]?.html ?? '');
    expect(text).toContain('There is no such page');
    expect(text).toContain('+1 555 0110');
  });

  it.each([
    ['revoked', 'update links set revoked_at = now()', 'This link has ended'],
    ['expired', `update links set expires_at = now()`, 'This link has expired'],
  ])('says of a %s link whom to ask for a new one, and nothing of its tasks', async (_what, end, words) => {
    await site.psql.query(end);
    const { status, html } = await get(`/c/${token}?lang=en`);
    expect(status).toBe(410);
    expect(textOf(html)).toContain(words);
    expect(textOf(html)).toContain('Ask for a new link.');
    expect(html).toContain('href="tel:+15550110"');
    for (const secret of [token, 'Dana', 'chimney', 'Boiler']) expect(html).not.toContain(secret);
    const posted = await get(`/c/${token}/acknowledge`, { method: 'POST', headers: { accept: 'text/html' } });
    expect([posted.status, posted.headers.get('content-type')]).toEqual([410, 'text/html; charset=utf-8']);
  });
});

function withoutNonce(html: string): string {
  return html.replace(/ nonce="[\w-]{24}"/g, '');
}

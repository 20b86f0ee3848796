// The authorisation matrix: for every route and every event of a socket, what everybody gets, and that a refusal changes
// nothing while a permission does what it says. What is expected is written by hand in authorisation-table.ts.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { eventually } from '../support/eventually.ts';
import { connectFeed, type FeedClient } from '../support/feed-client.ts';
import { createScope } from '../support/scope.ts';
import { type Found, watchRoutes } from './authorisation-routes.ts';
import { apiTokenOf, everyone, linkTokenOf, openSite, type Site, stored, type Who } from './authorisation-site.ts';
import { events, handshakes, heard, type Row, routes } from './authorisation-table.ts';

const scope = createScope();
let site: Site;
let found: Found;
let picture: Buffer;

beforeAll(async () => {
  const watch = watchRoutes();
  site = await openSite();
  found = watch;
  await site.reset();
  // Handlers of sockets are added when somebody connects.
  for (const who of ['API token', 'link A'] as const) (await connect(who)).close();
  watch.restore();
  picture = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#246' } })
    .png()
    .toBuffer();
});

afterAll(() => site.close());
beforeEach(() => site.reset());

async function ask(row: Row, who: Who): Promise<{ status: number; text: string }> {
  const method = row.route.split(' ')[0] ?? '';
  const form = new FormData();
  form.append('images', new Blob([new Uint8Array(picture)]), 'x.png');
  const json = row.body === undefined ? {} : { 'content-type': 'application/json' };
  const body = row.isUpload ? form : row.body === undefined ? null : JSON.stringify(row.body);
  const response = await fetch(`${site.server.url}${row.path.replace(':token', linkTokenOf(who))}`, {
    method,
    headers: { ...json, ...site.headersOf(who) },
    ...(body === null ? {} : { body }),
    redirect: 'manual',
  });
  return { status: response.status, text: await response.text() };
}

async function connect(who: Who): Promise<FeedClient> {
  const { authorization: _, ...headers } = site.headersOf(who);
  const isLink = who.includes('link');
  const token = apiTokenOf(who);
  const identity = headers['cookie'] === undefined ? 'anonymous' : { cookie: headers['cookie'] };
  const auth = isLink ? { link: linkTokenOf(who) } : token === undefined ? {} : { token };
  const client = await connectFeed(site.server.url, { ...auth, identity });
  scope.add(async () => client.close());
  if (isLink) await marked(who);
  return client;
}

/** After every answer to the socket of a link that is marked as opened, which must not fall into what comes next. */
async function marked(who: Who): Promise<void> {
  const opened = `select bool_and(opened_at is not null) from links where token_hash = sha256('${linkTokenOf(who)}')`;
  await eventually('the link is marked', () => isTrue(opened));
}

async function isTrue(sql: string): Promise<boolean> {
  const { rows } = await site.psql.query({ text: sql, rowMode: 'array' });
  return rows[0]?.[0] === true;
}

async function prepare({ prepare }: Row): Promise<string> {
  await site.reset();
  if (prepare) await site.psql.query(prepare);
  return await stored(site.psql);
}

async function outcome(row: Row, who: Who, before: string): Promise<string> {
  const { status, text } = await ask(row, who);
  if (status !== row.answers[who]) return `${status} ${text.slice(0, 200)}`;
  const isWrite = status < 400 && row.effect !== undefined && (row.effectFor ?? who) === who;
  if (isWrite) return (await isTrue(row.effect ?? '')) ? `${status}` : `${status}, but nothing was done`;
  return (await stored(site.psql)) === before ? `${status}` : `${status}, but something was written`;
}

/** What everybody gets. Who is refused asks first, of the very same state; who is let in finds it as it was. */
async function outcomes(row: Row): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  let before = await prepare(row);
  const isLetIn = (who: Who) => row.answers[who] < 400;
  for (const who of everyone.filter((one) => !isLetIn(one))) told[who] = await outcome(row, who, before);
  for (const who of everyone.filter(isLetIn)) {
    if (row.effect !== undefined) before = await prepare(row);
    told[who] = await outcome(row, who, before);
  }
  return told;
}

describe('every route', () => {
  it('has one row in the table, and every row a route', () => {
    expect(found.routes()).toContain('PUT /api/confirm/:token/task/:taskId');
    expect(routes.map(({ route }) => route).sort()).toEqual(found.routes());
  });

  it('that writes has an effect to be seen', () => {
    const isOpen = (answers: Row['answers']) => Object.values(answers).some((status) => status < 400);
    const writes = routes.filter(({ route, answers }) => !route.startsWith('GET ') && isOpen(answers));
    expect(writes.filter(({ effect }) => effect === undefined)).toEqual([]);
  });

  it.each(routes.map((row) => [row.route, row] as const))('%s', async (_, row) => {
    expect(await outcomes(row)).toEqual(Object.fromEntries(everyone.map((who) => [who, String(row.answers[who])])));
  });
});

describe('every event of a socket', () => {
  it('has one row in the table', () => {
    expect(found.events()).toEqual(Object.keys(events));
  });

  it.each(everyone)('is open or closed to: %s', async (who) => {
    const before = await stored(site.psql);
    const connected = await connect(who).catch((error: { data?: { code: string } }) => error.data?.code);
    expect(typeof connected === 'object' ? 'ready' : connected).toBe(handshakes[who]);
    if (typeof connected !== 'object') {
      expect(await stored(site.psql)).toBe(before);
      return;
    }
    for (const [name, { data, ...answers }] of Object.entries(events)) {
      const answer = answers[who.includes('link') ? 'link' : 'manager'];
      await site.psql.query('update links set opened_at = null');
      const count = connected.packets.length;
      connected.socket.emit(name, data);
      await connected.next(answer, () => connected.packets.length > count);
      if (who.includes('link') && answer === 'feed:ready') await marked(who);
    }
  });

  it('reaches those who may hear it, and nobody else', async () => {
    const clients = new Map<keyof typeof heard, FeedClient>();
    for (const who of Object.keys(heard) as (keyof typeof heard)[]) clients.set(who, await connect(who));
    const count = () => [...clients.values()].map(({ events: heard }) => heard.length);
    // The sockets of links mark them as opened, which managers hear of; that is over when both are marked.
    await clients.get('manager')?.next('link:updated', ({ link }) => link.id === 1);
    await clients.get('manager')?.next('link:updated', ({ link }) => link.id === 2);
    const told = count();
    await site.psql.query(`
      update tasks set title = title || '!';
      update systems set phone = '1' where id = 1;
      update employees set phone = '1' where id = 1;
      update links set expires_at = expires_at + interval '1 hour' where id = 1;`);
    // Each has heard of it before the marker comes; what comes together would be told as one.
    for (const client of clients.values()) await client.next('task:updated', ({ task }) => task.title.endsWith('!'));
    await site.psql.query(`update tasks set note = 'marker' where id in (1, 3)`);
    for (const client of clients.values()) await client.next('task:updated', ({ task }) => task.note === 'marker');
    for (const [index, [who, client]] of [...clients].entries()) {
      const names = client.events.slice(told[index]).filter(({ data }) => data.task?.note !== 'marker');
      const topics = names.map(({ name, data }) => `${name} ${data[name.split(':')[0] ?? ''].id}`);
      expect([who, [...new Set(topics)].sort()]).toEqual([who, heard[who]]);
    }
    const [, dana, marcus] = [...clients.values()].map(({ packets }) => JSON.stringify(packets));
    expect(dana).toContain('One!');
    expect(dana).not.toMatch(/Three|Four|Marcus|manager:|db:|"before":|"actor"/);
    expect(marcus).not.toMatch(/One|Two|Four|Dana|Boiler|manager:|db:|"before":|"actor"/);
  });
});

// Requests that nobody should answer with anything but 4xx: a valid one for every route, spoilt in one way each.

import { badIds, badKeys, badQueries, badTypes, type Kind, never, valid, wrong } from './hostile-values.ts';

export interface HostileRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

interface Route {
  method: string;
  /** `:id` and `:token` are filled in. */
  path: string;
  body?: Record<string, Kind>;
}

const task = {
  title: 'name',
  description: 'text',
  note: 'text',
  system_id: 'id',
  employee_id: 'id',
  status: 'status',
  due_at: 'time',
} as const;

const routes: Route[] = [
  { method: 'GET', path: '/api/tasks?' },
  { method: 'GET', path: '/api/tasks/today?' },
  { method: 'GET', path: '/api/tasks/overdue?' },
  { method: 'GET', path: '/api/tasks/:id' },
  { method: 'GET', path: '/api/tasks/:id/history?' },
  { method: 'POST', path: '/api/tasks', body: task },
  { method: 'PATCH', path: '/api/tasks', body: { items: 'items', set: 'set' } },
  { method: 'PUT', path: '/api/tasks/:id', body: { ...task, version: 'version' } },
  { method: 'PUT', path: '/api/tasks/:id/status', body: { status: 'status', version: 'version' } },
  { method: 'POST', path: '/api/tasks/:id/approve', body: { version: 'version' } },
  { method: 'POST', path: '/api/tasks/:id/send-back', body: { reason: 'name', version: 'version' } },
  { method: 'POST', path: '/api/tasks/:id/restore' },
  { method: 'DELETE', path: '/api/tasks/:id?' },
  { method: 'GET', path: '/api/systems?' },
  { method: 'GET', path: '/api/systems/:id' },
  { method: 'POST', path: '/api/systems', body: { name: 'name', location: 'text', email: 'text' } },
  { method: 'PUT', path: '/api/systems/:id', body: { name: 'name', phone: 'text' } },
  { method: 'DELETE', path: '/api/systems/:id' },
  { method: 'POST', path: '/api/employees', body: { name: 'name', position: 'text', active: 'bool' } },
  { method: 'PUT', path: '/api/employees/:id', body: { name: 'name', active: 'bool' } },
  { method: 'DELETE', path: '/api/employees/:id' },
  { method: 'GET', path: '/api/links?' },
  { method: 'DELETE', path: '/api/links/:id' },
  { method: 'POST', path: '/api/links/:id/renew', body: { expires_in_hours: 'hours' } },
  {
    method: 'POST',
    path: '/api/confirm/generate',
    body: { employee_id: 'id', task_ids: 'ids', expires_in_hours: 'hours' },
  },
  { method: 'GET', path: '/api/confirm/:token?' },
  { method: 'POST', path: '/api/confirm/:token/acknowledge' },
  { method: 'PUT', path: '/api/confirm/:token/task/:id', body: { status: 'status', note: 'text', version: 'version' } },
];

/** A generator of numbers in [0, 1) that gives the same ones for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function createHostile(random: () => number, token: string): () => HostileRequest {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const json = (body: unknown) => ({
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  });
  const fill = (path: string, id = '1') => path.replace(':id', id).replace(':token', token).replace('?', '');
  const bodyOf = (route: Route) =>
    Object.fromEntries(Object.entries(route.body ?? {}).map(([key, kind]) => [key, valid[kind]]));
  const withBody = routes.filter(({ body }) => body);

  const spoilers: (() => HostileRequest)[] = [
    () => {
      const route = pick(routes.filter(({ path }) => path.includes(':id')));
      const sent = route.body ? json(bodyOf(route)) : { headers: {}, body: undefined };
      return { method: route.method, path: fill(route.path, pick(badIds)), ...sent };
    },
    () => {
      const { method, path } = pick(routes.filter((route) => route.path.endsWith('?')));
      return { method, path: `${fill(path)}?${pick(badQueries)}`, headers: {}, body: undefined };
    },
    () => {
      const route = pick(withBody);
      const [key, kind] = pick(Object.entries(route.body ?? {}));
      return { method: route.method, path: fill(route.path), ...json({ ...bodyOf(route), [key]: pick(wrong[kind]) }) };
    },
    () => {
      const route = pick(withBody);
      const extra = `{${JSON.stringify(pick(badKeys))}:${JSON.stringify(pick(never))},${JSON.stringify(bodyOf(route)).slice(1)}`;
      return {
        method: route.method,
        path: fill(route.path),
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(extra),
      };
    },
    () => {
      const route = pick(withBody);
      return {
        method: route.method,
        path: fill(route.path),
        ...spoiltBytes(Buffer.from(JSON.stringify(bodyOf(route)))),
      };
    },
    () => {
      const route = pick(withBody);
      const { body } = json(bodyOf(route));
      return { method: route.method, path: fill(route.path), headers: { 'content-type': pick(badTypes) }, body };
    },
    () => {
      const wrongToken = pick([
        token.slice(1),
        `${token}A`,
        token.toLowerCase() === token ? 'x' : token.toLowerCase(),
        '%ZZ',
        '%00',
        '__proto__',
      ]);
      const route = pick(routes.filter(({ path }) => path.includes(':token')));
      const sent = route.body ? json(bodyOf(route)) : { headers: {}, body: undefined };
      return { method: route.method, path: fill(route.path).replace(token, wrongToken), ...sent };
    },
    () => ({
      method: pick(['PATCH', 'PUT', 'OPTIONS', 'TRACE', 'SEARCH', 'DELETE']),
      path: pick([
        '/',
        '/api',
        '/api/nothing',
        '/api/tasks/1/2/3',
        '//',
        '/c/%ZZ/acknowledge',
        '/%ZZ',
        '/%00',
        '/..%2f..',
        '*',
        'http://[',
        '/api//tasks',
        `/${'a'.repeat(5_000)}`,
      ]),
      headers: pick([{}, { origin: 'http://evil.example' }, { origin: '%%%' }, { 'idempotency-key': 'x'.repeat(300) }]),
      body: undefined,
    }),
  ];

  function spoiltBytes(body: Buffer): Pick<HostileRequest, 'headers' | 'body'> {
    const type = { 'content-type': 'application/json' };
    const cut = 1 + Math.floor(random() * (body.length - 1));
    return pick<() => Pick<HostileRequest, 'headers' | 'body'>>([
      () => ({ headers: type, body: body.subarray(0, cut) }),
      () => ({
        headers: type,
        body: Buffer.concat([
          body.subarray(0, -1),
          Buffer.from(',"x":"'),
          Buffer.from([0xff, 0xc0, 0x80]),
          Buffer.from('"}'),
        ]),
      }),
      () => ({ headers: type, body: Buffer.concat([Buffer.from([0, 0xfe, 0xff]), body]) }),
      () => ({ headers: type, body: Buffer.from('['.repeat(cut * 1_000)) }),
      () => ({
        headers: type,
        body: Buffer.from(
          pick(['null', '1', '"x"', 'NaN', '{}}', '{"a":1e}', "{'a':1}", '[]', '[1,2]', '[[]]', '\u2028']),
        ),
      }),
      () => ({
        headers: type,
        body: Buffer.concat([body.subarray(0, -1), Buffer.from(`,"x":"${'y'.repeat(1_100_000)}"}`)]),
      }),
      () => ({ headers: { ...type, 'content-encoding': pick(['gzip', 'deflate', 'br', 'rot13']) }, body }),
    ])();
  }

  return () => pick(spoilers)();
}

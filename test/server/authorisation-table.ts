// Who may do what: every route and every socket event, written by hand. A route without a row fails the test; add one
// line to `routes` and say what it does when it is allowed.
import { everyone, type Who } from './authorisation-site.ts';

export interface Row {
  /** Method and template, as the router has them. */
  route: string;
  /** The status that each of them gets. */
  answers: Record<Who, number>;
  /** The path that is asked for; `:token` is replaced by the token of who asks. */
  path: string;
  body?: unknown;
  /** A picture in place of a body. */
  isUpload?: boolean;
  /** SQL before the request. */
  prepare?: string;
  /** What a permitted write has done: SQL that is true afterwards. Reads change nothing, whoever asks. */
  effect?: string;
  /** For whom, if it is not everybody who is let in. */
  effectFor?: Who;
}

type Rest = Omit<Row, 'route' | 'answers' | 'path'>;

const all = (status: number, others: Partial<Record<Who, number>> = {}): Record<Who, number> =>
  ({ ...Object.fromEntries(everyone.map((who) => [who, status])), ...others }) as Record<Who, number>;

/** Managers, signed in or by a token of theirs; nobody else. */
const managers = (status: number) => all(401, { manager: status, 'API token': status });

/** Whoever holds the link; `other` is what the holder of another link gets. */
const holders = (status: number, other = status) =>
  all(404, { 'link A': status, 'link B': other, 'expired link': 410, 'revoked link': 410 });

const row = (route: string, answers: Row['answers'], rest: Rest & { path?: string } = {}): Row => ({
  route,
  answers,
  path: route.split(' ')[1] ?? '',
  ...rest,
});

const directories = (['systems', 'employees'] as const).flatMap((name) => [
  row(`GET /api/${name}/`, managers(200)),
  row(`GET /api/${name}/:id`, managers(200), { path: `/api/${name}/1` }),
  row(`POST /api/${name}/`, managers(201), {
    body: { name: 'New' },
    effect: `select 'New' in (select name from ${name})`,
  }),
  row(`PUT /api/${name}/:id`, managers(200), {
    path: `/api/${name}/1`,
    body: { name: 'New' },
    effect: `select name = 'New' from ${name} where id = 1`,
  }),
  row(`DELETE /api/${name}/:id`, managers(204), {
    path: `/api/${name}/2`,
    effect: `select not exists (select from ${name} where id = 2)`,
  }),
]);

const tasks = [
  row('GET /api/tasks/', managers(200)),
  row('GET /api/tasks/today', managers(200)),
  row('GET /api/tasks/overdue', managers(200)),
  row('GET /api/tasks/deleted', managers(200)),
  row('GET /api/tasks/changes', managers(200)),
  row('GET /api/tasks/:id', managers(200), { path: '/api/tasks/1' }),
  row('GET /api/tasks/:id/history', managers(200), { path: '/api/tasks/1/history' }),
  row('POST /api/tasks/', managers(201), {
    body: { title: 'New' },
    effect: `select title = 'New' from tasks where id > 100`,
  }),
  row('PATCH /api/tasks/', managers(200), {
    body: { items: [{ id: 1 }], set: { priority: 'urgent' } },
    effect: `select priority = 'urgent' from tasks where id = 1`,
  }),
  row('PUT /api/tasks/:id', managers(200), {
    path: '/api/tasks/1',
    body: { title: 'New' },
    effect: `select title = 'New' from tasks where id = 1`,
  }),
  row('DELETE /api/tasks/:id', managers(204), {
    path: '/api/tasks/1',
    effect: 'select not exists (select from tasks where id = 1)',
  }),
  row('PUT /api/tasks/:id/status', managers(200), {
    path: '/api/tasks/1/status',
    body: { status: 'completed' },
    effect: `select status = 'completed' from tasks where id = 1`,
  }),
  row('POST /api/tasks/:id/approve', managers(200), {
    path: '/api/tasks/2/approve',
    prepare: `update tasks set status = 'pending_approval' where id = 2`,
    effect: `select status = 'completed' from tasks where id = 2`,
  }),
  row('POST /api/tasks/:id/send-back', managers(200), {
    path: '/api/tasks/2/send-back',
    prepare: `update tasks set status = 'pending_approval' where id = 2`,
    body: { reason: 'Again' },
    effect: `select review_note = 'Again' from tasks where id = 2`,
  }),
  row('POST /api/tasks/:id/restore', managers(200), {
    path: '/api/tasks/4/restore',
    prepare: 'delete from tasks where id = 4',
    effect: `select title = 'Four' from tasks where id = 4`,
  }),
];

const images = [
  row('GET /api/tasks/:id/images', managers(200), { path: '/api/tasks/1/images' }),
  row('POST /api/tasks/:id/images', managers(201), {
    path: '/api/tasks/1/images',
    isUpload: true,
    effect: 'select count(*) = 2 from task_images where task_id = 1',
  }),
  row('GET /api/images/:id', managers(200), { path: '/api/images/1' }),
  row('GET /api/images/:id/thumbnail', managers(200), { path: '/api/images/1/thumbnail' }),
  row('DELETE /api/images/:id', managers(204), {
    path: '/api/images/1',
    effect: 'select count(*) = 1 from task_images',
  }),
];

const links = [
  row('GET /api/links/', managers(200)),
  row('DELETE /api/links/:id', managers(204), {
    path: '/api/links/1',
    effect: 'select revoked_at is not null from links where id = 1',
  }),
  row('POST /api/links/:id/renew', managers(201), {
    path: '/api/links/1/renew',
    effect: 'select revoked_at is not null from links where id = 1',
  }),
  row('POST /api/confirm/generate', managers(201), {
    body: { employee_id: 1, task_ids: [1] },
    effect: 'select count(*) = 5 from links',
  }),
];

const confirm = [
  row('GET /api/confirm/:token', holders(200)),
  row('POST /api/confirm/:token/acknowledge', holders(200), {
    effect: 'select bool_or(acknowledged_at is not null) from links',
  }),
  row('PUT /api/confirm/:token/task/:taskId', holders(200, 403), {
    path: '/api/confirm/:token/task/2',
    body: { note: 'New' },
    effect: `select note = 'New' from tasks where id = 2`,
  }),
  row('GET /api/confirm/:token/task/:taskId/images', holders(200, 403), { path: '/api/confirm/:token/task/1/images' }),
  row('POST /api/confirm/:token/task/:taskId/images', holders(201, 403), {
    path: '/api/confirm/:token/task/1/images',
    isUpload: true,
    effect: 'select count(*) = 2 from task_images where task_id = 1',
  }),
  row('GET /api/confirm/:token/images/:id', holders(200, 403), { path: '/api/confirm/:token/images/1' }),
  row('GET /api/confirm/:token/images/:id/thumbnail', holders(200, 403), {
    path: '/api/confirm/:token/images/1/thumbnail',
  }),
  row('DELETE /api/confirm/:token/images/:id', holders(204, 403), {
    path: '/api/confirm/:token/images/1',
    effect: 'select count(*) = 1 from task_images',
  }),
  row('GET /c/:token', holders(200)),
  row('POST /c/:token/acknowledge', holders(303), {
    effect: 'select bool_or(acknowledged_at is not null) from links',
  }),
];

const session = [
  row('POST /api/session/', all(200), {
    body: { email: 'manager@taskfeed.test', password: 'correct horse battery' },
    effect: 'select last_sign_in_at is not null from managers where id = 1',
  }),
  row('GET /api/session/', managers(200)),
  row('DELETE /api/session/', all(204), {
    effect: 'select not exists (select from sessions where manager_id = 1)',
    effectFor: 'manager',
  }),
];

const open = [
  // The pages themselves hold nothing: what they show comes from the API. Others are sent to sign in.
  ...['/', '/index.html', '/board', '/table', '/print', '/employees', '/systems', '/links', '/feed'].map((path) =>
    row(`GET ${path}`, all(303, { manager: 200, 'API token': 200 })),
  ),
  row('GET /sign-in', all(200, { manager: 303, 'API token': 303 })),
  row('POST /sign-in', all(401)),
  // A token of a link opens nothing here, whoever has it.
  row('GET /set-up/:token', all(404)),
  row('POST /set-up/:token', all(404)),
  ...['/docs', '/docs/openapi.json', '/docs/asyncapi.json', '/api/site'].map((path) => row(`GET ${path}`, all(200))),
  row('GET /healthz', all(200)),
  row('GET /readyz', all(200)),
  row('GET /api/feed', managers(200)),
  row('GET /metrics', managers(200)),
];

export const routes: Row[] = [...tasks, ...directories, ...images, ...links, ...confirm, ...session, ...open];

/** What each of them gets for a handshake: `ready`, or the code of the refusal. */
export const handshakes: Record<Who, string> = {
  anonymous: 'unauthenticated',
  manager: 'ready',
  'disabled manager': 'unauthenticated',
  'API token': 'ready',
  'revoked API token': 'unauthenticated',
  'token of a disabled manager': 'unauthenticated',
  'link A': 'ready',
  'link B': 'ready',
  'expired link': 'link_expired',
  'revoked link': 'link_revoked',
};

/** Every event that a client may send, and what it gets for it: a manager's must say since when. */
export const events: Record<string, { data: unknown; manager: string; link: string }> = {
  'feed:resume': { data: {}, manager: 'feed:reset', link: 'feed:ready' },
};

/** What each of them hears of one change of everything; nobody else hears anything. */
export const heard = {
  manager: [
    ...['employee:updated 1', 'link:updated 1', 'system:updated 1', 'task:updated 1', 'task:updated 2'],
    ...['task:updated 3', 'task:updated 4'],
  ],
  'link A': ['link:updated 1', 'system:updated 1', 'task:updated 1', 'task:updated 2'],
  'link B': ['task:updated 3'],
};

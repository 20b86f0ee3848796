// The package, packed and installed by npm into an empty project: imported in Node, type-checked, built with Vite and run in a browser.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { openBrowser } from '../support/browser-file.ts';
import { eventually } from '../support/eventually.ts';
import { testManager } from '../support/identity.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { openPage, Project } from './package-project.ts';

/** With socket.io-client, which is 12,751 of them, and zod/mini. */
const mostBytes = 28_000;

const scope = createScope();
const opened = openBrowser();
let project: Project;
let server: RunningServer;
let psql: pg.Client;

beforeAll(async () => {
  project = await Project.create(['react', 'react-dom', '@types/react']);
});

afterAll(async () => {
  await project.remove();
});

beforeEach(async () => {
  const database = await scope.database();
  psql = await scope.sql(database.url);
  await psql.query(`insert into tasks (title) values ('One'), ('Two')`);
  server = await scope.server(database, { pages: `${project.folder}/dist` });
});

describe('the package', () => {
  it('runs in Node', async () => {
    await project.write(
      'follow.js',
      `import { createTaskfeed } from 'taskfeed/client';
      const { URL: url, TOKEN: token } = process.env;
      const feed = createTaskfeed({ url, token });
      feed.freshness.subscribe(() => {
        if (feed.freshness.get().state !== 'live') return;
        console.log([...feed.tasks.rows.values()].map(({ title }) => title).join());
        feed.stop();
      });
      feed.start();`,
    );
    expect(await project.node('follow.js', { URL: server.url, TOKEN: testManager.token })).toBe('One,Two\n');
  });

  it('has its types', async () => {
    await project.write('tsconfig.json', JSON.stringify({ compilerOptions: options, files: ['typed.ts'] }));
    await project.write(
      'typed.ts',
      `import { createTaskfeed, type Task } from 'taskfeed/client';
      import { useTask } from 'taskfeed/client/react';
      const title: string | undefined = createTaskfeed({ scope: 'all' }).tasks.get(1)?.title;
      const task = (): Task | undefined => useTask(1);
      // @ts-expect-error: a task has no such field
      export default [title, task, createTaskfeed().tasks.get(1)?.colour];`,
    );
    await project.checkTypes();
  });

  it('is less than 28 kB, gzipped, with socket.io-client', async () => {
    await project.write('index.html', '<script type="module" src="/main.js"></script>');
    // What Vite adds to every page for old browsers is not the client's.
    await project.write('vite.config.js', 'export default { build: { modulePreload: { polyfill: false } } };');
    await project.write('main.js', `import { createTaskfeed } from 'taskfeed/client'; window.feed = createTaskfeed();`);
    await project.build();
    const bytes = await project.gzipped();
    process.stderr.write(`the client with socket.io-client: ${bytes} bytes gzipped\n`);
    expect(bytes).toBeLessThan(mostBytes);
  });

  it('renders in React what has changed and nothing else, and never two moments at once', async () => {
    const { browser } = opened;
    if (!browser) return;
    await project.buildPage(page);
    const shown = await openPage(scope, { browser, server });
    const seen = () => shown.evaluate(() => structuredClone(Reflect.get(window, 'seen')));
    await shown.getByText('live: One, Two').waitFor();
    const before = await seen();

    await psql.query(`update tasks set title = 'Zwei' where id = 2`);
    await shown.getByText('live: One, Zwei').waitFor();
    expect(await seen()).toMatchObject({ count: before.count, first: before.first, notices: ['batch task 2'] });

    await psql.query(`update tasks set title = 'Eins' where id = 1`);
    await shown.getByText('live: Eins, Zwei').waitFor();
    expect(await seen()).toMatchObject({ count: before.count, first: before.first + 1 });

    for (let round = 0; round < 30; round += 1) await psql.query(`update tasks set title = title || '.' where id = 1`);
    await shown.getByText(`live: Eins${'.'.repeat(30)}, Zwei`).waitFor();
    expect(await seen()).toMatchObject({ count: before.count, torn: 0 });
    await psql.query(`insert into tasks (title) values ('Three')`);
    await eventually('the count', async () => (await seen()).count === before.count + 1);
  });

  it('selects from all rows once for all batches of a frame, and at once what the user has done', async () => {
    const { browser } = opened;
    if (!browser) return;
    await project.buildPage(frames);
    const shown = await openPage(scope, { browser, server });
    const seen = () => shown.evaluate(() => structuredClone(Reflect.get(window, 'seen')));
    const paint = () => shown.evaluate(() => Reflect.get(window, 'paint')());
    const stored = (title: string) =>
      eventually(title, async () => (await shown.evaluate(() => Reflect.get(window, 'stored')())) === title);
    const shows = (title: string) => eventually(title, async () => (await seen()).title === title);
    await shows('One');
    const { renders } = await seen();
    for (const title of ['A', 'B', 'C']) {
      await psql.query('update tasks set title = $1 where id = 1', [title]);
      await stored(title);
    }
    expect(await seen()).toEqual({ renders, title: 'One' });
    await paint();
    await shows('C');
    expect(await seen()).toEqual({ renders: renders + 1, title: 'C' });
    await shown.evaluate(() => Reflect.get(window, 'hope')('Hoped'));
    await shows('Hoped');
  });

  it('renders in React a system and an employee when they change, and what is made of all of a kind', async () => {
    const { browser } = opened;
    if (!browser) return;
    await project.buildPage(directory);
    await psql.query(`insert into systems (name) values ('Boiler'), ('Pump');
      insert into employees (name) values ('Dana'), ('Noa');
      update tasks set employee_id = 1, status = 'sent' where id = 1`);
    const shown = await openPage(scope, { browser, server });
    const seen = () => shown.evaluate(() => structuredClone(Reflect.get(window, 'seen')));
    for (const text of ['system Boiler', 'employee Dana', 'of each 2, 2, 0']) await shown.getByText(text).waitFor();
    const before = await seen();

    await psql.query(
      `update systems set name = 'Pump 2' where id = 2; update employees set name = 'Noa 2' where id = 2`,
    );
    await psql.query(`update systems set name = 'Boiler 2' where id = 1`);
    await shown.getByText('system Boiler 2').waitFor();
    expect(await seen()).toEqual({ ...before, system: before.system + 1 });
    await psql.query(`update employees set name = 'Dana 2' where id = 1`);
    await shown.getByText('employee Dana 2').waitFor();
    expect(await seen()).toEqual({ ...before, system: before.system + 1, employee: before.employee + 1 });
    await server.http('POST', '/api/confirm/generate', { employee_id: 1, task_ids: [1] });
    await shown.getByText('of each 2, 2, 1').waitFor();
    await psql.query(`delete from systems where id = 2; insert into employees (name) values ('Avi')`);
    await shown.getByText('of each 1, 3, 1').waitFor();
    expect(await seen()).toMatchObject({ system: before.system + 1, employee: before.employee + 1 });
  });
});

const options = {
  strict: true,
  noEmit: true,
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: [],
  jsx: 'react-jsx',
};

const page = `
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { createTaskfeed } from 'taskfeed/client';
import { TaskfeedProvider, useFreshness, useNotices, useTask, useTasks } from 'taskfeed/client/react';

window.seen = { count: 0, first: 0, torn: 0, notices: [] };
const titles = (rows) => [...rows.values()].map(({ title }) => title);
const areEqual = (a, b) => a.join() === b.join();

function List() {
  const shown = useTasks(titles, areEqual);
  useNotices(({ topic, kind, changes }) => {
    for (const { row } of changes) window.seen.notices.push([kind, topic, row.id].join(' '));
  });
  return h('p', null, useFreshness().state, ': ', shown.slice(0, 2).join(', '));
}

function Count() {
  window.seen.count += 1;
  return h('p', null, useTasks((rows) => rows.size));
}

function First() {
  window.seen.first += 1;
  return h('p', null, useTask(1)?.title);
}

function Pair() {
  const alone = useTask(1)?.title;
  const among = useTasks((rows) => rows.get(1)?.title);
  if (alone !== among) window.seen.torn += 1;
  return null;
}

createRoot(document.getElementById('root')).render(
  h(TaskfeedProvider, { client: createTaskfeed() }, h(List), h(Count), h(First), h(Pair)),
);`;

// Frames are painted when the test says so.
const frames = `
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { createTaskfeed } from 'taskfeed/client';
import { TaskfeedProvider, useTasks } from 'taskfeed/client/react';

const waiting = new Map();
window.requestAnimationFrame = (call) => waiting.set(waiting.size + 1, call).size;
window.cancelAnimationFrame = (number) => waiting.delete(number);
window.paint = () => {
  const calls = [...waiting.values()];
  waiting.clear();
  for (const call of calls) call(performance.now());
};

window.seen = { renders: 0, title: '' };
const client = createTaskfeed();
window.stored = () => client.tasks.get(1)?.title;
window.hope = (title) => void client.optimistic('task', 1, { title }, () => new Promise(() => undefined));
const first = (rows) => rows.get(1)?.title;

function First() {
  const title = useTasks(first);
  window.seen = { renders: window.seen.renders + 1, title };
  return h('p', null, title);
}

createRoot(document.getElementById('root')).render(h(TaskfeedProvider, { client }, h(First)));`;

const directory = `
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { createTaskfeed } from 'taskfeed/client';
import {
  TaskfeedProvider, useEmployee, useEmployees, useLinks, useSystem, useSystems,
} from 'taskfeed/client/react';

window.seen = { system: 0, employee: 0, sizes: 0 };
const size = (rows) => rows.size;

function System() {
  window.seen.system += 1;
  return h('p', null, 'system ', useSystem(1)?.name);
}

function Employee() {
  window.seen.employee += 1;
  return h('p', null, 'employee ', useEmployee(1)?.name);
}

function Sizes() {
  window.seen.sizes += 1;
  return h('p', null, 'of each ', [useSystems(size), useEmployees(size), useLinks(size)].join(', '));
}

createRoot(document.getElementById('root')).render(
  h(TaskfeedProvider, { client: createTaskfeed() }, h(System), h(Employee), h(Sizes)),
);`;

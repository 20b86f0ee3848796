// The React hooks in a browser: what they show, when they render, and what they leave behind.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openBrowser } from '../support/browser-file.ts';
import { eventually } from '../support/eventually.ts';
import { createScope } from '../support/scope.ts';
import { openPage, Project } from './package-project.ts';

const scope = createScope();
const opened = openBrowser();
let project: Project;

beforeAll(async () => {
  project = await Project.create(['react', 'react-dom']);
  await project.buildPage(page);
});

afterAll(async () => {
  await project.remove();
});

async function open() {
  const { browser } = opened;
  if (!browser) return undefined;
  const database = await scope.database();
  const psql = await scope.sql(database.url);
  await psql.query(`insert into tasks (title, priority) values ('One', 'urgent'), ('Two', 'normal')`);
  const server = await scope.server(database, { pages: `${project.folder}/dist` });
  const shown = await openPage(scope, { browser, server });
  const seen = () => shown.evaluate(() => structuredClone(Reflect.get(window, 'seen')));
  const show = (props?: object) => shown.evaluate((given) => Reflect.get(window, 'show')(given), props);
  const shows = (text: string) => shown.getByText(text, { exact: true }).waitFor();
  await show({ id: 1, letter: 'O', word: 'a' });
  for (const text of ['row One', 'begin with it: 1', 'lamp live']) await shows(text);
  return { psql, shown, seen, show, shows };
}

it('renders again when what is selected is another thing, and only then', async () => {
  const at = await open();
  if (!at) return;
  const before = await at.seen();
  await at.psql.query(`update tasks set note = 'new' where id = 1`);
  // The marker: it is selected from the same rows in the same way.
  await at.psql.query(`update tasks set title = 'Uno' where id = 1`);
  await at.shows('begin with it: 0');
  await at.shows('row Uno');
  expect((await at.seen()).renders).toBe(before.renders);
  await at.psql.query(`update tasks set priority = 'urgent' where id = 2`);
  await at.shows('urgent 1,2');
  expect((await at.seen()).renders).toBe(before.renders + 1);
});

it('follows what it is given: another row, another selection, another handler', async () => {
  const at = await open();
  if (!at) return;
  await at.show({ id: 2, letter: 'Z', word: 'b' });
  for (const text of ['row Two', 'begin with it: 0']) await at.shows(text);
  await at.psql.query(`update tasks set title = 'Zwei' where id = 2`);
  for (const text of ['row Zwei', 'begin with it: 1']) await at.shows(text);
  expect((await at.seen()).told).toEqual(['b Zwei']);
});

it('shows how fresh the stores are as soon as that changes', async () => {
  const at = await open();
  if (!at) return;
  await at.shown.evaluate(() => Reflect.get(window, 'client').stop());
  await at.shows('lamp ended');
  await at.shown.evaluate(() => Reflect.get(window, 'client').start());
  await at.shows('lamp live');
});

it('leaves nothing behind: no listener, no frame that it waits for, and no connection', async () => {
  const at = await open();
  if (!at) return;
  expect((await at.seen()).listening).toEqual({ all: 6, row: 1, freshness: 1 });
  await at.shown.evaluate(() => Reflect.get(window, 'holdFrames')());
  await at.psql.query(`update tasks set title = 'Uno' where id = 1`);
  await eventually('frames are waited for', async () => (await at.seen()).frames === 2);
  await at.show();
  await eventually('all is gone', async () => (await at.seen()).frames === 0);
  expect((await at.seen()).listening).toEqual({ all: 0, row: 0, freshness: 0 });
  expect(await at.shown.evaluate(() => Reflect.get(window, 'client').freshness.get().state)).toBe('ended');
});

const page = `
import { createElement as h, useCallback } from 'react';
import { createRoot } from 'react-dom/client';
import { createTaskfeed } from 'taskfeed/client';
import { TaskfeedProvider, useFreshness, useNotices, useTask, useTasks } from 'taskfeed/client/react';

const client = createTaskfeed();
const seen = { renders: 0, told: [], listening: { all: 0, row: 0, freshness: 0 }, frames: 0 };
Object.assign(window, { client, seen });

function count(store, method, name) {
  const subscribe = store[method].bind(store);
  store[method] = (...given) => {
    const stop = subscribe(...given);
    seen.listening[name] += 1;
    return () => {
      seen.listening[name] -= 1;
      stop();
    };
  };
}
for (const store of [client.tasks, client.systems, client.employees, client.links]) count(store, 'subscribe', 'all');
count(client.tasks, 'subscribeRow', 'row');
count(client.freshness, 'subscribe', 'freshness');

window.holdFrames = () => {
  const waiting = new Set();
  let last = 0;
  window.requestAnimationFrame = () => {
    waiting.add((last += 1));
    seen.frames = waiting.size;
    return last;
  };
  window.cancelAnimationFrame = (frame) => {
    waiting.delete(frame);
    seen.frames = waiting.size;
  };
};

const urgent = (rows) => [...rows.values()].filter(({ priority }) => priority === 'urgent').map(({ id }) => id);
const areEqual = (a, b) => a.join() === b.join();

function Urgent() {
  seen.renders += 1;
  return h('p', null, ['urgent', useTasks(urgent, areEqual)].join(' '));
}

function Letter({ letter }) {
  const select = useCallback((rows) => [...rows.values()].filter(({ title }) => title[0] === letter).length, [letter]);
  return h('p', null, 'begin with it: ' + useTasks(select));
}

function Row({ id }) {
  return h('p', null, 'row ' + useTask(id)?.title);
}

function Lamp() {
  return h('p', null, 'lamp ' + useFreshness().state);
}

function Told({ word }) {
  useNotices(({ changes }) => {
    for (const { row } of changes) seen.told.push([word, row.title].join(' '));
  });
  return null;
}

const root = createRoot(document.getElementById('root'));
window.show = (props) =>
  props
    ? root.render(h(TaskfeedProvider, { client }, h(Urgent), h(Letter, props), h(Row, props), h(Lamp), h(Told, props)))
    : root.unmount();`;

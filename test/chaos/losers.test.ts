// Ways that look right and lose changes, of the server, of a client and the plain loop, each beside the right one: the
// judge of `npm run chaos` lets that pass and finds the other guilty. What each of them loses depends on the moment, so
// the moment is made here and not left to chance.
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { testManager } from '../support/identity.ts';
import type { RunningServer, RunningServerOptions } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { type ClientFault, HandScreen, type HandScreenOptions } from './hand-screen.ts';
import { Notes } from './notes.ts';
import { PlainScreen } from './plain-screen.ts';
import { plainTrigger } from './site.ts';
import { Slot } from './slot.ts';

const scope = createScope();
let database: TestDatabase;
let psql: pg.Client;
let notes: Notes;
let screens: (HandScreen | PlainScreen)[];

beforeEach(async () => {
  database = await scope.database();
  psql = await scope.sql(database.url);
  notes = new Notes();
  screens = [];
  notes.onCertain = (note) => {
    for (const { screen } of screens) screen.note(note);
  };
});

async function open(server: RunningServer, options: Pick<HandScreenOptions, 'name' | 'fault'>): Promise<HandScreen> {
  const one = new HandScreen({ ...options, url: server.url, token: testManager.token, notes });
  screens.push(one);
  scope.add(async () => one.breakOff());
  await one.begin();
  await eventually('it is live', () => one.screen.isLive);
  return one;
}

/** As every writer of the suite does: changed, committed, noted. */
async function touch(mark: string, id?: number): Promise<void> {
  const only = id === undefined ? '' : `where id = ${id}`;
  const { rows } = await psql.query(`update tasks set note = $1 ${only} returning id, version`, [mark]);
  notes.commit(rows.map(({ id, version }) => ({ id, version, mark })));
}

async function violations({ screen, rows: shown }: HandScreen | PlainScreen): Promise<string[]> {
  const { rows } = await psql.query('select id, version, note from tasks');
  screen.end(new Map(rows.map((row) => [row.id, row])), shown);
  return screen.violations;
}

// It does not poll, so a change made while nobody listens is found by the drain after LISTEN, or by nobody.
const withoutPolls = { safetyPollMs: 0, deafPollMs: 3_600_000 } as RunningServerOptions;

/**
 * While it is deaf it looks after every attempt to listen that fails, which is of no help for what is committed after the
 * last of them. So that all is committed after the last of them, these looks are left out.
 */
function withoutLooksWhileDeaf({ server }: RunningServer, { looksAfter }: { looksAfter: boolean }): void {
  const { listener } = server.feed;
  const ring = listener.ring.bind(listener);
  let isDeaf = false;
  listener.ring = () => {
    if (!isDeaf) ring();
  };
  listener.on('doorbell:deaf', () => {
    isDeaf = true;
  });
  // Whoever hears this hears it before the listener acts on it.
  listener.on('doorbell:listening', () => {
    isDeaf = !looksAfter;
  });
}

it.each([
  ['lets a server pass that drains after it listens again', true],
  ['finds a server guilty that does not drain after it listens again', false],
])('%s', async (_, isSound) => {
  await psql.query(`insert into tasks (title) values ('one')`);
  // One at a time: when another process listens again, it rings.
  const server = await scope.server(database, withoutPolls);
  const { listener } = server.server.feed;
  withoutLooksWhileDeaf(server, { looksAfter: isSound });
  const one = await open(server, { name: 'one' });
  await touch('heard');
  await eventually('it has it', () => one.rows.get(1)?.note === 'heard');
  // While it settles it looks by itself, for as long as any transaction of the whole server goes on.
  await eventually('it sleeps', () => listener.state === 'asleep');

  await psql.query(`alter database ${database.name} connection limit 0`);
  await psql.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'taskfeed listener doorbell'`,
  );
  await eventually('it is deaf', () => listener.doorbell === 'deaf');
  await touch('while deaf');
  await psql.query(`alter database ${database.name} connection limit -1`);
  await eventually('it listens', () => listener.doorbell === 'listening');
  if (isSound) await eventually('it has it', () => one.rows.get(1)?.note === 'while deaf');
  const guilt = [
    'row 1: version 3 was never shown',
    'row 1 is shown as version 2 (heard), the table has version 3 (while deaf)',
  ];
  expect(await violations(one)).toEqual(isSound ? [] : guilt);
});

/** A sound client and a wrong one. */
async function openBoth(server: RunningServer, fault: ClientFault): Promise<[HandScreen, HandScreen]> {
  return [await open(server, { name: 'sound' }), await open(server, { name: 'wrong', fault })];
}

/** A change that both are told: whatever should have come before it has come, or never will. */
async function touchLast(): Promise<void> {
  await touch('last', 1);
  await eventually('both have the last change', () => screens.every(({ rows }) => rows.get(1)?.note === 'last'));
}

it('finds a client guilty that moves its cursor before feed:ready', async () => {
  // More than is handed over at once, so that what was missed has come before the server says that this was all.
  await psql.query(`insert into tasks (title, description) select n, repeat('x', 5000) from generate_series(1, 100) n`);
  const server = await scope.server(database);
  const [right, wrong] = await openBoth(server, 'hasty');
  for (const one of [right, wrong]) one.breakOff();
  await touch('missed');
  for (const one of [right, wrong]) one.comeBack({ isCut: true });
  await eventually('both are back', () => screens.every(({ screen }) => screen.isLive));
  expect(await violations(right)).toEqual([]);
  expect((await violations(wrong))[0]).toBe('row 1: version 2 was never shown');
});

it('finds a client guilty that comes back without its cursor', async () => {
  await psql.query(`insert into tasks (title) values ('one')`);
  const [right, wrong] = await openBoth(await scope.server(database), 'forgets its cursor');
  for (const one of [right, wrong]) one.breakOff();
  await touch('missed');
  for (const one of [right, wrong]) one.comeBack();
  await eventually('both are back', () => screens.every(({ screen }) => screen.isLive));
  await touchLast();
  expect(await violations(right)).toEqual([]);
  expect(await violations(wrong)).toEqual(['row 1: versions 2 to 2 were left out before updated 3']);
});

it('finds a client guilty that ignores resets', async () => {
  await psql.query(`insert into tasks (title) select n from generate_series(1, 20) n`);
  const [right, wrong] = await openBoth(await scope.server(database, { bulkLimit: 10 }), 'ignores resets');
  await touch('in bulk');
  await eventually(
    'the sound one has loaded anew',
    () => right.screen.isLive && right.rows.get(20)?.note === 'in bulk',
  );
  await touchLast();
  expect(await violations(right)).toEqual([]);
  expect((await violations(wrong))[0]).toBe('row 1: versions 2 to 2 were left out before updated 3');
});

const plainScript = fileURLToPath(new URL('plain-child.ts', import.meta.url));

it('finds the plain loop guilty, which looks at nothing after it listens again', async () => {
  await psql.query(`insert into tasks (title) values ('one')`);
  await psql.query(plainTrigger);
  const slot = await Slot.open('plain', plainScript, [database.appUrl]);
  scope.add(() => slot.close());
  await slot.ready();
  const one = new PlainScreen({ name: 'plain', url: slot.url, notes });
  scope.add(async () => one.stop());
  screens.push(one);
  await eventually('it is live', () => one.screen.isLive);

  const ofListener = `from pg_stat_activity where datname = current_database() and application_name = 'plain listener'`;
  const listened = slot.count('listening');
  await psql.query(`alter database ${database.name} connection limit 0`);
  await psql.query(`select pg_terminate_backend(pid) ${ofListener}`);
  await eventually('it is deaf', async () => (await psql.query(`select ${ofListener}`)).rowCount === 0);
  await touch('while deaf');
  await psql.query(`alter database ${database.name} connection limit -1`);
  await eventually('it listens', () => slot.count('listening') > listened);
  await touchLast();
  expect(await violations(one)).toEqual(['row 1: versions 2 to 2 were left out before updated 3']);
});

// What it costs to tell many clients the same: Taskfeed's one packet per drain beside a packet per event, as io.emit
// does it, and beside bare WebSockets with one frame for all. Twenty rows change per drain.
import { readFile, writeFile } from 'node:fs/promises';
import { testManager } from '../support/identity.ts';
import type { FanOutClientsHandlers } from './fan-out-clients-child.ts';
import type { FanOutServerHandlers, Way } from './fan-out-server-child.ts';
import { median } from './figures.ts';
import { watchOthers } from './foreign.ts';
import { describeMachine, type Machine } from './machine.ts';
import { openSite, type Site } from './site.ts';
import { Worker } from './workers.ts';

const ways: Way[] = ['taskfeed', 'emit', 'ws'];
const eventsPerDrain = 20;
/** Processes with clients. */
const crowds = 2;

interface Measured {
  way: Way;
  clients: number;
  /** Changes that reached a client, per second, over all clients. */
  perSecond: number;
  /** Of the server's process, for each of them, µs. */
  cpu: number;
  /** Of each connected client in the server's process, bytes. */
  bytes: { rss: number; used: number };
  others: number | undefined;
}

export interface FanOutOptions {
  clients: number[];
  rounds: number;
  /** Changes delivered per round and number of clients, about. */
  deliveries: number;
}

export async function measureFanOut(options: FanOutOptions): Promise<void> {
  const machine = describeMachine('PostgreSQL 18', 'pgbench');
  const site = await openSite(['taskfeed']);
  const measured: Measured[] = [];
  try {
    const sample = await readEvents(site);
    for (let round = 0; round < options.rounds; round += 1) {
      for (const clients of options.clients) {
        for (const way of ways) {
          const one = await measure(site, { way, clients, sample, drains: drainsFor(options.deliveries, clients) });
          measured.push(one);
          const share = one.others === undefined ? '' : `, others ${(one.others * 100).toFixed(0)} %`;
          console.log(
            `${clients} clients, ${way}: ${Math.round(one.perSecond)} changes/s, ${one.cpu.toFixed(2)} µs each, ` +
              `${Math.round(one.bytes.used / 1024)} kB heap and ${Math.round(one.bytes.rss / 1024)} kB RSS a client${share}`,
          );
        }
      }
    }
    const idle = await costOfDrains(site, 200);
    console.log(`a drain without any client: ${(idle / 1_000).toFixed(2)} ms`);
    const lines = report(measured, { ...options, machine: machine(), idle });
    for (const line of lines) console.log(line);
    await write(lines);
  } finally {
    await site.close();
  }
}

function drainsFor(deliveries: number, clients: number): number {
  return Math.max(5, Math.round(deliveries / (clients * eventsPerDrain)));
}

interface Round {
  way: Way;
  clients: number;
  drains: number;
  sample: object[];
}

async function measure(site: Site, { way, clients, drains, sample }: Round): Promise<Measured> {
  const server = new Worker<FanOutServerHandlers>('fan-out-server-child.ts');
  const crowd = Array.from({ length: crowds }, () => new Worker<FanOutClientsHandlers>('fan-out-clients-child.ts'));
  const others = watchOthers(site.server.pid);
  try {
    const url = await server.call.start(way, site.appUrl('taskfeed'));
    const packets = way === 'emit' ? eventsPerDrain : 1;
    const drain = async (number: number) => {
      if (way === 'taskfeed') await touch(site, number);
      else await server.call.send(sample);
      await Promise.all(crowd.map(({ call }) => call.heard((number * packets * clients) / crowds)));
    };
    const empty = await server.call.memory();
    const auth = way === 'ws' ? undefined : { protocol: 1, batch: true, token: testManager.token };
    await Promise.all(crowd.map(({ call }) => call.connect(url, clients / crowds, auth)));
    const full = await server.call.memory();
    const warm = 3;
    for (let number = 1; number <= warm; number += 1) await drain(number);
    others();
    const [cpu, began] = [await server.call.cpu(), performance.now()];
    for (let number = warm + 1; number <= warm + drains; number += 1) await drain(number);
    const seconds = (performance.now() - began) / 1_000;
    const changes = drains * eventsPerDrain * clients;
    const used = (await server.call.cpu()) - cpu;
    const bytes = { rss: (full.rss - empty.rss) / clients, used: (full.used - empty.used) / clients };
    return { way, clients, perSecond: changes / seconds, cpu: used / changes, bytes, others: others() };
  } finally {
    await Promise.all(crowd.map((one) => one.close()));
    await server.call.stop();
    await server.close();
  }
}

/** One statement, one drain. */
async function touch(site: Site, number: number): Promise<void> {
  const sql = 'update public.tasks set note = $1 where id <= $2';
  await site.query('taskfeed', sql, [`drain ${number} ${performance.now()}`, eventsPerDrain]);
}

/** The server's processor time for a drain that nobody hears, µs: what is not fan-out. */
async function costOfDrains(site: Site, drains: number): Promise<number> {
  const server = new Worker<FanOutServerHandlers>('fan-out-server-child.ts');
  const crowd = new Worker<FanOutClientsHandlers>('fan-out-clients-child.ts');
  try {
    const url = await server.call.start('taskfeed', site.appUrl('taskfeed'));
    await crowd.call.connect(url, 1, { protocol: 1, batch: true, token: testManager.token });
    const cpu = await server.call.cpu();
    for (let number = 1; number <= drains; number += 1) {
      await touch(site, number);
      await crowd.call.heard(number);
    }
    return ((await server.call.cpu()) - cpu) / drains;
  } finally {
    await crowd.close();
    await server.call.stop();
    await server.close();
  }
}

/** What the other ways send: the same rows with the same words about them. */
async function readEvents(site: Site): Promise<object[]> {
  const rows = await site.query(
    'taskfeed',
    'select to_json(d) as task from public.task_details d where id <= $1 order by id',
    [eventsPerDrain],
  );
  const change = {
    seq: '123456',
    changed: ['note'],
    before: { note: 'drain 41 12345.678901' },
    actor: 'db:taskfeed (bench)',
    actor_name: null,
    at: '2026-01-01T12:00:00.123456+00:00',
    count: 1,
  };
  return rows.map(({ task }) => ({ event: 'task:updated', task, change }));
}

interface Circumstances extends FanOutOptions {
  machine: Machine;
  idle: number;
}

function report(measured: Measured[], { clients, rounds, machine, idle }: Circumstances): string[] {
  const of = (way: Way, count: number) => measured.filter((one) => one.way === way && one.clients === count);
  const figure = (way: Way, count: number, read: (one: Measured) => number) => median(of(way, count).map(read));
  const lines = [
    `Measured on ${machine.date}, ${machine.processors}, Node.js ${machine.node}, load before ${machine.load.before.toFixed(1)}; ` +
      `medians of ${rounds} rounds, ${eventsPerDrain} changes a drain. Server and clients share the processors.`,
    '',
    '| clients | way | changes delivered/s | server CPU per delivered change | heap a client | RSS a client | others’ CPU |',
    '| --: | --- | --: | --: | --: | --: | --: |',
  ];
  for (const count of clients) {
    for (const way of ways) {
      const kB = (read: (one: Measured) => number) => `${(figure(way, count, read) / 1_024).toFixed(1)} kB`;
      const others = figure(way, count, (one) => one.others ?? Number.NaN) * 100;
      lines.push(
        `| ${count.toLocaleString('en')} | ${titles[way]} | ${Math.round(figure(way, count, (one) => one.perSecond)).toLocaleString('en')} ` +
          `| ${figure(way, count, (one) => one.cpu).toFixed(2)} µs | ${kB((one) => one.bytes.used)} | ${kB((one) => one.bytes.rss)} | ${others.toFixed(0)} % |`,
      );
    }
  }
  lines.push(
    '',
    `The drain itself, which the others do not have, takes ${(idle / 1_000).toFixed(2)} ms of the server’s CPU.`,
    '',
  );
  lines.push(
    '| clients | per event ÷ Taskfeed | without the drain (bar ≥ 5) | bare WebSockets ÷ Taskfeed | without the drain (bar ≥ 0.8) |',
    '| --: | --: | --: | --: | --: |',
  );
  for (const count of clients) {
    const cpu = (way: Way) => figure(way, count, (one) => one.cpu);
    const fanOut = cpu('taskfeed') - idle / (eventsPerDrain * count);
    const ratios = [
      cpu('emit') / cpu('taskfeed'),
      cpu('emit') / fanOut,
      cpu('ws') / cpu('taskfeed'),
      cpu('ws') / fanOut,
    ];
    lines.push(`| ${count.toLocaleString('en')} | ${ratios.map((ratio) => ratio.toFixed(2)).join(' | ')} |`);
  }
  return lines;
}

const titles: Record<Way, string> = {
  taskfeed: 'Taskfeed, a packet per drain',
  emit: 'io.emit, a packet per event',
  ws: 'bare WebSockets, one frame for all',
};

async function write(lines: string[]): Promise<void> {
  const path = new URL('../../docs/performance.md', import.meta.url);
  const document = await readFile(path, 'utf8');
  const [before, after] = [document.split('<!-- fan-out -->')[0], document.split('<!-- /fan-out -->')[1]];
  if (before === undefined || after === undefined) throw new Error('docs/performance.md has lost its markers');
  await writeFile(path, `${before}<!-- fan-out -->\n${lines.join('\n')}\n<!-- /fan-out -->${after}`);
}

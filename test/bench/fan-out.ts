// What it costs to tell many clients the same: Taskfeed's one packet per drain beside a packet per event, as io.emit
// does it, and beside bare WebSockets with one frame for all. Twenty rows change per drain, and all three drain alike.
import { readFile, writeFile } from 'node:fs/promises';
import { testManager } from '../support/identity.ts';
import type { FanOutClientsHandlers } from './fan-out-clients-child.ts';
import type { FanOutServerHandlers, Way } from './fan-out-server-child.ts';
import { median } from './figures.ts';
import { type Disturbance, describeDisturbance, watchOthers } from './foreign.ts';
import { describeMachine, type Machine } from './machine.ts';
import { openSite, type Site } from './site.ts';
import { Worker } from './workers.ts';

const ways: Way[] = ['taskfeed', 'emit', 'ws'];
const eventsPerDrain = 20;
/** Drains before anything is measured. */
const warmUps = 200;
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
  disturbance: Disturbance | undefined;
}

export interface FanOutOptions {
  clients: number[];
  rounds: number;
  /** Changes delivered per round and number of clients, about. */
  deliveries: number;
  /** Into docs/performance.md. */
  isWritten: boolean;
}

/** Resolves with whether all bars are met. */
export async function measureFanOut(options: FanOutOptions): Promise<boolean> {
  const machine = describeMachine('PostgreSQL 18', 'pgbench');
  const site = await openSite(['taskfeed']);
  const measured: Measured[] = [];
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      for (const clients of options.clients) {
        for (const way of ways) {
          const one = await measure(site, { way, clients, drains: drainsFor(options.deliveries, clients) });
          measured.push(one);
          console.log(
            `${clients} clients, ${way}: ${Math.round(one.perSecond)} changes/s, ${one.cpu.toFixed(2)} µs each, ` +
              `${Math.round(one.bytes.used / 1024)} kB heap and ${Math.round(one.bytes.rss / 1024)} kB RSS a client${describeDisturbance(one.disturbance)}`,
          );
        }
      }
    }
    const verdicts = judge(measured, options.clients);
    const lines = report(measured, verdicts, { ...options, machine: machine() });
    for (const line of lines) console.log(line);
    if (options.isWritten) await write(lines);
    return verdicts.every(({ isMet }) => isMet);
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
}

async function measure(site: Site, { way, clients, drains }: Round): Promise<Measured> {
  const server = new Worker<FanOutServerHandlers>('fan-out-server-child.ts');
  const crowd = Array.from({ length: crowds }, () => new Worker<FanOutClientsHandlers>('fan-out-clients-child.ts'));
  const others = watchOthers(site.server.pid);
  try {
    const url = await server.call.start(way, site.appUrl('taskfeed'));
    const packets = way === 'emit' ? eventsPerDrain : 1;
    const drain = async (number: number) => {
      await touch(site, number);
      await Promise.all(crowd.map(({ call }) => call.heard((number * packets * clients) / crowds)));
    };
    const auth = way === 'ws' ? undefined : { protocol: 1, batch: true, token: testManager.token };
    // Node takes some hundred calls to compile what runs often; with one client that costs little.
    const [first] = crowd as [Worker<FanOutClientsHandlers>];
    await first.call.connect(url, 1, auth);
    for (let number = 1; number <= warmUps; number += 1) {
      await touch(site, -number);
      await first.call.heard(number * packets);
    }
    await first.call.close();
    const empty = await server.call.memory();
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
    return { way, clients, perSecond: changes / seconds, cpu: used / changes, bytes, disturbance: others() };
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

interface Circumstances extends FanOutOptions {
  machine: Machine;
}

interface Verdict {
  clients: number;
  perEvent: number;
  bare: number;
  isMet: boolean;
}

const bars = { perEvent: 5, bare: 0.8 };

/** How many times Taskfeed's processor time the other two take. */
function judge(measured: Measured[], counts: number[]): Verdict[] {
  return counts.map((clients) => {
    const cpu = (way: Way) =>
      median(measured.filter((one) => one.way === way && one.clients === clients).map((one) => one.cpu));
    const [perEvent, bare] = [cpu('emit') / cpu('taskfeed'), cpu('ws') / cpu('taskfeed')];
    return { clients, perEvent, bare, isMet: perEvent >= bars.perEvent && bare >= bars.bare };
  });
}

function report(measured: Measured[], verdicts: Verdict[], { clients, rounds, machine }: Circumstances): string[] {
  const of = (way: Way, count: number) => measured.filter((one) => one.way === way && one.clients === count);
  const figure = (way: Way, count: number, read: (one: Measured) => number) => median(of(way, count).map(read));
  const isBusy = median(measured.map(({ disturbance }) => disturbance?.others ?? 0)) > 0.05;
  const lines = [
    `Measured on ${machine.date}, ${machine.processors}, Node.js ${machine.node}, load before ${machine.load.before.toFixed(1)}; ` +
      `medians of ${rounds} rounds, ${eventsPerDrain} changes a drain. Server and clients share the processors.${isBusy ? ' **Measured while other work ran on the machine.**' : ''}`,
    '',
    '| clients | way | changes delivered/s | server CPU per delivered change | heap a client | RSS a client | others’ CPU |',
    '| --: | --- | --: | --: | --: | --: | --: |',
  ];
  for (const count of clients) {
    for (const way of ways) {
      const kB = (read: (one: Measured) => number) => `${(figure(way, count, read) / 1_024).toFixed(1)} kB`;
      const others = figure(way, count, (one) => one.disturbance?.others ?? Number.NaN) * 100;
      lines.push(
        `| ${count.toLocaleString('en')} | ${titles[way]} | ${Math.round(figure(way, count, (one) => one.perSecond)).toLocaleString('en')} ` +
          `| ${figure(way, count, (one) => one.cpu).toFixed(2)} µs | ${kB((one) => one.bytes.used)} | ${kB((one) => one.bytes.rss)} | ${others.toFixed(0)} % |`,
      );
    }
  }
  lines.push(
    '',
    'CPU per delivered change, all three with the same drains:',
    '',
    `| clients | per event ÷ Taskfeed (bar ≥ ${bars.perEvent}) | bare WebSockets ÷ Taskfeed (bar ≥ ${bars.bare}) | |`,
    '| --: | --: | --: | --- |',
  );
  for (const { clients: count, perEvent, bare, isMet } of verdicts) {
    const ratios = [perEvent, bare].map((ratio) => ratio.toFixed(2)).join(' | ');
    lines.push(`| ${count.toLocaleString('en')} | ${ratios} | ${isMet ? 'met' : '**missed**'} |`);
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

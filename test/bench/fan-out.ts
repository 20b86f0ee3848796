// What it costs to tell many clients the same: Taskfeed's one packet per drain beside a packet per event, as io.emit
// does it, and beside bare WebSockets with one frame for all. Twenty rows change per drain, and all three drain alike.
import { readFile, writeFile } from 'node:fs/promises';
import { testManager } from '../support/identity.ts';
import type { FanOutClientsHandlers } from './fan-out-clients-child.ts';
import type { FanOutServerHandlers, Way } from './fan-out-server-child.ts';
import { median } from './figures.ts';
import { type Disturbance, watchOthers } from './foreign.ts';
import { describeMachine, type Machine } from './machine.ts';
import { openSite, type Site } from './site.ts';
import { Worker } from './workers.ts';

const ways: Way[] = ['taskfeed', 'emit', 'ws'];
const eventsPerDrain = 20;
/** Drains before anything is measured: until then Node compiles what runs often, and that is nobody's price. */
const warmUps = 1_000;
/** Processes with clients, for each way. */
const crowds = 2;
/** So few clients take no more memory than else comes and goes in a process. */
const fewest = 1_000;

interface Measured {
  way: Way;
  clients: number;
  /** Changes that reached a client, per second, over all clients. */
  perSecond: number;
  /** Of the server's process, for each of them, µs. */
  cpu: number;
}

interface Size {
  clients: number;
  /** One of each way per round, measured one right after the other. */
  rounds: Record<Way, Measured>[];
  /** Of each connected client in the server's process, bytes. */
  bytes: Record<Way, Bytes>;
  disturbance: Disturbance | undefined;
}

interface Bytes {
  rss: number;
  used: number;
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
  const site = await openSite(ways.map(databaseOf));
  const sizes: Size[] = [];
  try {
    for (const clients of options.clients) sizes.push(await measure(site, { ...options, clients }));
    const verdicts = sizes.map(judge);
    const lines = report(sizes, verdicts, { ...options, machine: machine() });
    for (const line of lines) console.log(line);
    if (options.isWritten) await write(lines);
    return verdicts.every(({ isMet }) => isMet);
  } finally {
    await site.close();
  }
}

/** Each way has a database of its own, so that only those drain that are measured. */
const databaseOf = (way: Way) => `way_${way}`;

// All ways stand side by side with all their clients and take turns in short blocks, so that what the machine does
// meanwhile is the same for all of them.
async function measure(site: Site, options: Omit<FanOutOptions, 'clients'> & { clients: number }): Promise<Size> {
  const { clients, rounds, deliveries } = options;
  const crews = ways.map((way) => new Crew(site, way, clients));
  const others = watchOthers(site.server.pid);
  const size: Size = { clients, rounds: [], bytes: {} as Size['bytes'], disturbance: undefined };
  try {
    for (const crew of crews) size.bytes[crew.way] = await crew.open();
    others();
    const drains = Math.max(5, Math.round(deliveries / (clients * eventsPerDrain)));
    for (let round = 0; round < rounds; round += 1) {
      const turn = crews.map((_, index) => crews[(index + round) % crews.length] as Crew);
      const block = {} as Record<Way, Measured>;
      for (const crew of turn) block[crew.way] = await crew.block(drains);
      size.rounds.push(block);
      const told = ways.map((way) => `${way} ${block[way].cpu.toFixed(2)} µs, ${Math.round(block[way].perSecond)}/s`);
      console.log(`${clients} clients, ${round + 1}/${rounds}: ${told.join(' · ')}`);
    }
    return { ...size, disturbance: others() };
  } finally {
    await Promise.all(crews.map((crew) => crew.close()));
  }
}

/** A server that tells in one way, and its clients. */
class Crew {
  readonly way: Way;
  readonly #clients: number;
  readonly #site: Site;
  readonly #packets: number;
  readonly #server = new Worker<FanOutServerHandlers>('fan-out-server-child.ts');
  readonly #crowd = Array.from({ length: crowds }, () => new Worker<FanOutClientsHandlers>('fan-out-clients-child.ts'));
  #drains = 0;

  constructor(site: Site, way: Way, clients: number) {
    this.#site = site;
    this.way = way;
    this.#clients = clients;
    this.#packets = way === 'emit' ? eventsPerDrain : 1;
  }

  /** Resolves with what each client takes, when all are connected and everything is warm. */
  async open(): Promise<Bytes> {
    const { call } = this.#server;
    const url = await call.start(this.way, this.#site.appUrl(databaseOf(this.way)));
    const auth = this.way === 'ws' ? undefined : { protocol: 1, batch: true, token: testManager.token };
    // With one client that costs little.
    const [first] = this.#crowd as [Worker<FanOutClientsHandlers>];
    await first.call.connect(url, 1, auth);
    for (let number = 1; number <= warmUps; number += 1) {
      await this.#touch();
      await first.call.heard(number * this.#packets);
    }
    await first.call.close();
    const empty = await call.memory();
    for (const { call: crowd } of this.#crowd) await crowd.connect(url, this.#clients / crowds, auth);
    const full = await call.memory();
    const each = (read: (bytes: Bytes) => number) => (read(full) - read(empty)) / this.#clients;
    for (let number = 1; number <= 3; number += 1) await this.#drain();
    return { rss: each(({ rss }) => rss), used: each(({ used }) => used) };
  }

  async block(drains: number): Promise<Measured> {
    const { call } = this.#server;
    const [cpu, began] = [await call.cpu(), performance.now()];
    for (let number = 1; number <= drains; number += 1) await this.#drain();
    const seconds = (performance.now() - began) / 1_000;
    const changes = drains * eventsPerDrain * this.#clients;
    const used = (await call.cpu()) - cpu;
    return { way: this.way, clients: this.#clients, perSecond: changes / seconds, cpu: used / changes };
  }

  async close(): Promise<void> {
    await Promise.all(this.#crowd.map((one) => one.close()));
    await this.#server.call.stop();
    await this.#server.close();
  }

  async #drain(): Promise<void> {
    this.#drains += 1;
    await this.#touch();
    const packets = (this.#drains * this.#packets * this.#clients) / crowds;
    await Promise.all(this.#crowd.map(({ call }) => call.heard(packets)));
  }

  /** One statement, one drain. */
  async #touch(): Promise<void> {
    const sql = 'update public.tasks set note = $1 where id <= $2';
    await this.#site.query(databaseOf(this.way), sql, [`at ${performance.now()}`, eventsPerDrain]);
  }
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

/** How many times Taskfeed's processor time the other two take, each beside it in the same round. */
function judge({ clients, rounds }: Size): Verdict {
  const times = (way: Way) => median(rounds.map((round) => round[way].cpu / round.taskfeed.cpu));
  const [perEvent, bare] = [times('emit'), times('ws')];
  return { clients, perEvent, bare, isMet: perEvent >= bars.perEvent && bare >= bars.bare };
}

function report(sizes: Size[], verdicts: Verdict[], { rounds, machine }: Circumstances): string[] {
  const isBusy = median(sizes.map(({ disturbance }) => disturbance?.others ?? 0)) > 0.05;
  const lines = [
    `Measured on ${machine.date}, ${machine.processors}, Node.js ${machine.node}, load before ${machine.load.before.toFixed(1)}; ` +
      `medians of ${rounds} rounds, ${eventsPerDrain} changes a drain. Server and clients share the processors.${isBusy ? ' **Measured while other work ran on the machine.**' : ''}`,
    '',
    '| clients | way | changes delivered/s | server CPU per delivered change | heap a client | RSS a client | others’ CPU |',
    '| --: | --- | --: | --: | --: | --: | --: |',
    ...sizes.flatMap((size) => ways.map((way) => cell(size, way))),
    '',
    'CPU per delivered change, all three with the same drains, medians of the ratios in each round:',
    '',
    `| clients | per event ÷ Taskfeed (bar ≥ ${bars.perEvent}) | bare WebSockets ÷ Taskfeed (bar ≥ ${bars.bare}) | |`,
    '| --: | --: | --: | --- |',
  ];
  for (const { clients: count, perEvent, bare, isMet } of verdicts) {
    const ratios = [perEvent, bare].map((ratio) => ratio.toFixed(2)).join(' | ');
    lines.push(`| ${count.toLocaleString('en')} | ${ratios} | ${isMet ? 'met' : '**missed**'} |`);
  }
  return lines;
}

function cell({ clients, rounds, bytes, disturbance }: Size, way: Way): string {
  const figure = (read: (one: Measured) => number) => median(rounds.map((round) => read(round[way])));
  const kB = (value: number) => (clients < fewest ? '–' : `${(value / 1_024).toFixed(1)} kB`);
  const perSecond = Math.round(figure((one) => one.perSecond)).toLocaleString('en');
  const cpu = figure((one) => one.cpu).toFixed(2);
  const others = disturbance ? `${(disturbance.others * 100).toFixed(0)} %` : '–';
  return (
    `| ${clients.toLocaleString('en')} | ${titles[way]} | ${perSecond} | ${cpu} µs ` +
    `| ${kB(bytes[way].used)} | ${kB(bytes[way].rss)} | ${others} |`
  );
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

// One run: writers and faults for so long, then quiet, then the verdict on every screen.

import { Random } from '../soak/random.ts';
import { testManager } from '../support/identity.ts';
import { deck, type FaultFigures, Faults, type Kind } from './faults.ts';
import { Notes } from './notes.ts';
import { PlainScreen } from './plain-screen.ts';
import type { Screen } from './screen.ts';
import { Site } from './site.ts';
import { TaskfeedScreen } from './taskfeed-screen.ts';
import { ApiWriter, LinkWriter, linked, SqlWriter, type WriterFigures } from './writers.ts';

export interface CampaignOptions {
  seed: number;
  seconds: number;
  /** Rounds of all kinds of faults, spread over the time. */
  rounds: number;
  /** Instead of by time: so many changes are committed and answered before every fault, however long that takes. */
  changesPerFault?: number;
  kinds: readonly Kind[];
  screens: number;
  writers: { sql: number; api: number; link: number };
  pauseMs: number;
  silenceMs: number;
  settings: Record<string, string>;
  bulkLimit: number;
  /** How long after the last fault screens may take to be equal to the table, s. */
  patience: number;
  log: (line: string) => void;
}

export interface CampaignResult {
  seed: number;
  seconds: number;
  faults: Map<Kind, FaultFigures>;
  writers: WriterFigures;
  certain: number;
  maybe: number;
  taskfeed: { screen: Screen; resets: Record<string, number>; connections: number }[];
  plain: Screen[];
  /** Processes that ended although nobody killed them. */
  crashes: { name: string; reason: string }[];
  reports: Record<string, number>;
  rows: number;
}

interface TableRow {
  id: number;
  version: number;
  note: string | null;
}

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { settings, bulkLimit } = options;
  const site = await Site.open({ settings, bulkLimit });
  try {
    return await new Campaign(site, options).run();
  } finally {
    await site.close();
  }
}

const { token } = testManager;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

class Campaign {
  readonly #site: Site;
  readonly #options: CampaignOptions;
  readonly #notes = new Notes();
  readonly #random: Random;
  readonly #writers: WriterFigures = {
    transactions: 0,
    rolledBack: 0,
    failed: 0,
    requests: 0,
    linkRequests: 0,
    held: 0,
  };
  #taskfeed: TaskfeedScreen[] = [];
  #plain: PlainScreen[] = [];

  constructor(site: Site, options: CampaignOptions) {
    this.#site = site;
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  async run(): Promise<CampaignResult> {
    const { seed, seconds, silenceMs } = this.#options;
    const faults = new Faults({ site: this.#site, random: this.#random.fork(), silenceMs });
    try {
      await this.#openScreens();
      this.#notes.onCertain = (note) => {
        for (const screen of this.#screens()) screen.note(note);
      };
      let isOver = false;
      const writing = Promise.all((await this.#createWriters()).map((writer) => writer.run(() => isOver)));
      await this.#breakThings(faults);
      isOver = true;
      await writing;
      const rows = await this.#settle();
      return {
        seed,
        seconds,
        faults: faults.figures,
        writers: this.#writers,
        certain: this.#notes.certain.length,
        maybe: this.#notes.maybe,
        taskfeed: this.#taskfeed.map(({ screen, resets, connections }) => ({ screen, resets, connections })),
        plain: this.#plain.map(({ screen }) => screen),
        ...this.#told(),
        rows,
      };
    } finally {
      for (const screen of [...this.#taskfeed, ...this.#plain]) screen.stop();
    }
  }

  #screens(): Screen[] {
    return [...this.#taskfeed, ...this.#plain].map(({ screen }) => screen);
  }

  async #openScreens(): Promise<void> {
    const { apps, plains } = this.#site;
    const notes = this.#notes;
    for (let number = 0; number < this.#options.screens; number += 1) {
      const [app, plain] = [apps[number % 2], plains[number % 2]];
      if (!app || !plain) continue;
      this.#taskfeed.push(new TaskfeedScreen({ name: `Taskfeed ${number}`, url: app.proxy.url, token, notes }));
      this.#plain.push(new PlainScreen({ name: `plain ${number}`, url: plain.proxy.url, notes }));
    }
    await this.#until('every screen is live', 30, () => this.#screens().every(({ isLive }) => isLive));
  }

  async #createWriters(): Promise<(SqlWriter | ApiWriter | LinkWriter)[]> {
    const { writers, pauseMs } = this.#options;
    const of = (name: string) => {
      const [site, notes, figures] = [this.#site, this.#notes, this.#writers];
      return { site, notes, figures, token, pauseMs, name, random: this.#random.fork() };
    };
    const all: (SqlWriter | ApiWriter | LinkWriter)[] = [];
    for (let number = 0; number < writers.sql; number += 1) all.push(new SqlWriter(of(`sql${number}`)));
    for (let number = 0; number < writers.api; number += 1) all.push(new ApiWriter(of(`api${number}`)));
    for (let number = 0; number < writers.link; number += 1) {
      all.push(new LinkWriter(of(`link${number}`), await this.#issueLink(number)));
    }
    return all;
  }

  async #issueLink(number: number): Promise<{ token: string; taskIds: number[] }> {
    const tasks = await this.#site.query<{ id: number; employee_id: number }>(
      'select id, employee_id from public.tasks where employee_id = $1 and id <= $2',
      [1 + number, linked],
    );
    const taskIds = tasks.map(({ id }) => id);
    const response = await fetch(`${this.#site.apps[0]?.url}/api/confirm/generate`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ employee_id: 1 + number, task_ids: taskIds }),
    });
    const issued = (await response.json()) as { token: string };
    if (!response.ok) throw new Error(`no link: ${JSON.stringify(issued)}`);
    return { token: issued.token, taskIds };
  }

  async #breakThings(faults: Faults): Promise<void> {
    const { seconds, rounds, kinds, changesPerFault, log } = this.#options;
    const random = this.#random.fork();
    const cards = deck(random, rounds, kinds);
    const began = performance.now();
    const end = began + seconds * 1_000;
    for (const [turn, kind] of cards.entries()) {
      // By time: what is left, divided by how many are still to come.
      const share = Math.max(0, (end - performance.now()) / (cards.length - turn + 1));
      if (changesPerFault === undefined) await pause(share * (0.5 + random.next() * 0.5));
      else await this.#writersGoOn(changesPerFault);
      const at = performance.now();
      await faults.do(kind);
      log(`${((at - began) / 1_000).toFixed(0)} s: ${kind}, ${(performance.now() - at).toFixed(0)} ms`);
    }
    if (changesPerFault === undefined) await pause(Math.max(0, end - performance.now()));
    else await this.#writersGoOn(changesPerFault);
    await faults.over();
    await Promise.all(this.#site.slots.map((slot) => slot.ready()));
  }

  async #writersGoOn(changes: number): Promise<void> {
    const enough = this.#notes.certain.length + changes;
    await this.#until(`${changes} more changes`, 60, () => this.#notes.certain.length >= enough);
  }

  /** Waits until the screens are as the table, or as long as they may take; then judges. */
  async #settle(): Promise<number> {
    const { patience } = this.#options;
    const rows = await this.#table();
    const isEqual = (screen: Screen, shown: ReadonlyMap<number, TableRow>) =>
      screen.isLive &&
      shown.size === rows.size &&
      [...rows].every(([id, row]) => shown.get(id)?.version === row.version);
    await this.#until('', patience, () => this.#taskfeed.every(({ screen, feed }) => isEqual(screen, feed.tasks.rows)));
    for (const { screen, feed } of this.#taskfeed) {
      screen.end(rows, feed.tasks.rows);
      await this.#compareDirectories(screen, feed);
    }
    for (const { screen, rows: shown } of this.#plain) screen.end(rows, shown);
    return rows.size;
  }

  async #compareDirectories(screen: Screen, feed: TaskfeedScreen['feed']): Promise<void> {
    for (const topic of ['systems', 'employees'] as const) {
      const rows = await this.#site.query<{ row: unknown }>(
        `select to_json(d) as row from public.${topic} d order by id`,
      );
      const [shown, due] = [[...feed[topic].rows.values()], rows.map(({ row }) => row)];
      if (JSON.stringify(shown) !== JSON.stringify(due)) screen.violations.push(`${topic} are not as in the table`);
    }
    const tasks = await this.#site.query<{ row: { id: number } }>(
      'select to_json(d) as row from public.task_details d order by id',
    );
    for (const { row } of tasks) {
      const shown = feed.tasks.get(row.id);
      if (JSON.stringify(shown) !== JSON.stringify(row))
        screen.violations.push(`task ${row.id}: ${JSON.stringify(shown)} is not ${JSON.stringify(row)}`);
    }
  }

  async #table(): Promise<Map<number, TableRow>> {
    const rows = await this.#site.query<TableRow>('select id, version, note from public.tasks order by id');
    return new Map(rows.map((row) => [row.id, row]));
  }

  #told(): Pick<CampaignResult, 'crashes' | 'reports'> {
    const crashes: CampaignResult['crashes'] = [];
    const reports: Record<string, number> = {};
    for (const { name, reports: said } of this.#site.slots) {
      const family = name.split(' ')[0];
      for (const { what, reason = '' } of said) {
        reports[`${family}: ${what}`] = (reports[`${family}: ${what}`] ?? 0) + 1;
        if (what === 'crashed') crashes.push({ name, reason });
      }
    }
    return { crashes, reports };
  }

  /** `what` empty: it is no error if it does not come. */
  async #until(what: string, seconds: number, isSo: () => boolean): Promise<void> {
    const end = performance.now() + seconds * 1_000;
    while (!isSo()) {
      if (performance.now() > end) {
        if (what !== '') throw new Error(`not within ${seconds} s: ${what}`);
        return;
      }
      await pause(50);
    }
  }
}

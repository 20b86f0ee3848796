// Twenty writers at once and six clients that are cut off again and again: every committed change reaches every client
// exactly once, and every screen ends up equal to the table. SOAK_SECONDS sets how long, SOAK_SEED repeats the choices
// (not the timing).
import { expect, it } from '@jest/globals';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import type { RunningServer } from '../support/run-server.ts';
import { createScope } from '../support/scope.ts';
import { SoakClient } from './client.ts';
import { Histories } from './history.ts';
import { judge } from './judge.ts';
import { Ledger, type Row, topics } from './ledger.ts';
import { placeOf, sees } from './place.ts';
import { Random } from './random.ts';
import { comeAndGo } from './restless.ts';
import { type Figures, finish, noFigures, seed as plant, Writer } from './writers.ts';

const seconds = Number(process.env['SOAK_SECONDS'] ?? 8);
const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
const writerCount = 20;
const clientCount = 6;

/** On a machine that is slow or busy the run goes on until enough has happened, for so much longer at most, s. */
const patience = 60;

/** Nobody reads more. */
const mostComplaints = 10;

/** Small enough that who was away for long is served by a query, large enough for the others. */
const ringBytes = 512 * 1024;

const scope = createScope();

async function write(database: TestDatabase, options: WriteOptions): Promise<void> {
  const { ledger, random, figures, isVaried } = options;
  const writers: Writer[] = [];
  for (let index = 0; index < writerCount; index += 1) {
    const session = await scope.sql(index % 2 === 0 ? database.url : database.appUrl, 'writer');
    const habits = { isSlowAtFirst: index === 0, waitsForDisk: index % 5 === 0 };
    writers.push(new Writer({ session, ledger, random: random.fork(), figures, ...habits }));
  }
  const began = performance.now();
  const isOver = () => {
    const passed = (performance.now() - began) / 1_000;
    return passed > seconds && (isVaried() || passed > seconds + patience);
  };
  await Promise.all(writers.map((writer) => writer.run(isOver)));
}

interface WriteOptions {
  ledger: Ledger;
  random: Random;
  figures: Figures;
  isVaried: () => boolean;
}

const sources = { task: 'task_details', system: 'systems', employee: 'employees' };

async function table(database: TestDatabase): Promise<Record<string, Row[]>> {
  const session = await scope.sql(database.url);
  await session.query(`set timezone = 'UTC'`);
  const tables: Record<string, Row[]> = {};
  for (const topic of topics) {
    const { rows } = await session.query<{ row: Row }>(`select to_json(d) as row from ${sources[topic]} d order by id`);
    tables[topic] = rows.map(({ row }) => row);
  }
  return tables;
}

function report(figures: Figures, clients: SoakClient[], server: RunningServer, verdicts: ReturnType<typeof judge>[]) {
  const of = (name: keyof SoakClient['figures']) => sum(clients.map((client) => client.figures[name]));
  const byQuery = server.server.feed.replayQueries;
  const judged = (name: 'told' | 'again' | 'void' | 'acrossLives') => sum(verdicts.map((verdict) => verdict[name]));
  const lines = [
    `soak: ${seconds} s, seed ${seed}, ${writerCount} writers, ${clientCount} clients`,
    `  committed ${figures.committed} transactions with ${figures.changes} changes, and ${figures.empty} without any`,
    `  rolled back ${figures.rolledBack} (${figures.failed} because of another writer), to a savepoint ${figures.toSavepoint}`,
    `  held open ${figures.held}, longest committed one ${(figures.longestMs / 1_000).toFixed(2)} s`,
    `  events ${of('events')}: ${judged('told')} changes, ${of('renames')} with count 0, ${judged('acrossLives')} across lives`,
    `  told again after a cut ${judged('void')}, by straddling batches ${judged('again')}, ignored events ${of('ignored')}`,
    `  cuts ${of('cuts')} (${of('cutsWithinBatch')} within a batch), parts of batches without an end ${of('parts')}`,
    `  came back ${of('answered')} times: replay queries ${byQuery}, so at least ${of('answered') - byQuery} from the ring buffer`,
    `  heard out ${of('replayed')} times with something missed, ${of('current')} times without`,
    `  resets ${sum(clients.map(({ resets }) => resets.length))}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

it(
  'tells six restless clients every change that twenty writers commit, once and in order',
  async () => {
    const database = await scope.database();
    const server = await scope.server(database, { ringBytes });
    const psql = await scope.sql(database.url);
    const [ledger, random, figures] = [new Ledger(), new Random(seed), noFigures()];
    await plant(psql, ledger);
    const clients = Array.from({ length: clientCount }, (_, index) => {
      const client = new SoakClient({ url: server.url, isBatch: index % 2 === 1, pageSize: 40 });
      scope.add(async () => client.close());
      return client;
    });

    // What has gone wrong already need not go on.
    const isWrong = () => clients.some(({ complaints, resets }) => complaints.length + resets.length > 0);
    const isVaried = () => isWrong() || lacks(figures, clients, server).length === 0;
    const over = write(database, { ledger, random, figures, isVaried });
    await Promise.all([over, ...clients.map((client) => comeAndGo(client, { random: random.fork(), ledger, over }))]);
    const last = await finish(psql, ledger);
    for (const client of clients) {
      const hasEnded = () => client.isReady && sees(placeOf(client.cursor), last);
      await eventually('the end has arrived', () => isWrong() || hasEnded());
    }

    const histories = new Histories(ledger);
    const verdicts = clients.map(({ log }) => judge(histories, log));
    report(figures, clients, server, verdicts);
    const found = clients.map(({ log, complaints, resets }, index) => {
      const { violations: byIntervals } = judge(histories, log, { isByIntervalsAlone: true });
      const violations = verdicts[index]?.violations ?? [];
      return { index, violations, byIntervals, complaints: complaints.slice(0, mostComplaints), resets };
    });
    // The seed is compared too, so that it is printed when something fails.
    const nothing = { violations: [], byIntervals: [], complaints: [], resets: [] };
    expect({ seed, found }).toEqual({ seed, found: clients.map((_, index) => ({ index, ...nothing })) });
    const rows = await table(database);
    for (const client of clients) {
      const shown = Object.fromEntries(topics.map((topic) => [topic, client.rows(topic)]));
      expect({ seed, shown }).toEqual({ seed, shown: rows });
    }
    expect({ seed, lacks: lacks(figures, clients, server) }).toEqual({ seed, lacks: [] });
  },
  (seconds + patience + 180) * 1_000,
);

// A run in which nothing happened proves nothing.
function lacks(figures: Figures, clients: SoakClient[], server: RunningServer): string[] {
  const of = (name: keyof SoakClient['figures']) => clients.map((client) => client.figures[name]);
  const byQuery = server.server.feed.replayQueries;
  const enough = {
    transactions: figures.committed >= 200,
    rollbacks: figures.rolledBack - figures.failed >= 20,
    savepoints: figures.toSavepoint >= 20,
    'a transaction held open': figures.longestMs >= 2_000,
    renames: sum(of('renames')) >= 100,
    'cuts of every client': Math.min(...of('cuts')) >= 2,
    'something missed by every client': Math.min(...of('replayed')) >= 1,
    'a cut within a batch of events': clients.some(({ isBatch, figures }) => !isBatch && figures.cutsWithinBatch > 0),
    'a cut between parts of a batch': clients.some(({ isBatch, figures }) => isBatch && figures.cutsWithinBatch > 0),
    'clients served by a query': byQuery >= 1,
    'clients served from the ring buffer': sum(of('answered')) > byQuery,
  };
  return Object.entries(enough).flatMap(([what, isEnough]) => (isEnough ? [] : [what]));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

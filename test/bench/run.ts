// `npm run bench [-- --quick] [-- --check] [-- --drains]`: see docs/performance.md.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ClientsHandlers } from './clients-child.ts';
import { measureDrains } from './drains.ts';
import { measureFanOut } from './fan-out.ts';
import type { FeedHandlers } from './feed-child.ts';
import { describeDisturbance, watchOthers } from './foreign.ts';
import { describeMachine } from './machine.ts';
import { findPgbench } from './pgbench.ts';
import { type Column, columns, fullPlan, isMeasured, type Plan, quickPlan, type Row } from './plan.ts';
import { judge, printResult, summarise, writeReport } from './report.ts';
import { type Crew, type Outcome, playRound } from './round.ts';
import { openSite, settings } from './site.ts';
import { Worker } from './workers.ts';
import { measureWriterCost } from './writer-cost.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    drains: { type: 'boolean', default: false },
    'fan-out': { type: 'boolean', default: false },
    'writer-cost': { type: 'boolean', default: false },
    /** Rows in the journal for --drains, comma-separated. */
    journal: { type: 'string', default: '100000,1000000' },
    /** Titles of rows or names of columns to measure alone; nothing is written to docs. */
    only: { type: 'string' },
    /** Rounds instead of the plan's; nothing is written to docs then either. */
    rounds: { type: 'string' },
    /** File for all numbers of every round. */
    json: { type: 'string' },
  },
});

async function compare(plan: Plan, pgbench: string): Promise<void> {
  const began = performance.now();
  const only = flags.only?.split(';');
  const isWanted = (name: string, all: readonly string[]) =>
    only === undefined || !only.some((wanted) => all.includes(wanted)) || only.includes(name);
  const titles = plan.rows.map(({ title }) => title);
  const chosen = columns.filter((column) => isWanted(column, columns) && !(flags.quick && column === 'bare'));
  const rows = plan.rows.filter(({ title }) => isWanted(title, titles));
  const site = await openSite(chosen);
  const delivering = chosen.filter((column) => column !== 'bare');
  const feeds = new Map<Column, Worker<FeedHandlers>>(
    delivering.map((column) => [column, new Worker('feed-child.ts')]),
  );
  const clients = new Worker<ClientsHandlers>('clients-child.ts');
  const crew: Crew = { site, pgbench, feeds, clients };
  const machine = describeMachine(site.version, pgbench);
  try {
    console.log(`settings: ${JSON.stringify(settings)}`);
    if (!flags.quick) await warmUp(crew, chosen);
    const outcomes = await playAll(crew, { ...plan, rows }, chosen);
    if (flags.json !== undefined) await writeFile(flags.json, JSON.stringify(outcomes));
    const cells = summarise(outcomes);
    const seconds = Math.round((performance.now() - began) / 1000);
    const verdicts = judge(cells);
    const result = { cells, verdicts, machine: machine(), plan: { ...plan, rows }, seconds };
    printResult(result);
    if (!flags.quick && only === undefined && flags.rounds === undefined) await writeReport(result);
    // The usual way is known to go wrong now and then: that is told, and is no fault of this run.
    if (cells.some(({ column, faults }) => column !== 'emit' && faults.length > 0)) process.exitCode = 1;
    if (flags.check && verdicts.some(({ isMet }) => !isMet)) process.exitCode = 1;
  } finally {
    await Promise.all([...feeds.values(), clients].map((worker) => worker.close()));
    await site.close();
  }
}

// Nobody's first round is spent on compiling: Node takes seconds to compile what runs often. Its numbers are thrown away.
async function warmUp(crew: Crew, chosen: readonly Column[]): Promise<void> {
  const rows = ['16 writers', '500 writes/s'].map((title) => fullPlan.rows.find((row) => row.title === title) as Row);
  for (const column of chosen) {
    const row = rows.find((one) => isMeasured(column, one)) as Row;
    await playRound(crew, { ...row, seconds: 4 }, column, 0);
  }
}

// Rounds go over all columns in turn, beginning with another one each time, so that what disturbs the machine for a
// while disturbs all of them.
async function playAll(crew: Crew, plan: Plan, chosen: readonly Column[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const others = watchOthers(crew.site.server.pid);
  let number = 0;
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const row of plan.rows) {
      const turn = chosen.map((_, index) => chosen[(index + round) % chosen.length] as Column);
      for (const column of turn) {
        if (!isMeasured(column, row)) continue;
        number += 1;
        others();
        const outcome = await playRound(crew, row, column, number);
        outcome.disturbance = others();
        outcomes.push(outcome);
        const backlog = outcome.backlogMs === undefined ? '' : `, backlog ${outcome.backlogMs.toFixed(0)} ms`;
        const share = describeDisturbance(outcome.disturbance);
        const wrong = outcome.faults.map((fault) => ` WRONG: ${fault}`).join('');
        console.log(
          `${round + 1}/${plan.rounds} ${row.title}, ${column}: ${outcome.tps.toFixed(0)} tps${backlog}${share}${wrong}`,
        );
      }
    }
  }
  return outcomes;
}

const pgbench = findPgbench();
if (flags['writer-cost']) await measureWriterCost(Number(flags.rounds ?? 25));
else if (flags['fan-out']) {
  const areMet = await measureFanOut({
    clients: [100, 1_000, 4_000],
    rounds: Number(flags.rounds ?? (flags.quick ? 2 : 9)),
    deliveries: flags.quick ? 100_000 : 300_000,
    isWritten: !flags.quick && flags.rounds === undefined,
  });
  if (flags.check && !areMet) process.exitCode = 1;
} else if (flags.drains) await measureDrains(flags.journal.split(',').map(Number));
else if (pgbench === undefined) console.log('not run: pgbench is missing (Debian: apt install postgresql-contrib)');
else {
  const plan = flags.quick ? quickPlan : fullPlan;
  await compare(flags.rounds === undefined ? plan : { ...plan, rounds: Number(flags.rounds) }, pgbench);
}

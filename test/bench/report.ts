// From outcomes of rounds to cells (medians over the rounds), verdicts on the bars, and docs/performance.md.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Budget } from './budget.ts';
import { drawChart } from './chart.ts';
import type { FeedFigures } from './feeds/feed.ts';
import { median, percentile, sum } from './figures.ts';
import type { Machine } from './machine.ts';
import { type Bar, bars, type Column, columnTitles, type Plan, type Row } from './plan.ts';
import type { Outcome, Sample } from './round.ts';
import { settings } from './site.ts';

export interface Cell {
  row: Row;
  column: Column;
  tps: number;
  tpsFrom: number;
  tpsTo: number;
  /** Median; infinite if the backlog was not worked off in the time allowed. */
  backlogMs: number;
  /** Rounds in which everything was delivered within a second of the writers' end. */
  inTime: number;
  rounds: number;
  packets: number;
  samples: number;
  missing: number;
  p50: number;
  p95: number;
  p99: number;
  /** The same of what was committed after the round's first moments, `steadyAfterMs`. */
  steady: { p50: number; p99: number };
  /** From when a write was due, not from its commit. */
  fromDue: { p50: number; p99: number };
  max: number;
  /** Microseconds of processor time per commit, medians of the rounds. */
  budget: Budget | undefined;
  figures: (FeedFigures & { commits: number; hotRounds: number; rounds: number }) | undefined;
  /** Median shares of the processors that others used, and that the host did not give. */
  others: number;
  stolen: number;
  faults: string[];
}

export interface Verdict {
  bar: Bar;
  own: number;
  other: number;
  ratio: number;
  isMet: boolean;
}

export interface Result {
  cells: Cell[];
  verdicts: Verdict[];
  machine: Machine;
  plan: Plan;
  seconds: number;
}

/** Whoever starts from sleep has become hot by then, if it will. */
const steadyAfterMs = 500;

export function summarise(outcomes: Outcome[]): Cell[] {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const key = `${outcome.row.title}|${outcome.column}`;
    groups.set(key, [...(groups.get(key) ?? []), outcome]);
  }
  return [...groups.values()].map(toCell);
}

function toCell(outcomes: Outcome[]): Cell {
  const [first] = outcomes as [Outcome];
  const tps = outcomes.map((outcome) => outcome.tps);
  const backlogs = outcomes.map(({ backlogMs = Number.POSITIVE_INFINITY }) => backlogMs);
  const rounds = outcomes.map(({ samples }) => samples).filter(({ length }) => length > 0);
  const over = (share: number, { afterMs = 0, figure = 'ms' as 'ms' | 'fromDueMs' } = {}) => {
    const of = (all: Sample[]) => all.filter(({ at }) => at >= afterMs).map((sample) => sample[figure]);
    return median(rounds.map((all) => percentile(of(all), share)));
  };
  const samples = sum(rounds.map(({ length }) => length));
  const { row, column } = first;
  return {
    row,
    column,
    tps: median(tps),
    tpsFrom: Math.min(...tps),
    tpsTo: Math.max(...tps),
    backlogMs: median(backlogs),
    inTime: backlogs.filter((ms) => ms <= 1_000).length,
    rounds: outcomes.length,
    packets: sum(outcomes.map(({ packets = 0 }) => packets)),
    samples,
    missing: row.kind === 'latency' ? sum(outcomes.map(({ commits }) => commits)) - samples : 0,
    p50: over(0.5),
    p95: over(0.95),
    p99: over(0.99),
    steady: { p50: over(0.5, { afterMs: steadyAfterMs }), p99: over(0.99, { afterMs: steadyAfterMs }) },
    fromDue: { p50: over(0.5, { figure: 'fromDueMs' }), p99: over(0.99, { figure: 'fromDueMs' }) },
    max: Math.max(...rounds.map((all) => all.reduce((most, { ms }) => Math.max(most, ms), 0))),
    budget: perCommit(outcomes),
    figures: addFigures(outcomes),
    others: median(outcomes.flatMap(({ disturbance }) => disturbance?.others ?? [])),
    stolen: median(outcomes.flatMap(({ disturbance }) => disturbance?.stolen ?? [])),
    faults: outcomes.flatMap(({ faults }) => faults),
  };
}

function perCommit(outcomes: Outcome[]): Budget | undefined {
  const told = outcomes.flatMap(({ budget, commits }) => (budget && commits > 0 ? [{ budget, commits }] : []));
  const [first] = told;
  if (!first) return undefined;
  const names = Object.keys(first.budget) as (keyof Budget)[];
  const of = (name: keyof Budget) => median(told.map(({ budget, commits }) => (budget[name] * 1_000) / commits));
  return Object.fromEntries(names.map((name) => [name, of(name)])) as unknown as Budget;
}

function addFigures(outcomes: Outcome[]): Cell['figures'] {
  const told = outcomes.flatMap(({ figures, commits }) => (figures ? [{ ...figures, commits }] : []));
  if (told.length === 0) return undefined;
  const states: Record<string, number> = {};
  for (const figures of told) {
    for (const [state, ms] of Object.entries(figures.states)) states[state] = (states[state] ?? 0) + ms;
  }
  const hotAfter = told.flatMap(({ hotAfterMs }) => hotAfterMs ?? []);
  return {
    hotAfterMs: median(hotAfter),
    hotRounds: hotAfter.length,
    rounds: told.length,
    rings: sum(told.map(({ rings }) => rings)),
    drains: sum(told.map(({ drains }) => drains)),
    commits: sum(told.map(({ commits }) => commits)),
    states,
  };
}

/** The bars whose cells were measured. */
export function judge(cells: Cell[]): Verdict[] {
  return bars.flatMap((bar) => {
    const find = (column: Column) => cells.find((cell) => cell.row.title === bar.row && cell.column === column);
    const own = find('taskfeed')?.[bar.figure];
    const other = find(bar.against)?.[bar.figure];
    if (own === undefined || other === undefined) return [];
    const ratio = own / other;
    return [{ bar, own, other, ratio, isMet: bar.figure === 'tps' ? ratio >= bar.factor : ratio <= bar.factor }];
  });
}

const ms = (value: number) =>
  Number.isNaN(value) ? '–' : Number.isFinite(value) ? `${value.toFixed(value < 10 ? 2 : 0)} ms` : 'never';
const percent = (value: number) => (Number.isNaN(value) ? '–' : `${(value * 100).toFixed(0)} %`);
const count = (value: number) => Math.round(value).toLocaleString('en');

function table(head: string[], lines: string[][]): string {
  const all = [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...lines];
  return all.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

export function throughputTable(cells: Cell[]): string {
  const lines = cells
    .filter(({ row }) => row.kind === 'throughput')
    .map((cell) => [
      cell.row.title,
      columnTitles[cell.column],
      count(cell.tps),
      `${count(cell.tpsFrom)}–${count(cell.tpsTo)}`,
      cell.column === 'bare' ? '–' : `${cell.inTime} of ${cell.rounds}`,
      cell.column === 'bare' ? '–' : ms(cell.backlogMs),
      percent(cell.others),
    ]);
  return table(
    ['writers', 'column', 'commits/s', 'range', 'delivered within 1 s', 'backlog at the end', 'others’ CPU'],
    lines,
  );
}

export function latencyTable(cells: Cell[]): string {
  const others = [`after ${steadyAfterMs / 1_000} s`, 'from due'].flatMap((of) => [`p50 ${of}`, `p99 ${of}`]);
  const lines = cells
    .filter(({ row }) => row.kind === 'latency')
    .map((cell) => [
      cell.row.title,
      columnTitles[cell.column],
      count(cell.tps),
      ...[cell.p50, cell.p95, cell.p99, cell.max, cell.steady.p50, cell.steady.p99].map(ms),
      ...[cell.fromDue.p50, cell.fromDue.p99].map(ms),
      count(cell.samples),
      count(cell.missing),
      percent(cell.others),
    ]);
  return table(
    ['rate', 'column', 'reached', 'p50', 'p95', 'p99', 'max', ...others, 'samples', 'overwritten', 'others’ CPU'],
    lines,
  );
}

export function budgetTable(cells: Cell[]): string {
  const lines = cells.flatMap(({ row, column, budget }) => {
    if (row.kind !== 'throughput' || !budget) return [];
    const { writers, pgbench, sessions, feed, clients, background } = budget;
    const parts = [pgbench, writers, background, sessions, feed, clients];
    return [[row.title, columnTitles[column], ...[...parts, sum(parts)].map((us) => `${us.toFixed(0)} µs`)]];
  });
  const parts = ['pgbench', 'writers’ backends', 'rest of the server', 'feed’s backends', 'feed', '20 clients'];
  return table(['writers', 'column', ...parts, 'in all'], lines);
}

export function stateTable(cells: Cell[]): string {
  const lines = cells.flatMap(({ row, figures }) => {
    if (!figures) return [];
    const total = sum(Object.values(figures.states));
    const share = (state: string) => `${(((figures.states[state] ?? 0) / total) * 100).toFixed(0)} %`;
    const { commits, rings, drains } = figures;
    const counts = [commits, rings, Math.max(commits - rings, 0), drains].map(count);
    const hotAfter = figures.hotRounds > 0 ? ms(figures.hotAfterMs ?? 0) : '–';
    const hotRounds = `${figures.hotRounds} of ${figures.rounds}`;
    return [[row.title, ...counts, ...['asleep', 'hot', 'settling'].map(share), hotRounds, hotAfter]];
  });
  const states = ['asleep', 'hot', 'settling', 'rounds that went hot', 'first ring to hot'];
  return table(['row', 'commits', 'rings', 'rings skipped', 'drains', ...states], lines);
}

export function barTable(verdicts: Verdict[]): string {
  const lines = verdicts.map(({ bar, own, other, ratio, isMet }) => {
    const show = bar.figure === 'tps' ? count : ms;
    const wanted = `${bar.figure === 'tps' ? '≥' : '≤'} ${bar.factor} × ${columnTitles[bar.against]}`;
    const verdict = isMet ? 'met' : '**missed**';
    return [`${bar.row}, ${bar.figure}`, wanted, show(own), show(other), `${ratio.toFixed(2)} ×`, verdict];
  });
  return table(['what', 'bar', 'Taskfeed', 'other', 'ratio', ''], lines);
}

export function printResult({ cells, verdicts, machine, seconds }: Result): void {
  console.log(
    `\n${throughputTable(cells)}\n\n${budgetTable(cells)}\n\n${latencyTable(cells)}\n\n${stateTable(cells)}\n\n${barTable(verdicts)}\n`,
  );
  const stolen = median(cells.map((cell) => cell.stolen).filter((share) => !Number.isNaN(share)));
  console.log(`${JSON.stringify(machine)}, ${seconds} s, stolen by the host: ${percent(stolen)}`);
  for (const { row, column, faults } of cells) {
    for (const fault of faults) console.log(`WRONG: ${row.title}, ${columnTitles[column]}: ${fault}`);
  }
}

/** Replaces what stands between the marks `<!-- measured -->` and `<!-- /measured -->`; the rest is written by hand. */
export async function writeReport(result: Result): Promise<void> {
  const path = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
  await writeFile(path('images/performance.svg'), drawChart(result.cells));
  const before = await readFile(path('performance.md'), 'utf8');
  const parts = before.split(/<!-- \/?measured -->/);
  if (parts.length !== 3) throw new Error('docs/performance.md has lost its marks');
  const measured = `<!-- measured -->\n${describe(result)}\n<!-- /measured -->`;
  await writeFile(path('performance.md'), `${parts[0]}${measured}${parts[2]}`);
}

function describe({ cells, verdicts, machine, plan, seconds }: Result): string {
  const { load, date } = machine;
  const others = median(cells.map((cell) => cell.others).filter((share) => !Number.isNaN(share)));
  const stolen = median(cells.map((cell) => cell.stolen).filter((share) => !Number.isNaN(share)));
  const lengths = [...new Set(plan.rows.map((row) => `${row.seconds} s`))].join(', ');
  const isBusy = load.before > 1 || others > 0.05;
  const faults = cells.flatMap(({ row, column, faults: all }) =>
    all.map((fault) => `- ${row.title}, ${columnTitles[column]}: ${fault}`),
  );
  return `
Measured on ${date}, ${plan.rounds} rounds of ${lengths}, ${seconds} s in all. Load of the machine before the run: ${load.before.toFixed(2)}; processors used by other work during the run: ${percent(others)}, stolen by the host: ${percent(stolen)} (medians of the cells).${isBusy ? ' **Measured while other work ran on the machine**: compare columns, not machines.' : ''}

| | |
| --- | --- |
| processors | ${machine.processors} |
| memory | ${machine.memory} |
| system | ${machine.system} |
| Node.js | ${machine.node} |
| PostgreSQL | ${machine.postgres} |
| writers | ${machine.pgbench} |
| settings | ${Object.entries(settings)
    .map(([name, value]) => `\`${name} = ${value}\``)
    .join(', ')} |

![Commits per second of every column](images/performance.svg)

### The bars

${barTable(verdicts)}

### Throughput

${throughputTable(cells)}

### Processor time per commit, by process

${budgetTable(cells)}

### Latency, from commit to the last of 20 clients

${latencyTable(cells)}

### What Taskfeed's listener did

${stateTable(cells)}

### Deliveries that were wrong

${faults.length > 0 ? faults.join('\n') : 'None: in every round the clients ended with what the table had.'}
`;
}

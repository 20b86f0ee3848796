// The figures of a campaign, for the terminal and for docs/reliability.md.
import { readFile, writeFile } from 'node:fs/promises';
import { percentile, sum } from '../bench/figures.ts';
import type { Machine } from '../bench/machine.ts';
import type { CampaignResult } from './campaign.ts';
import { longestLieMs, type Screen } from './screen.ts';

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const count = (number: number) => number.toLocaleString('en');

export function printResult(result: CampaignResult): void {
  const line = (text: string) => process.stdout.write(`${text}\n`);
  for (const text of [...faultTable(result), '', ...figureTable(result)]) line(text);
  line(`writers: ${JSON.stringify(result.writers)}; certain ${result.certain}, maybe ${result.maybe}`);
  line(`reports: ${JSON.stringify(result.reports)}`);
  for (const { name, reason } of result.crashes) line(`crashed: ${name}: ${reason}`);
  const resets = result.taskfeed.map(
    ({ screen, resets, connections }) => `${screen.name}: ${connections} connections, resets ${JSON.stringify(resets)}`,
  );
  for (const text of resets) line(text);
  for (const { screen } of result.taskfeed)
    for (const text of screen.violations) line(`WRONG: ${screen.name}: ${text}`);
}

/** Between the markers `<!-- chaos -->` and `<!-- /chaos -->` of the document. */
export async function writeReport(path: URL, result: CampaignResult, machine: Machine): Promise<void> {
  const document = await readFile(path, 'utf8');
  const [before, after] = [document.split('<!-- chaos -->')[0], document.split('<!-- /chaos -->')[1]];
  if (before === undefined || after === undefined) throw new Error(`The markers are missing in ${path}.`);
  const text = [
    ...heading(result, machine),
    '',
    ...faultTable(result),
    '',
    ...figureTable(result),
    '',
    ...remarks(result),
  ];
  await writeFile(path, `${before}<!-- chaos -->\n${text.join('\n')}\n<!-- /chaos -->${after}`);
}

function heading(result: CampaignResult, { date, processors, memory, node, load }: Machine): string[] {
  const { seed, writers, certain, maybe, rows } = result;
  return [
    `Measured on ${date}, ${result.seconds} s, seed ${seed}, on ${processors}, ${memory}, Node.js ${node}, PostgreSQL 18, load before ${load.before.toFixed(1)}.`,
    `${count(writers.transactions)} transactions by SQL (${writers.rolledBack} more rolled back), ${count(writers.requests)} requests of the API, ${count(writers.linkRequests)} through links:`,
    `**${count(certain)} changes** whose commit was answered, ${count(maybe)} whose answer was lost; ${count(rows)} rows in the end.`,
  ];
}

function faultTable({ faults }: CampaignResult): string[] {
  const lines = [...faults].map(([kind, { times, bites }]) => {
    const bit = bites.filter((bite) => bite > 0).length;
    return `| ${kind} | ${times} | ${bit} | ${units[kind] ?? ''} ${sum(bites)} |`;
  });
  return ['| fault | times | bit | what it broke, in all |', '| --- | --: | --: | --: |', ...lines];
}

const units: Record<string, string> = {
  'LISTEN backend terminated': 'backends',
  'drain backend terminated': 'backends',
  'sockets cut': 'connections',
  'sockets silent': 'connections',
  'both processes kill -9': 'processes',
  'a process SIGSTOP 5 s': 'processes seen to stand still',
  'one of two kill -9': 'processes',
  'PostgreSQL kill -9': 'servers',
  'PostgreSQL restarted': 'servers',
  'PostgreSQL stop -m immediate': 'servers',
};

function figureTable({ taskfeed, plain }: CampaignResult): string[] {
  const [ours, theirs] = [summarise(taskfeed.map(({ screen }) => screen)), summarise(plain)];
  const rows: [string, (one: Summary) => string][] = [
    ['screens', ({ screens }) => String(screens)],
    ['events told', ({ events }) => count(events)],
    ['loaded anew', ({ snapshots }) => count(snapshots)],
    ['changes of which no event and no snapshot ever told in time (versions left out)', ({ missed }) => count(missed)],
    ['rows that went back, showed what nobody wrote, or differed at the end', ({ wrong }) => count(wrong)],
    [`changes that a screen lacked for over ${longestLieMs / 1_000} s while it said live`, ({ lies }) => count(lies)],
    ['longest time live without a committed change', ({ longestLieMs: ms }) => seconds(ms)],
    ['times stale', ({ stalePeriods }) => count(stalePeriods)],
    ['longest stale period', ({ longestStaleMs }) => seconds(longestStaleMs)],
    ['commit to screen, p50, faults included', ({ p50 }) => `${p50.toFixed(1)} ms`],
    ['commit to screen, p95, faults included', ({ p95 }) => seconds(p95)],
  ];
  const lines = rows.map(([what, value]) => `| ${what} | ${value(ours)} | ${value(theirs)} |`);
  return ['| | Taskfeed | plain loop |', '| --- | --: | --: |', ...lines];
}

function remarks({ taskfeed, crashes, reports }: CampaignResult): string[] {
  const resets: Record<string, number> = {};
  for (const screen of taskfeed) {
    for (const [reason, times] of Object.entries(screen.resets)) resets[reason] = (resets[reason] ?? 0) + times;
  }
  const told = Object.entries(resets).map(([reason, times]) => `${reason} ${times}`);
  const connections = sum(taskfeed.map((screen) => screen.connections));
  return [
    `The Taskfeed screens made ${connections} connections and were told to load anew: ${told.join(', ') || 'never'}. Its processes`,
    `were deaf ${reports['Taskfeed: deaf'] ?? 0} times and hot ${reports['Taskfeed: state hot'] ?? 0} times, and ended by themselves ${crashes.filter(({ name }) => name.startsWith('Taskfeed')).length} times.`,
  ];
}

interface Summary {
  screens: number;
  events: number;
  snapshots: number;
  missed: number;
  wrong: number;
  lies: number;
  stalePeriods: number;
  longestLieMs: number;
  longestStaleMs: number;
  p50: number;
  p95: number;
}

function summarise(screens: Screen[]): Summary {
  const all = (name: 'missed' | 'wrong' | 'lies' | 'events' | 'snapshots' | 'stalePeriods') =>
    sum(screens.map(({ figures }) => figures[name]));
  const most = (name: 'longestLieMs' | 'longestStaleMs') => Math.max(...screens.map(({ figures }) => figures[name]));
  const latencies = Float64Array.from(screens.flatMap(({ figures }) => figures.latencies)).sort();
  return {
    screens: screens.length,
    events: all('events'),
    snapshots: all('snapshots'),
    missed: all('missed'),
    wrong: all('wrong'),
    lies: all('lies'),
    stalePeriods: all('stalePeriods'),
    longestLieMs: most('longestLieMs'),
    longestStaleMs: most('longestStaleMs'),
    p50: percentile([...latencies], 0.5),
    p95: percentile([...latencies], 0.95),
  };
}

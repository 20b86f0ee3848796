// `npm run chaos [-- --seconds 600 --seed 1 --rounds 6 --write]`: see docs/reliability.md.
import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine.ts';
import { runCampaign } from './campaign.ts';
import { kinds } from './faults.ts';
import { printResult, writeReport } from './report.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** How often every kind of fault. */
    rounds: { type: 'string', default: '6' },
    /** Write the figures into docs/reliability.md. */
    write: { type: 'boolean', default: false },
  },
});

const log = (line: string) => process.stdout.write(`${line}\n`);
log(`seed ${flags.seed}`);
const machine = describeMachine('PostgreSQL 18', 'pgbench');
const result = await runCampaign({
  seed: Number(flags.seed),
  seconds: Number(flags.seconds),
  rounds: Number(flags.rounds),
  kinds,
  screens: 6,
  writers: { sql: 6, api: 4, link: 2 },
  pauseMs: 60,
  silenceMs: 16_000,
  settings: { fsync: 'on', synchronous_commit: 'on' },
  bulkLimit: 5_000,
  patience: 60,
  log,
});
printResult(result);
if (flags.write) await writeReport(new URL('../../docs/reliability.md', import.meta.url), result, machine());
if (
  result.taskfeed.some(({ screen }) => screen.violations.length > 0) ||
  result.crashes.some(({ name }) => name.startsWith('Taskfeed'))
) {
  process.exitCode = 1;
}

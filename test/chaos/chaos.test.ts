// The short form of `npm run chaos`: processes, connections and PostgreSQL itself go down under the writers, and every
// screen ends equal to the table and has left nothing out. That the judge finds who is wrong is shown in losers.test.ts,
// where that does not depend on the moment. CHAOS_SEED repeats the choices, not the timing.
import { expect, it } from '@jest/globals';
import { runCampaign } from './campaign.ts';
import type { Kind } from './faults.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
const kinds: Kind[] = [
  'LISTEN backend terminated',
  'drain backend terminated',
  'sockets cut',
  'sockets silent',
  'one of two kill -9',
  'PostgreSQL stop -m immediate',
];

it('keeps every screen true to the table while everything goes down', async () => {
  const log: string[] = [];
  const result = await runCampaign({
    seed,
    seconds: 0,
    rounds: 1,
    // By progress and not by time, so that it is the same test on a busy machine.
    changesPerFault: 60,
    kinds,
    screens: 4,
    writers: { sql: 4, api: 2, link: 1 },
    pauseMs: 40,
    silenceMs: 2_000,
    settings: { fsync: 'off' },
    bulkLimit: 5_000,
    patience: 60,
    log: (line) => log.push(line),
  });
  const { taskfeed, crashes, faults } = result;
  const found = taskfeed.map(({ screen: { name, violations } }) => ({ name, violations }));
  // The seed is compared too, so that it is printed when something fails.
  const innocent = found.map(({ name }) => ({ name, violations: [] }));
  expect({ seed, log, found, crashes }).toEqual({ seed, log, found: innocent, crashes: [] });

  const bites = kinds.map((kind) => ({ kind, bit: faults.get(kind)?.bites.filter((bite) => bite > 0).length }));
  expect({ seed, bites }).toEqual({ seed, bites: kinds.map((kind) => ({ kind, bit: 1 })) });
  expect(result.certain).toBeGreaterThan(200);
}, 300_000);
